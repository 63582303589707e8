"""``tamp views``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, cells, fitted, painted, printable
from taskmaster.errors import Usage
from taskmaster.usecases import views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.config import Project
    from taskmaster.usecases.views import View

EXAMPLES = (
    "tamp views",
    'tamp views save urgent "is:ready priority>=high" --sort=due,id',
    "tamp views save late is:overdue --columns=id,title,due --replace",
    "tamp views show urgent",
    "tamp views remove urgent",
)
# What each action takes: the names after it.
_ACTIONS = {"list": (), "save": ("NAME", "EXPR"), "show": ("NAME",), "remove": ("NAME",)}
_OPTIONS = ("sort", "group", "columns", "replace")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="ACTION NAME…",
        help="list (default), save NAME EXPR, show NAME, remove NAME",
    )
    parser.add_argument("--sort", metavar="KEYS", default="", help="save: priority,-due,id")
    parser.add_argument("--group", metavar="FIELD", default="", help="save: group by this field")
    parser.add_argument("--columns", metavar="NAMES", default="", help="save: id,title,due")
    parser.add_argument("--replace", action="store_true", help="save: over one with this name")


def run(args: Namespace) -> Answer:
    action, *names = args.words or ["list"]
    _check(action, names, args)
    return _RUN[action](args, session.project(args), names)


def _check(action: str, names: Sequence[str], args: Namespace) -> None:
    if action not in _ACTIONS:
        raise _unknown(action)
    wanted = _ACTIONS[action]
    if len(names) != len(wanted):
        raise Usage(
            f"tamp views {action} takes {' and '.join(wanted) or 'no name'}",
            hint="an expression of several terms goes in quotes, for example:"
            ' tamp views save urgent "is:ready priority>=high"',
        )
    for option in _OPTIONS:
        if action != "save" and getattr(args, option):
            raise Usage(f"--{option} means nothing to tamp views {action}", hint="leave it out")


def _unknown(action: str) -> Usage:
    import difflib

    near = difflib.get_close_matches(action, _ACTIONS, 1)
    return Usage(
        f"tamp views has no action {action}",
        hint=f"did you mean {near[0]}?" if near else f"the actions are: {', '.join(_ACTIONS)}",
    )


def _list(_args: Namespace, project: Project, _names: Sequence[str]) -> Answer:
    found = views.saved(project)
    data = {"views": [_entry(name, view) for name, view in found.items()], "total": len(found)}
    room = max((cells(printable(name)) for name in found), default=0)
    lines = [
        f"{painted(fitted(name, room), 'bold')}  {_text(view)}" for name, view in found.items()
    ]
    empty = ["no views are saved yet: tamp views save NAME EXPR"]
    return Answer("views.v1", data, lines or empty)


def _save(args: Namespace, project: Project, names: Sequence[str]) -> Answer:
    name, where = names
    view = views.View(where, args.sort, args.group, args.columns)
    before = views.save(session.workspace(args), project, name, view, replace=args.replace)
    data = {"success": True, "view": _entry(name, views.find(project, name))}
    was = f" over {_text(before)}" if before else ""
    shown = printable(name)
    lines = [f"saved view {shown}{was}", f"see it: tamp list --view {shown}"]
    return Answer("view.v1", data, lines)


def _show(_args: Namespace, project: Project, names: Sequence[str]) -> Answer:
    view = views.find(project, names[0])
    lines = [f"{key:8} {printable(text)}" for key, text in view._asdict().items() if text]
    return Answer("view.v1", {"view": _entry(names[0], view)}, lines or ["every task"])


def _remove(args: Namespace, project: Project, names: Sequence[str]) -> Answer:
    gone = views.remove(session.workspace(args), project, names[0])
    data = {"success": True, "removed": True, "view": _entry(names[0], gone)}
    return Answer("view.v1", data, [f"removed view {printable(names[0])}: {_text(gone)}"])


def _entry(name: str, view: View) -> dict[str, object]:
    given = {key: text for key, text in view._asdict().items() if text or key == "where"}
    return {"name": name, **given}


def _text(view: View) -> str:
    options = {"sort": view.sort, "group": view.group, "columns": view.columns}
    words = [view.where, *(f"--{key}={text}" for key, text in options.items() if text)]
    return printable("  ".join(filter(None, words)))


_RUN = {"list": _list, "save": _save, "show": _show, "remove": _remove}
