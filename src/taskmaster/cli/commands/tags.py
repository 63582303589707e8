"""``tamp tags``"""

from __future__ import annotations

import sys

from taskmaster import config
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, cells, fitted, painted, printable
from taskmaster.cli.confirm import confirmed, offered, shown
from taskmaster.errors import Usage
from taskmaster.usecases import tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.usecases.tags import Listed
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp tags",
    "tamp tags list --show-metadata --ready",
    'tamp tags add feature-login --description="The new login"',
    "tamp tags add experiment --copy-from=master",
    "tamp tags add --from-branch",
    "tamp tags use feature-login",
    "tamp tags rename feature-login login",
    "tamp tags copy master backlog",
    "tamp tags remove experiment --yes",
)
# What each action takes: the names after it, and the options that mean something there.
_ACTIONS = {
    "list": ((), ("show_metadata", "ready")),
    "add": (("NAME",), ("description", "copy_from", "copy_from_current", "from_branch")),
    "use": (("NAME",), ()),
    "rename": (("OLD", "NEW"), ()),
    "copy": (("SOURCE", "TARGET"), ("description",)),
    "remove": (("NAME",), ("yes",)),
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="ACTION NAME…",
        help="list (default), add NAME, use NAME, rename OLD NEW, copy SOURCE TARGET, remove NAME",
    )
    parser.add_argument(
        "--show-metadata", action="store_true", help="list: what tags say of themselves"
    )
    parser.add_argument("--ready", action="store_true", help="list: only tags with a ready task")
    parser.add_argument(
        "-d", "--description", metavar="TEXT", default="", help="add, copy: what for"
    )
    parser.add_argument("--copy-from", metavar="TAG", default="", help="add: with this one's tasks")
    parser.add_argument(
        "--copy-from-current", action="store_true", help="add: with the current one's"
    )
    parser.add_argument(
        "--from-branch", action="store_true", help="add: named after the git branch"
    )
    offered(parser, "remove: do not ask")


def run(args: Namespace) -> Answer:
    action, *names = args.words or ["list"]
    if action not in _ACTIONS:
        raise _unknown(action)
    _check(action, names, args)
    return _RUN[action](session.workspace(args), args, names)


def _unknown(action: str) -> Usage:
    import difflib

    near = difflib.get_close_matches(action, _ACTIONS, 1)
    return Usage(
        f"tamp tags has no action {action}",
        hint=f"did you mean {near[0]}?" if near else f"the actions are: {', '.join(_ACTIONS)}",
    )


def _check(action: str, names: Sequence[str], args: Namespace) -> None:
    """Refuse names and options that the action has no use for."""
    wanted, options = _ACTIONS[action]
    if args.from_branch and action == "add":
        wanted = ()
    if len(names) != len(wanted):
        takes = " ".join(wanted) if wanted else "no name"
        raise Usage(
            f"tamp tags {action}{' --from-branch' * args.from_branch} takes {takes}",
            hint=f"for example: {_example(action)}",
        )
    for every in dict.fromkeys(option for _, them in _ACTIONS.values() for option in them):
        if getattr(args, every) and every not in options:
            flag = f"--{every.replace('_', '-')}"
            raise Usage(f"{flag} means nothing to tamp tags {action}", hint="leave it out")
    if args.copy_from and args.copy_from_current:
        raise Usage(
            "--copy-from and --copy-from-current exclude each other", hint="use one of them"
        )


def _example(action: str) -> str:
    return next(line for line in EXAMPLES if line.startswith(f"tamp tags {action}"))


def _list(ws: Workspace, args: Namespace, _names: Sequence[str]) -> Answer:
    found = tags.listed(ws, ready=args.ready)
    data = {
        "tags": [tags.listed_to_json(one, metadata=args.show_metadata) for one in found],
        "currentTag": ws.tag,
        "totalTags": len(found),
        "storageType": ws.store.kind,
    }
    notes = []
    if not args.ready and not any(one.current for one in found):
        notes.append(
            f"the current tag {ws.tag} is not there; `tamp tags use {found[0].name}` takes another"
        )
    return Answer("tags.v1", data, _table(found, metadata=args.show_metadata), notes=notes)


def _table(found: Sequence[Listed], *, metadata: bool) -> list[str]:
    if not found:
        return ["no tag holds a task that is ready"]
    room = max(cells(printable(one.name)) for one in found)
    lines = [painted(f"  {'tag'.ljust(room)}  tasks  complete  ready", "dim")]
    for one in found:
        name = fitted(one.name, max(room, 3))
        counts = f"{sum(one.statuses.values()):5}  {one.complete:8}  {one.ready:5}"
        mark = "*" if one.current else " "
        lines.append(f"{mark} {painted(name, 'bold') if one.current else name}  {counts}")
        if metadata:
            lines += [f"    {key}: {printable(str(value))}" for key, value in one.metadata.items()]
    return lines


def _add(ws: Workspace, args: Namespace, names: Sequence[str]) -> Answer:
    name = names[0] if names else tags.branch_name(config.branch(session.project(args)))
    source = ws.tag if args.copy_from_current else args.copy_from
    copied = tags.add(ws, name, description=args.description, copy_from=source)
    data = {
        "success": True,
        "tagName": name,
        "created": True,
        "tasksCopied": copied,
        "sourceTag": source or None,
        "tag": name,
        "storageType": ws.store.kind,
    }
    came = f" with {_tasks(copied)} from {source}" if source else ""
    return Answer("tag.v1", data, [f"added tag {name}{came}", f"work on it: tamp tags use {name}"])


def _copy(ws: Workspace, args: Namespace, names: Sequence[str]) -> Answer:
    source, target = names
    copied = tags.copy(ws, source, target, description=args.description)
    data = {
        "success": True,
        "sourceName": source,
        "targetName": target,
        "copied": True,
        "tasksCopied": copied,
        "tag": target,
        "storageType": ws.store.kind,
    }
    return Answer("tag.v1", data, [f"copied tag {source} to {target}: {_tasks(copied)}"])


def _use(ws: Workspace, args: Namespace, names: Sequence[str]) -> Answer:
    (name,) = names
    project = session.project(args)
    previous = config.current_tag(project, {})
    count = tags.use(ws, project, name)
    data = {
        "success": True,
        "previousTag": previous,
        "currentTag": name,
        "switched": previous != name,
        "taskCount": count,
        "tag": name,
        "storageType": ws.store.kind,
    }
    place = " in this worktree" if project.worktree else ""
    notes = []
    if ws.tag not in (previous, name):
        notes.append(f"here TAMP_TAG, TASKMASTER_TAG or --tag goes first and names {ws.tag}")
    return Answer(
        "tag.v1", data, [f"the current tag is {name}{place}: {_tasks(count)}"], notes=notes
    )


def _rename(ws: Workspace, args: Namespace, names: Sequence[str]) -> Answer:
    old, new = names
    renamed = tags.rename(ws, session.project(args), old, new)
    data = {
        "success": True,
        "oldName": old,
        "newName": new,
        "renamed": True,
        "taskCount": renamed.tasks,
        "wasCurrentTag": renamed.current,
        "tag": new,
        "storageType": ws.store.kind,
    }
    lines = [f"renamed tag {old} to {new}: {_tasks(renamed.tasks)}"]
    return Answer("tag.v1", data, lines + [f"the current tag is {new}"] * renamed.current)


def _remove(ws: Workspace, args: Namespace, names: Sequence[str]) -> Answer:
    (name,) = names
    agreed = None if args.yes else _agreed(ws, name)
    if agreed is None and not args.yes:
        return Answer("tag.v1", {"success": False, "tagName": name, "deleted": False},
                      ["nothing was removed"])  # fmt: skip
    removed = tags.remove(ws, session.project(args), name, agreed=agreed)
    data = {
        "success": True,
        "tagName": name,
        "deleted": True,
        "tasksDeleted": removed.tasks,
        "wasCurrentTag": removed.current,
        "switchedToTag": config.DEFAULT_TAG if removed.current else None,
        "tag": name,
        "storageType": ws.store.kind,
    }
    lines = [f"removed tag {name} with {_tasks(removed.tasks)}; `tamp undo` brings it back"]
    return Answer("tag.v1", data, lines + ["the current tag is master"] * removed.current)


def _agreed(ws: Workspace, name: str) -> list[str] | None:
    """The ids of tasks that may go: none without a terminal; None when the person says no."""
    if not sys.stdin.isatty():
        return []
    held = tags.going_with(ws, name)
    lines = shown([f"  {task.id}  {printable(task.title)}" for task in held])
    question = "\n".join(
        [f"This removes the tag {name} with {_tasks(len(held))}", *lines, "Go on?"]
    )
    return [task.id for task in held] if confirmed(question) else None


def _tasks(count: int) -> str:
    return f"{count} task{'s' * (count != 1)}"


_RUN = {
    "list": _list,
    "add": _add,
    "use": _use,
    "rename": _rename,
    "copy": _copy,
    "remove": _remove,
}
