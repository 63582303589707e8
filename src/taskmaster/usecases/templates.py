"""Templates: keeping a set of tasks under a name, and making tasks from it.

Each is a file ``templates/NAME.json`` beside the log, made to be read and edited by people.
"""

from __future__ import annotations

import json
import os
import re
from collections import namedtuple

from taskmaster import config
from taskmaster.domain import template
from taskmaster.domain.template import Template
from taskmaster.errors import Conflict, Invalid, NotFound
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.config import Project
    from taskmaster.domain.task import Task
    from taskmaster.workspace import Workspace

    class Saved(NamedTuple):
        """A template that was kept, and the edges (waiting, awaited) that lead out of it."""

        template: Template
        lost: Sequence[tuple[str, str]]

else:
    Saved = namedtuple("Saved", "template lost")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")


def _folder(project: Project) -> str:
    return os.path.join(project.home, "templates")


def path_of(project: Project, name: str) -> str:
    """Where the template of this name lies. Raises Invalid for what cannot be a name."""
    if not _NAME.fullmatch(name):
        raise Invalid(
            f"{name!r} cannot be the name of a template",
            hint="a name has letters, digits, - and _, and at most 50 of them",
            code="bad-template-name",
        )
    return os.path.join(_folder(project), f"{name}.json")


def names(project: Project) -> list[str]:
    """The names of all templates, in order."""
    try:
        found = sorted(os.listdir(_folder(project)))
    except OSError:
        return []
    stems = (name.removesuffix(".json") for name in found if name.endswith(".json"))
    return [stem for stem in stems if _NAME.fullmatch(stem)]


def load(project: Project, name: str) -> Template:
    """The template of this name. Raises NotFound, and Invalid for a file that holds none."""
    path = path_of(project, name)
    try:
        with open(path, encoding="utf-8-sig") as file:
            found = json.load(file)
    except FileNotFoundError:
        raise _missing(project, name) from None
    except (OSError, ValueError) as error:
        raise unusable(name, f"its file cannot be read: {error}") from None
    return _of_json(name, found)


def _missing(project: Project, name: str) -> NotFound:
    import difflib

    known = names(project)
    near = difflib.get_close_matches(name, known, 1)
    listing = f"the templates are: {', '.join(known)}" if known else "there are none yet"
    return NotFound(
        f"there is no template {name}",
        hint=f"did you mean {near[0]}?" if near else listing,
        code="template-not-found",
    )


def unusable(name: str, why: str) -> Invalid:
    return Invalid(
        f"the template {name} cannot be used: {why}",
        hint=f"correct the file templates/{name}.json, or save the template again",
        code="bad-template",
    )


def _of_json(name: str, found: object) -> Template:
    tasks = found.get("tasks") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(tasks, list) or not tasks:
        raise unusable(name, "it holds no list of tasks")
    if not all(isinstance(one, dict) for one in tasks):
        raise unusable(name, "one of its tasks is no object")
    given = found.get("variables") or {}
    if not isinstance(given, dict):
        raise unusable(name, "its variables are no object")
    defaults = {key: str(value) for key, value in given.items() if value is not None}
    return Template(name, str(found.get("description") or ""), defaults, tasks)


def to_json(one: Template) -> dict[str, object]:
    """A template as its file has it; a variable without a default is null."""
    variables = {name: one.defaults.get(name) for name in template.variables(one.tasks)}
    return {"description": one.description, "variables": variables, "tasks": list(one.tasks)}


def save(
    ws: Workspace,
    project: Project,
    made: Template,
    task_ids: str,
    *,
    texts: Mapping[str, str],
    replace: bool = False,
) -> Saved:
    """Keep the named tasks as the template *made*, which has no tasks yet.

    Where they say one of *texts*, the template has the variable of that name. Their status, days,
    comments and links are left out, and so is a dependency that leads out of the set. Raises
    NotFound, Conflict for a template that is there unless *replace*, and Invalid for subtasks.
    """
    path = path_of(project, made.name)
    with ws.reading() as reader:
        tasks = selection.chosen(reader, ws.tag, task_ids)
    _check_whole(tasks)
    docs, lost = template.made_from(tasks)
    made = made._replace(tasks=template.with_variables(docs, texts))
    _check_defaults(made)
    if os.path.exists(path) and not replace:
        raise Conflict(
            f"there is a template {made.name} already",
            hint="--force replaces it; `tamp template show` shows what it holds",
            code="template-exists",
        )
    config.write_json(path, to_json(made))
    return Saved(made, lost)


def _check_whole(tasks: Sequence[Task]) -> None:
    steps = [task.id for task in tasks if task.parent]
    if steps:
        raise Invalid(
            f"{', '.join(steps)}: a template holds whole tasks, with their subtasks",
            hint=f"name the whole task: {steps[0].partition('.')[0]}",
            code="not-a-task",
        )


def _check_defaults(made: Template) -> None:
    known = template.variables(made.tasks)
    unknown = [name for name in made.defaults if name not in known]
    if unknown:
        raise unknown_variables(made.name, unknown, known)


def unknown_variables(name: str, unknown: Sequence[str], known: Sequence[str]) -> Invalid:
    listing = f"its variables are: {', '.join(known)}" if known else "it has none"
    return Invalid(
        f"the template {name} has no variable {', '.join(unknown)}",
        hint=listing,
        code="unknown-variable",
        details=list(unknown),
    )


def remove(project: Project, name: str) -> Template:
    """Take a template away and return it. Raises NotFound."""
    found = load(project, name)
    os.remove(path_of(project, name))
    return found
