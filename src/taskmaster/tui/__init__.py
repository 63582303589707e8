"""The terminal interface: pages of lines over the use cases. Needs the package textual."""
