"""Writes the reference of all commands from the command table and the parsers themselves.

``python docs/commands.py`` rewrites ``docs/reference/commands.md``; a test compares.
"""

from __future__ import annotations

from pathlib import Path

from taskmaster.cli.parser import parser_of
from taskmaster.cli.table import ALIASES, COMMANDS

PAGE = Path(__file__).parent / "reference" / "commands.md"


def page() -> str:
    """The page as it should be."""
    parts = [
        "# Commands",
        (
            "Every command takes `--json` and then answers with exactly one JSON document on"
            " standard output, with a `schema` key; notes and progress go to standard error. What"
            " the exit codes mean: [exit codes](exit-codes.md)."
        ),
    ]
    for name, (module_name, summary) in COMMANDS.items():
        module = __import__(f"taskmaster.cli.commands.{module_name}", fromlist=["run"])
        text = parser_of(name, module, summary).format_help().rstrip()
        also = [alias for alias, (first, *_rest) in ALIASES.items() if first == name]
        parts += [f"## {name}", f"{summary}."]
        parts += [f"Also: {', '.join(f'`{alias}`' for alias in also)}."] if also else []
        parts.append(f"```text\n{text}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
