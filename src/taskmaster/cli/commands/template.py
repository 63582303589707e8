"""``tamp template``"""

from __future__ import annotations

import sys

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, painted, printable
from taskmaster.cli.confirm import confirmed
from taskmaster.domain import template
from taskmaster.domain.template import Template
from taskmaster.errors import TampError, Usage
from taskmaster.usecases import template_tasks, templates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator, Sequence

    from taskmaster.config import Project

EXAMPLES = (
    "tamp template list",
    "tamp template save release --from=5,7-9 --variable=version=1.4 --default=owner=ann",
    "tamp template show release",
    "tamp template apply release --set=version=2.0 --dry-run",
    "tamp template remove release --yes",
)
# What each action takes: whether a name, and the options that mean something there.
_ACTIONS = {
    "list": (False, ()),
    "show": (True, ()),
    "save": (True, ("from_", "variable", "default", "description", "force")),
    "apply": (True, ("set", "dry_run")),
    "remove": (True, ("yes",)),
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="ACTION NAME",
        help="list (default), show NAME, save NAME, apply NAME, remove NAME",
    )  # fmt: skip
    parser.add_argument(
        "--from", dest="from_", metavar="IDS", default="", help="save: the tasks: 5,7-9"
    )
    for flag, metavar, words in (
        ("--variable", "NAME=TEXT", "save: where the tasks say TEXT, the template has {{NAME}}"),
        ("--default", "NAME=VALUE", "save: what {{NAME}} is where nothing is given"),
        ("--set", "NAME=VALUE", "apply: what {{NAME}} is"),
    ):
        parser.add_argument(flag, metavar=metavar, action="append", default=[], help=words)
    parser.add_argument("-d", "--description", metavar="TEXT", default="", help="save: what for")
    parser.add_argument("--force", action="store_true", help="save: replace the one that is there")
    parser.add_argument("--dry-run", action="store_true", help="apply: only show what would change")
    parser.add_argument("-y", "--yes", action="store_true", help="remove: do not ask")


def run(args: Namespace) -> Answer:
    action, *names = args.words or ["list"]
    if action not in _ACTIONS:
        raise _unknown(action)
    _check(action, names, args)
    return _RUN[action](args, *names)


def _unknown(action: str) -> Usage:
    import difflib

    near = difflib.get_close_matches(action, _ACTIONS, 1)
    hint = f"did you mean {near[0]}?" if near else f"the actions are: {', '.join(_ACTIONS)}"
    return Usage(f"tamp template has no action {action}", hint=hint)


def _check(action: str, names: Sequence[str], args: Namespace) -> None:
    """Refuse names and options that the action has no use for."""
    named, options = _ACTIONS[action]
    if len(names) != named:
        takes = "the name of one template" if named else "no name"
        raise Usage(f"tamp template {action} takes {takes}", hint=f"for example: {_like(action)}")
    for every in dict.fromkeys(option for _, them in _ACTIONS.values() for option in them):
        if getattr(args, every) and every not in options:
            flag = f"--{every.strip('_').replace('_', '-')}"
            raise Usage(f"{flag} means nothing to tamp template {action}", hint="leave it out")
    if action == "save" and not args.from_:
        raise Usage("tamp template save needs --from", hint=f"for example: {_like(action)}")


def _like(action: str) -> str:
    return next(line for line in EXAMPLES if line.startswith(f"tamp template {action}"))


def _pairs(flag: str, given: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not template.NAME.fullmatch(name):
            raise Usage(f"{flag} takes NAME=VALUE, not {one!r}", hint=f"{flag}=version=1.4")
        found[name] = value
    return found


def _list(args: Namespace) -> Answer:
    project = session.project(args)
    entries: list[dict[str, object]] = []
    lines = []
    for name in templates.names(project):
        entry, line = _entry(project, name)
        entries.append(entry)
        lines.append(line)
    none = ["no templates yet: `tamp template save NAME --from=IDS` makes one"]
    return Answer("templates.v1", {"templates": entries}, lines or none)


def _entry(project: Project, name: str) -> tuple[dict[str, object], str]:
    """A row of the listing; one that cannot be used is told with the reason."""
    try:
        found = templates.load(project, name)
    except TampError as error:
        return {"name": name, "error": error.as_json()}, f"{name}  ({printable(error.message)})"
    known = template.variables(found.tasks)
    entry = {
        "name": name,
        "description": found.description,
        "tasks": len(found.tasks),
        "variables": {one: found.defaults.get(one) for one in known},
    }
    noun = f"{len(found.tasks)} task{'s' * (len(found.tasks) != 1)}"
    parts = [painted(name, "bold"), noun]
    parts += [f"variables {', '.join(known)}"] if known else []
    parts += [printable(found.description)] if found.description else []
    return entry, "  ".join(parts)


def _show(args: Namespace, name: str) -> Answer:
    found = templates.load(session.project(args), name)
    data = {"name": name, **templates.to_json(found)}
    return Answer("template.v1", data, list(_described(found)))


def _described(found: Template) -> Iterator[str]:
    yield painted(found.name, "bold") + (
        f"  {printable(found.description)}" if found.description else ""
    )
    for name in template.variables(found.tasks):
        default = found.defaults.get(name)
        yield f"  {{{{{name}}}}}" + (f" = {printable(default)}" if default is not None else "")
    try:
        tasks = template.numbered(found.tasks)
    except template.Misfit as error:
        raise templates.unusable(found.name, str(error)) from None
    for task in tasks:
        for one in (task, *task.subtasks):
            after = f"  after {', '.join(one.dependencies)}" if one.dependencies else ""
            indent = "    " if one.parent else "  "
            yield printable(f"{indent}{one.id}  {one.title}{after}")


def _save(args: Namespace, name: str) -> Answer:
    ws, project = session.workspace(args), session.project(args)
    made = Template(name, args.description, _pairs("--default", args.default), ())
    texts = _pairs("--variable", args.variable)
    saved = templates.save(ws, project, made, args.from_, texts=texts, replace=args.force)
    data = {
        "success": True,
        "name": name,
        **templates.to_json(saved.template),
        "leftOut": [{"taskId": task, "dependency": one} for task, one in saved.lost],
    }
    count = len(saved.template.tasks)
    line = f"kept {count} task{'s' * (count != 1)} as the template {name}"
    lost = [f"that {task} waits for {one} is left out: it is not part of the set"
            for task, one in saved.lost]  # fmt: skip
    return Answer("template.v1", data, [line], notes=lost)


def _apply(args: Namespace, name: str) -> Answer:
    from taskmaster.cli.commands.apply import changed

    ws, project = session.workspace(args), session.project(args)
    found = templates.load(project, name)
    made = template_tasks.apply(ws, found, _pairs("--set", args.set), dry_run=args.dry_run)
    data = {
        "success": True,
        "dryRun": args.dry_run,
        "template": name,
        "tasks": [wire.task_to_json(task) for task in made.tasks],
        "changes": [wire.change_to_json(one) for one in made.changes],
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    if args.dry_run:
        count = f"{len(made.tasks)} task{'s' * (len(made.tasks) != 1)}"
        lines = [*changed(ws, made.changes), f"{count} would be made; nothing was changed"]
    else:
        lines = [f"added task {task.id}: {printable(task.title)}" for task in made.tasks]
        lines.append("`tamp undo` takes them away again together")
    return Answer("template-tasks.v1", data, lines)


def _remove(args: Namespace, name: str) -> Answer:
    project = session.project(args)
    found = templates.load(project, name) if not args.yes else None
    if found and sys.stdin.isatty() and not confirmed(f"Remove the template {name}?"):
        return Answer("template-removed.v1", {"success": False, "name": name},
                      ["nothing was removed"])  # fmt: skip
    templates.remove(project, name)
    data = {"success": True, "name": name}
    return Answer("template-removed.v1", data, [f"removed the template {name}"])


_RUN: dict[str, Callable[..., Answer]] = {
    "list": _list,
    "show": _show,
    "save": _save,
    "apply": _apply,
    "remove": _remove,
}
