"""What every refusal has in common, whatever is wrong with the place where the tasks are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.surfaces.cli.conftest import Project, Said

SECRET = "hunter2"  # noqa: S105  # of nobody
SEEING, CHANGING = ("list",), ("add-task", "One more")
COMMANDS = (SEEING, CHANGING)


class Told(NamedTuple):
    """The exit code and the error that a command ended with."""

    code: int
    error: str
    message: str
    hint: str


def told(tamp: Callable[..., Said], words: Sequence[str]) -> Told:
    """How a command is refused: as JSON and in words the same, in one sentence with a hint."""
    said = tamp(*words, "--json")
    document = said.json
    assert document["schema"] == "tamp/error.v1", document
    error = document["error"]
    assert said.err == "", said.err
    again = tamp(*words)
    assert again.code == said.code != 1
    assert again.out == ""
    # What a library adds, in brackets or behind a colon, may differ from one moment to the next.
    sentence = re.split(r" \(|: ", error["message"])[0]
    assert again.err.startswith(f"error[{error['code']}]: {sentence}")
    assert again.err.endswith(f"\nhint: {error['hint']}\n")
    assert again.err.count("\n") == 2
    for text in (error["message"], error["hint"]):
        assert text
        assert "\n" not in text
        assert SECRET not in text
        assert "Traceback" not in text
        assert "bug in tamp" not in text
    return Told(said.code, error["code"], error["message"], error["hint"])


def kept_at(project: Project, url: str, **more: str) -> None:
    """Let the project say that its tasks are there; its task file has tasks all the same."""
    settings = {"url": url, "project": "notes", **more}
    path = project.folder / ".taskmaster" / "storage.json"
    path.write_text(json.dumps(settings), encoding="utf-8")


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, so that one can see that nothing was changed."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
