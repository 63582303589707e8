"""Writes the table of the original tool's commands from ``docs/parity.json``.

``python docs/parity.py`` rewrites ``docs/reference/parity.md``; a test compares, and proves each
claim with the real parsers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from taskmaster.cli.elsewhere import ELSEWHERE

PAGE = Path(__file__).parent / "reference" / "parity.md"
DATA = Path(__file__).parent / "parity.json"
HEAD = """# Commands of the original

Every command and every flag of Task Master 0.43, and what becomes of it here.

| word | meaning |
|---|---|
| works | the same name does the same |
| mended | the same name does what it says; the note tells what is better |
| answered | what it needs is not here; the command or flag says so, and what to use instead |

A flag that is *answered* is accepted: the command does its work and says on standard error that the
flag changed nothing, or, where the flag is the whole request, what to use instead.
"""


def entries() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))["commands"]
    return found


def page() -> str:
    """The page as it should be."""
    rows = "\n".join(_row(entry) for entry in entries())
    return (
        f"{HEAD}\n| command | status | flags | answered flags | note |\n|---|---|---|---|---|\n"
        f"{rows}\n\n"
        "Every command takes `--help` and `--json`; `--no-banner` is accepted, as there is none.\n"
    )


def _row(entry: dict[str, Any]) -> str:
    names = ", ".join(f"`{name}`" for name in (entry["name"], *entry.get("aliases", ())))
    cells = (
        names,
        entry["status"],
        _flags(entry["flags"].split()),
        _flags(entry.get("answered", {})),
        _note(entry),
    )
    return f"| {' | '.join(cells)} |"


def _flags(flags: Any) -> str:  # noqa: ANN401  # a list or the keys of an object
    return " ".join(f"`{flag}`" for flag in flags)


def _note(entry: dict[str, Any]) -> str:
    if entry["status"] != "answered":
        return str(entry.get("note", ""))
    found = ELSEWHERE[entry["name"]]
    return f"{found.why}; instead: {', '.join(f'`{line}`' for line in found.instead)}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
