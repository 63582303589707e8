"""Saved views: queries with a name, kept in the project's configuration for everybody."""

from __future__ import annotations

import json
import os
from collections import namedtuple

from taskmaster import config
from taskmaster.domain import grammar
from taskmaster.domain.words import nearest
from taskmaster.errors import Conflict, CorruptStore, Invalid, NotFound
from taskmaster.usecases import arranging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple

    from taskmaster.config import Project
    from taskmaster.workspace import Workspace

    class View(NamedTuple):
        """What to show and how; ``""`` leaves it to the command. All as people write them."""

        where: str = ""
        sort: str = ""
        group: str = ""
        columns: str = ""

else:
    View = namedtuple("View", "where sort group columns", defaults=("", "", "", ""))

SECTION, KEY = "tamp", "views"
LONGEST_NAME = 64
_OLD_FILE = ".taskmasterconfig"


def checked(view: View) -> View:
    """The view, with its query as we write it. Raises Invalid for anything that means nothing."""
    arranging.sort_keys(view.sort)
    arranging.named_fields(view.columns)
    if view.group:
        arranging.group_field(view.group)
    return view._replace(where=str(grammar.parse(view.where)) if view.where else "")


def saved(project: Project) -> dict[str, View]:
    """All views by name, as they are stored; an entry that is no view is left out."""
    found = _views(config.read_json(_path(project)))
    return {name: _of_entry(entry) for name, entry in found.items() if isinstance(entry, dict)}


def find(project: Project, name: str) -> View:
    """The view of this name. Raises NotFound."""
    known = saved(project)
    if name not in known:
        raise _missing(name, known)
    return known[name]


def save(
    ws: Workspace, project: Project, name: str, view: View, *, replace: bool = False
) -> View | None:
    """Keep *view* under *name* and give the one it replaces, if there was one.

    Raises Invalid for a bad name or view, Conflict for a name that is taken unless *replace* says
    so, CorruptStore for a configuration that cannot be read.
    """
    _check_name(name)
    fresh = checked(view)
    with ws.writing("save-view"):  # Nothing changes in the tasks: this keeps other writers out.
        settings = _whole(project)
        known = _views(settings)
        before = known.get(name)
        if before is not None and not replace:
            raise Conflict(
                f"there is a view {name} already",
                hint="--replace saves the new one over it",
                code="view-exists",
            )
        kept = before if isinstance(before, dict) else {}
        entry = {key: value for key, value in kept.items() if key not in View._fields}
        entry |= {key: value for key, value in fresh._asdict().items() if value}
        _write(project, settings, {**known, name: entry})
    return _of_entry(before) if isinstance(before, dict) else None


def remove(ws: Workspace, project: Project, name: str) -> View:
    """Forget the view and give what it was. Raises NotFound, CorruptStore."""
    with ws.writing("remove-view"):
        settings = _whole(project)
        known = dict(_views(settings))
        if name not in known:
            raise _missing(name, known)
        entry = known.pop(name)
        _write(project, settings, known)
    return _of_entry(entry if isinstance(entry, dict) else {})


def _check_name(name: str) -> None:
    fits = name.strip() == name and 0 < len(name) <= LONGEST_NAME and name.isprintable()
    if not fits or name.startswith("-"):
        raise Invalid(
            f"{name[:LONGEST_NAME]!r} cannot name a view",
            hint=f"a name has 1 to {LONGEST_NAME} characters and no blank or hyphen in front",
            code="bad-name",
        )


def _missing(name: str, known: Mapping[str, object]) -> NotFound:
    near = nearest(name, tuple(known))
    names = (
        f"the views are: {', '.join(known)}" if known else "`tamp views save NAME EXPR` makes one"
    )
    return NotFound(
        f"there is no view {name}",
        hint=f"did you mean {near}?" if near else names,
        code="view-not-found",
    )


def _views(settings: Mapping[str, object]) -> Mapping[str, object]:
    section = settings.get(SECTION)
    found = section.get(KEY) if isinstance(section, dict) else None
    return found if isinstance(found, dict) else {}


def _of_entry(entry: Mapping[str, object]) -> View:
    return View(*(str(entry.get(key) or "") for key in View._fields))


def _path(project: Project) -> str:
    """The file that holds the project's settings, or would if there were any.

    A project of the old layout keeps its old file, since a new one would hide the old.
    """
    path = os.path.join(project.root, config.FOLDER, "config.json")
    old = os.path.join(project.root, _OLD_FILE)
    if not os.path.exists(path) and (project.legacy or os.path.exists(old)):
        return old
    return path


def _whole(project: Project) -> dict[str, object]:
    """All settings, to be written back. Raises CorruptStore for what cannot be read whole."""
    path = _path(project)
    try:
        with open(path, encoding="utf-8-sig") as file:
            found = json.load(file)
    except FileNotFoundError:
        found = {}
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(found, dict) or not isinstance(found.get(SECTION, {}), dict):
        raise _unreadable(path, "it does not hold an object")
    return found


def _unreadable(path: str, why: str) -> CorruptStore:
    return CorruptStore(
        f"the settings in {path} cannot be read: {why}",
        hint="mend the file first; nothing was written",
        code="corrupt-config",
    )


def _write(project: Project, settings: dict[str, object], known: Mapping[str, object]) -> None:
    section = settings.get(SECTION)
    section = {**section} if isinstance(section, dict) else {}
    section[KEY] = known
    if not known:
        del section[KEY]
    if not os.path.isdir(os.path.dirname(_path(project))):
        raise NotFound(
            "views are kept in a project's settings, and here is none",
            hint="`tamp init` makes a project",
            code="no-project",
        )
    config.write_json(_path(project), {**settings, SECTION: section})
