"""``tamp storage``"""

from __future__ import annotations

import os

from taskmaster import app, config
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.confirm import agreed, check_answerable, offered
from taskmaster.cli.progress import Progress
from taskmaster.errors import NotFound, Usage
from taskmaster.usecases import files, storage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Mapping, Sequence

    from taskmaster.config import Project, Storage
    from taskmaster.ports import Movable
    from taskmaster.usecases.storage import Contents, Plan

EXAMPLES = (
    "tamp storage",
    "tamp storage show --json",
    "tamp storage move --to=sqlite:.taskmaster/tasks/tasks.db --dry-run",
    "tamp storage move --to=postgresql://ann@db.example/tasks --project-name=notes",
    "tamp storage move --to=file --yes",
    "tamp storage use postgresql://bob@db.example/tasks --project-name=notes",
)
LEAVES = ("--tag",)
# What each action takes: the words after it, and the options that mean something there.
_ACTIONS = {
    "show": ((), ()),
    "move": ((), ("to", "project_name", "dry_run", "restart", "cancel", "yes")),
    "use": (("URL",), ("project_name", "dry_run", "yes")),
}
_UNDECIDED = "moving decides where everybody finds the tasks"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="ACTION",
        help="show (default), move all tasks and their history, use URL: work with what is there",
    )  # fmt: skip
    parser.add_argument(
        "--to", metavar="URL", default="",
        help="move: file, file:PATH, sqlite:PATH or postgresql://USER@HOST/DATABASE",
    )  # fmt: skip
    parser.add_argument(
        "--project-name", metavar="NAME", default="",
        help="what the project is called in a database that holds many (default: as now, else"
        " as its folder)",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument(
        "--restart", action="store_true", help="move: forget what an earlier try has copied"
    )
    parser.add_argument(
        "--cancel", action="store_true", help="move: give up one that was cut short"
    )
    offered(parser)


def run(args: Namespace) -> Answer:
    action, *words = args.words or ["show"]
    if action not in _ACTIONS:
        raise _unknown(action)
    _check(action, words, args)
    project = session.project(args)
    return _RUN[action](args, project, *words)


def _unknown(action: str) -> Usage:
    import difflib

    near = difflib.get_close_matches(action, _ACTIONS, 1)
    hint = f"did you mean {near[0]}?" if near else f"the actions are: {', '.join(_ACTIONS)}"
    return Usage(f"tamp storage has no action {action}", hint=hint)


def _check(action: str, words: Sequence[str], args: Namespace) -> None:
    """Refuse words and options that the action has no use for."""
    wanted, options = _ACTIONS[action]
    example = next(line for line in EXAMPLES[1:] if line.startswith(f"tamp storage {action}"))
    if len(words) != len(wanted):
        takes = " ".join(wanted) or "no further word"
        raise Usage(f"tamp storage {action} takes {takes}", hint=f"for example: {example}")
    for every in dict.fromkeys(option for _, them in _ACTIONS.values() for option in them):
        if getattr(args, every) and every not in options:
            flag = f"--{every.replace('_', '-')}"
            raise Usage(f"{flag} means nothing to tamp storage {action}", hint="leave it out")
    if action == "move" and not args.to:
        raise Usage("tamp storage move needs --to", hint=f"for example: {example}")


def _show(args: Namespace, project: Project) -> Answer:
    del args
    here = config.storage(project, os.environ)
    store = app.store_at(project, here)
    state = storage.state(store)
    data = {
        **_named(project, here),
        "redis": config.without_password(here.redis) or None,
        "replica": config.without_password(here.replica) or None,
        "from": _source(project),
        **state,
    }
    lines = [f"{key:<9} {printable(value)}" for key, value in _shown(data)]
    lines += [f"unusual   {printable(str(one))}" for one in store.oddities()]
    return Answer("storage.v1", data, lines)


def _named(project: Project, found: Storage) -> dict[str, object]:
    return {
        "engine": found.engine,
        "url": config.address(project, found),
        "project": found.project if found.engine != "file" else None,
    }


def _source(project: Project) -> str:
    """What says where the tasks are."""
    if os.environ.get("TAMP_STORAGE"):
        return "TAMP_STORAGE"
    there = os.path.exists(os.path.join(project.root, config.STORAGE))
    return config.STORAGE.replace(os.sep, "/") if there else "default"


def _shown(data: Mapping[str, object]) -> list[tuple[str, str]]:
    last: Mapping[str, str] | None = data["lastChange"]  # type: ignore[assignment]  # as state says
    rows = [
        ("engine", f"{data['engine']} (from {data['from']})"),
        ("place", data["url"]),
        ("project", data["project"]),
        ("holds", _counted(data["tags"], data["tasks"], data["changes"])),
        ("last", last and f"{last['operation']} by {last['by']}, {last['at']}"),
        ("size", _size(data.get("bytes"))),
        ("migration", data.get("migration")),
        ("redis", data["redis"]),
        ("replica", data["replica"]),
        ("moved to", data["movedTo"]),
    ]
    return [(key, str(value)) for key, value in rows if value]


def _counted(tags: object, tasks: object, changes: object) -> str:
    pairs = ((tags, "tag"), (tasks, "task"), (changes, "change"))
    return ", ".join(f"{count} {noun}{'s' * (count != 1)}" for count, noun in pairs)


def _size(count: object) -> str:
    if not isinstance(count, int):
        return ""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def _move(args: Namespace, project: Project) -> Answer:
    here = config.storage(project, os.environ)._replace(replica="")
    there = config.storage_at(project, args.to, args.project_name or here.project)
    successor = config.place(project, there)
    if successor == config.place(project, here):
        raise Usage("the tasks are there already", hint="`tamp storage show` tells where they are")
    source, target = app.store_at(project, here), app.store_at(project, there)
    move = _Moving(args, project, there, source, target)
    if args.cancel:
        return move.cancelled()
    plan = storage.plan(source, target, successor)
    data = {"from": _named(project, here), "to": _named(project, there), **_data(plan.contents)}
    data |= {"leftBehind": list(plan.unseen), "dryRun": args.dry_run}
    if args.dry_run:
        lines = [*_planned(plan, successor), "nothing was changed"]
        return Answer("storage-move.v1", {"success": True, **data}, lines)
    check_answerable(args, _UNDECIDED)
    app.prepare(there)
    final = plan.contents if plan.arrived else move.carried_out(plan)
    if final is None:
        return Answer("storage-move.v1", {"success": False, **data}, ["nothing was changed"])
    if plan.arrived:
        move.settle()
    data |= {"success": True, **_data(final)}
    lines = [f"moved {_described(final)} to {successor}", *_closing(config.place(project, here))]
    lines = [printable(line) for line in lines]
    return Answer("storage-move.v1", data, lines, notes=_notes(args.to))


class _Moving:
    """One move on its way."""

    def __init__(
        self, args: Namespace, project: Project, there: Storage, source: Movable, target: Movable
    ) -> None:
        self._args = args
        self._project = project
        self._there = there
        self._successor = config.place(project, there)
        self._source = source
        self._target = target

    def carried_out(self, plan: Plan) -> Contents | None:
        """What has moved; None when the person at the terminal decides otherwise."""
        intake = self._target.intake()
        if self._args.restart:
            intake.drop()
        with Progress("copying") as progress:
            sent = storage.copy(self._source, intake, progress.at)
        lines = [*_planned(plan, self._successor), f"copied and compared: {_described(sent)}"]
        question = "\n".join([*lines, "From now on the tasks are there. Go on?"])
        if not agreed(self._args, lambda: question, without=_UNDECIDED):
            intake.drop()
            return None
        with Progress("moving") as progress:
            return storage.switch(
                self._source, intake, self._successor, sent, self.settle, progress.at
            )

    def settle(self) -> None:
        _settle(self._project, self._args.to, self._there)

    def cancelled(self) -> Answer:
        left = storage.cancel(self._source, self._target, self._successor)
        lines = [f"what was copied to {self._successor} is forgotten"]
        lines += ["the tasks can be changed again where they are"] * left
        data = {"success": True, "cancelled": True, "reopened": left}
        return Answer("storage-move.v1", data, lines)


def _settle(project: Project, url: str, there: Storage) -> None:
    try:
        config.use_storage(project, url, there)
    except OSError as error:
        raise files.refused(error, os.path.join(project.root, config.STORAGE)) from error


def _data(found: Contents) -> dict[str, object]:
    return found._asdict()


def _described(found: Contents) -> str:
    return f"{_counted(found.tags, found.tasks, found.changes)} (sha256 {found.sha256[:12]})"


def _planned(plan: Plan, successor: str) -> list[str]:
    if plan.arrived:
        return [f"{_described(plan.contents)} are in {successor} already; the settings are left"]
    lines = [f"{_described(plan.contents)} would move to {successor}"]
    if plan.returning:
        lines.append(f"what that held before it was left for {plan.returning} is kept as a copy")
    if plan.unseen:
        lines += ["left behind, where they are now:", *(f"  {one}" for one in plan.unseen)]
    return [printable(line) for line in lines]


def _closing(place: str) -> list[str]:
    lines = [f"{place} is kept as it was and can only be read from now on"]
    return [*lines, "others who work on the project need the new .taskmaster/storage.json"]


def _notes(url: str) -> list[str]:
    notes = []
    if config.without_password(url) != url:
        notes.append("the password is not kept: give it in TAMP_STORAGE, PGPASSWORD or ~/.pgpass")
    if os.environ.get("TAMP_STORAGE"):
        notes.append("TAMP_STORAGE is set and goes before .taskmaster/storage.json: change it too")
    return notes


def _use(args: Namespace, project: Project, url: str) -> Answer:
    here = config.storage(project, os.environ)
    there = config.storage_at(project, url, args.project_name)
    if there.engine == "file" and not os.path.exists(there.address):
        raise NotFound(
            f"there is no task file {there.address}",
            hint="`tamp storage move` brings the tasks there; `tamp init` makes a new project",
            code="no-task-file",
        )
    place = config.place(project, there)
    state = storage.usable(app.store_at(project, there), place)
    counts = {key: state[key] for key in ("tags", "tasks", "changes")}
    data = {**_named(project, there), **counts, "dryRun": args.dry_run}
    found = f"{place}: {_counted(*counts.values())}"
    if args.dry_run:
        return Answer("storage-used.v1", {"success": True, **data}, [found, "nothing was changed"])
    if config.place(project, here) != place and not _left_willingly(args, project, here):
        return Answer("storage-used.v1", {"success": False, **data}, ["nothing was changed"])
    _settle(project, url, there)
    lines = [f"the project works with {found}"]
    return Answer("storage-used.v1", {"success": True, **data}, lines, notes=_notes(url))


def _left_willingly(args: Namespace, project: Project, here: Storage) -> bool:
    """Whether tasks that are here and nowhere else may go out of sight."""
    count = 0 if args.yes else storage.staying(app.store_at(project, here))
    if not count:
        return True
    tasks = f"{count} task{'s' * (count != 1)}"
    said = f"{tasks} in {config.place(project, here)} would no longer be seen"
    return agreed(
        args, lambda: f"{said}; they stay where they are.\nGo on?", without=said,
        hint="`tamp storage move` takes them along into a new place; --yes leaves them",
    )  # fmt: skip


_RUN: dict[str, Callable[..., Answer]] = {"show": _show, "move": _move, "use": _use}
