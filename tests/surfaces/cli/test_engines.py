"""Whatever keeps the tasks: the command line says the same, word for word."""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.surfaces.cli import story
from tests.surfaces.cli.conftest import Tamp

from taskmaster.cli.table import COMMANDS

NOON = 1_790_000_000.0
# What these show is about the place itself; they have tests of their own, for every engine.
APART = {"backup", "restore", "storage", "db", "uninit", "keys", "serve"}
# They change nothing, so that they can be asked for lines as well.
SEEING = frozenset(
    "coverage list search show next why tree graph waves stats validate-dependencies history doctor"
    " complexity-report complete export".split()
)
PLACES = ("created", "storage", "file", "storageType", "copy", "migration")
PLACE = re.compile(r"^the tasks are in .*\n", re.MULTILINE)


class Answer(NamedTuple):
    """What was said, as far as it is not about where the project and its tasks are."""

    asked: str
    code: int
    out: Any
    err: str


Url = Callable[[str], str]


@pytest.fixture
def url_of(request: pytest.FixtureRequest) -> Url:
    """Where an engine keeps the tasks of a new project."""
    urls = {"file": "file", "sqlite": "sqlite:.taskmaster/tasks/tasks.db"}
    return lambda kind: urls.get(kind) or request.getfixturevalue("database")


Live = Callable[[str, Sequence[str]], list[Answer]]


@pytest.fixture
def live(tmp_path: Path, tamp_here: Tamp, url_of: Url, monkeypatch: pytest.MonkeyPatch) -> Live:
    """What a story is answered where the tasks are kept by the engine of this name."""

    def lived(kind: str, lines: Sequence[str]) -> list[Answer]:
        folder = tmp_path / kind / "notes"
        folder.mkdir(parents=True)
        story.furnish(folder)
        monkeypatch.chdir(folder)
        if kind != "file" and lines is story.STORY:
            keep_in(folder, url=url_of(kind))
        elif lines is not story.STORY:
            (folder / ".taskmaster" / "tasks").mkdir(parents=True)
            text = json.dumps(story.SICK)
            (folder / ".taskmaster" / "tasks" / "tasks.json").write_text(text, encoding="utf-8")
        if kind != "file" and lines is not story.STORY:
            assert tamp_here("storage", "move", f"--to={url_of(kind)}", "--yes").code == 0
        set_clock = partial(monkeypatch.setattr, time, "time")
        return list(answers(folder, tamp_here, lines, set_clock))

    return lived


def keep_in(folder: Path, **storage: str) -> None:
    """What comes with a clone of a project whose tasks are in a database."""
    (folder / ".taskmaster").mkdir()
    (folder / ".taskmaster" / "storage.json").write_text(json.dumps(storage), encoding="utf-8")


def answers(
    folder: Path, tamp: Tamp, lines: Sequence[str], set_clock: Callable[[object], None]
) -> Iterator[Answer]:
    for number, line in enumerate(lines):
        words = shlex.split(line)
        set_clock(lambda moment=NOON + 60 * number: moment)
        for form in (["--json"], []) if seen_twice(line) else (["--json"],):
            said = tamp(*words, *form)
            where = str(folder)
            out = meaning(PLACE.sub("", said.out.replace(where, "<folder>")))
            yield Answer(line, said.code, out, said.err.replace(where, "<folder>"))


def seen_twice(line: str) -> bool:
    return line.split(maxsplit=1)[0] in SEEING and not {"--output", "--fix"} & set(
        re.findall("--[a-z]+", line)
    )


def meaning(text: str) -> Any:  # noqa: ANN401  # any JSON, or the text itself
    """A JSON document as such: the order of the keys of an object means nothing."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return _anywhere(found)


def _anywhere(value: Any) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, list):
        return [_anywhere(one) for one in value]
    if isinstance(value, dict):
        return {key: _anywhere(one) for key, one in value.items() if key not in PLACES}
    return value


def test_the_story_tells_of_every_command() -> None:
    told = {shlex.split(line)[0] for line in story.STORY}

    assert told | APART >= COMMANDS.keys()
    assert not told & APART


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_long_day_is_the_same_on_every_engine(live: Live, kind: str) -> None:
    in_file, in_database = live("file", story.STORY), live(kind, story.STORY)

    assert len(in_file) == len(in_database) > len(story.STORY)
    for one, other in zip(in_file, in_database, strict=True):
        assert other == one, one.asked
    refused = [one.asked for one in in_file if one.code]
    assert len(refused) > 10, "the story tells of refusals too"
    assert not [one for one in in_file if "bug in tamp" in f"{one.out}{one.err}"]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_tasks_that_are_wrong_are_found_shown_and_mended_alike(live: Live, kind: str) -> None:
    in_file, in_database = live("file", story.RECOVERY), live(kind, story.RECOVERY)

    for one, other in zip(in_file, in_database, strict=True):
        assert other == one, one.asked
    assert [one.code for one in in_file if one.asked.startswith("doctor")] == [4, 4, 0, 0, 0, 0]
