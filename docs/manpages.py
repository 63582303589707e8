"""Writes the manual pages from the commands themselves.

``python docs/manpages.py FOLDER`` writes them there; building a wheel runs the hook below, which
puts them into ``share/man/man1``. Nothing of it is kept, so no page can say what no command does.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"


def write(folder: Path) -> list[Path]:
    """Write every page into *folder*."""
    if str(SOURCE) not in sys.path:
        sys.path.insert(0, str(SOURCE))
    from taskmaster.cli import manual

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in manual.pages().items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def hook() -> type | None:
    """What hatchling calls while it builds a wheel, None where it is not installed."""
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    except ImportError:
        return None

    class ManualPages(BuildHookInterface):  # type: ignore[type-arg, misc]  # not installed everywhere
        def initialize(self, version: str, build_data: dict[str, dict[str, str]]) -> None:
            """Add the pages, unless the source itself is installed."""
            if version == "editable":
                return
            for path in write(Path(tempfile.mkdtemp(prefix="tamp-man-"))):
                build_data["shared_data"][str(path)] = f"share/man/man1/{path.name}"

    return ManualPages


ManualPages = hook()

if __name__ == "__main__":
    write(Path(sys.argv[1]))
