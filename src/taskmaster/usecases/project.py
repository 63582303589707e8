"""Making a project: the folder, the settings and an empty task list. Nothing is overwritten."""

from __future__ import annotations

import json
import os
from collections import namedtuple

from taskmaster import config
from taskmaster.domain.settings import defaults
from taskmaster.errors import Invalid, NotFound, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.ports import Store
    from taskmaster.workspace import Workspace

    class Wishes(NamedTuple):
        """What a person may say about the new project; ``""`` for nothing."""

        name: str = ""
        description: str = ""
        version: str = ""
        author: str = ""

    class Piece(NamedTuple):
        """A file (or, with a content of None, a folder) of a project, relative to its root."""

        path: str
        content: str | None

else:
    Wishes = namedtuple("Wishes", "name description version author", defaults=("", "", "", ""))
    Piece = namedtuple("Piece", "path content")

TASKS = config.TASKS
_MARKS = ("tasks", "config.json", "storage.json")
ABSENT, EMPTY, USED = "absent", "empty", "used"
# What a database says in which the project can be made. No database at all is one of them: for an
# engine that cannot make one, making the project tells the same.
_NOT_MADE_YET = ("no-database", "no-such-project", "schema-missing")
_IGNORED_LINE = ".taskmaster/tasks/"
_TASK_LINES = frozenset(("tasks.json", "tasks/", _IGNORED_LINE, ".taskmaster/tasks/tasks.json"))
_EXAMPLE = """\
# What this project is to do

A requirements document can be written in any way. This one shows what helps: headings for the
parts, one requirement in each list entry, and words such as "after" where one thing needs another.
Replace the text with your own, then run:

    tamp parse-prd .taskmaster/docs/prd.md

## Why

Who has which difficulty today, and what is better for them once this is built. A few sentences.

## Requirements

### Accounts

- A visitor can sign up with a mail address and a password.
- A member can sign in and out. The answer to a wrong password does not say which part was wrong.

### Notes

- A member can write, change and delete notes of their own.
- A search finds notes by words in their text, within a second for ten thousand notes.

## What it is built with

The language, the database and whatever else is settled already.

## Order

1. The data model and its tests.
2. Accounts, after the data model.
3. Notes, after accounts; the search comes last.

## How we know that it is done

- Everything above has a test that fails without it.
- A new contributor can run the project after reading one page.

## Not part of it

- Sharing notes with other members.
"""


def missing(root: str, wishes: Wishes, now: str, tasks: str = TASKS) -> list[Piece]:
    """What the project in *root* lacks, in the order in which it is made.

    *tasks* is the task file, ``""`` where the tasks are in no file of the project. Raises Invalid
    for a project in the layout of older releases, which ``migrate`` is for.
    """
    _refuse_older(root)
    wanted = [*pieces(root, wishes, now), *([Piece(tasks, "")] if tasks else [])]
    return [piece for piece in wanted if not os.path.lexists(os.path.join(root, piece.path))]


def pieces(root: str, wishes: Wishes, now: str) -> list[Piece]:
    """All that a project is made of when it is new, beside its tasks."""
    home = config.FOLDER
    return [
        Piece(os.path.join(home, "docs"), None),
        Piece(os.path.join(home, "reports"), None),
        Piece(os.path.join(home, "config.json"), _text(settings(root, wishes))),
        Piece(os.path.join(home, "state.json"), _text(_state(now))),
        Piece(os.path.join(home, "templates", "example_prd.md"), _EXAMPLE),
    ]


def standing(store: Store) -> str:
    """Whether the store holds the project: ``absent``, ``empty`` (nobody has ever worked on it) or
    ``used``. Raises what keeps it from being read.
    """
    try:
        with store.reading() as reader:
            tasks = any(True for tag in reader.tags() for _entry in reader.entries(tag))
            return USED if tasks or reader.last_change() else EMPTY
    except (NotFound, Unavailable) as error:
        if error.code in _NOT_MADE_YET:
            return ABSENT
        raise


def _refuse_older(root: str) -> None:
    new = os.path.join(root, config.FOLDER)
    if any(os.path.exists(os.path.join(new, name)) for name in _MARKS):
        return
    for older in (config.LEGACY_TASKS, ".taskmasterconfig"):
        if os.path.isfile(os.path.join(root, older)):
            raise Invalid(
                f"there is a project in an older layout here: {older}",
                hint="`tamp migrate` brings it into today's layout, with all its tasks",
                code="older-layout",
            )


def create(
    ws: Workspace, root: str, wanted: Sequence[Piece], wishes: Wishes, tasks: str = TASKS
) -> None:
    """Make the *wanted* pieces; *tasks* last, so that a project is there once it is whole."""
    for piece in wanted:
        if piece.path != tasks:
            _make(os.path.join(root, piece.path), piece.content)
    if any(piece.path == tasks for piece in wanted):
        now = ws.clock()
        with ws.writing("init") as writer:
            tag = writer.tags()[0]
            metadata = {
                "created": now,
                "updated": now,
                "description": wishes.description or f"Tasks of {wishes.name or named(root)}",
            }
            writer.describe_tag(tag, {**metadata, **writer.metadata(tag)})


def _make(path: str, content: str | None) -> None:
    if content is None:
        os.makedirs(path, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(content)
    except FileExistsError:
        return  # Somebody made the same project at this moment.


def named(root: str) -> str:
    """The project's name when nobody gave one: that of its folder."""
    return os.path.basename(os.path.abspath(root)) or "project"


def settings(root: str, wishes: Wishes) -> dict[str, object]:
    """The configuration of a new project, as both tools read it."""
    own = {
        "projectVersion": wishes.version,
        "projectDescription": wishes.description,
        "projectAuthor": wishes.author,
    }
    found = defaults(wishes.name or named(root))
    given = {key: value for key, value in own.items() if value}
    shared: dict[str, object] = {}
    for key, value in found["global"].items():  # type: ignore[attr-defined]  # an object
        shared |= {key: value, **(given if key == "projectName" else {})}
    return {**found, "global": shared}


def _state(now: str) -> dict[str, object]:
    return {"currentTag": config.DEFAULT_TAG, "lastSwitched": now, "branchTagMapping": {}}


def _text(value: Mapping[str, object]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def git_rules(text: str, *, keep_tasks: bool) -> str:
    """The text of a ``.gitignore`` with the task file under version control, or not.

    Only lines about tasks are switched, by putting the mark of a comment before them or taking
    it away; a line is added where there is none to switch.
    """
    lines = text.split("\n")
    if keep_tasks:
        return "\n".join([f"# {line}" if line.strip() in _TASK_LINES else line for line in lines])
    if any(line.strip() in _TASK_LINES for line in lines):
        return text
    bare = [line.strip().removeprefix("#").strip() for line in lines]
    commented = [place for place, line in enumerate(bare) if line in _TASK_LINES]
    for place in commented:
        lines[place] = bare[place]
    if commented:
        return "\n".join(lines)
    gap = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{gap}{_IGNORED_LINE}\n"
