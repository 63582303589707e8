"""The doorbell of a project whose listeners look for themselves."""

from __future__ import annotations


class Silent:
    """Rings nobody: where the listeners follow the files or the database themselves."""

    trouble = ""

    def ring(self, number: int) -> None:
        """Nothing to do: the log is there to be read."""

    def close(self) -> None:
        """Nothing is held."""
