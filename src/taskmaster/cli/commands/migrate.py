"""``tamp migrate``"""

from __future__ import annotations

import os

from taskmaster import app, config
from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.cli.confirm import agreed, offered
from taskmaster.errors import NotFound
from taskmaster.usecases import migration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.config import Project
    from taskmaster.usecases.migration import Step

EXAMPLES = (
    "tamp migrate --dry-run",
    "tamp migrate",
    "tamp migrate --backup --cleanup --yes",
)
LEAVES = ("--tag",)
_WORDS = {
    "adopt": "bring the tasks over",
    "reshape": "bring the task file into today's shape",
    "blank": "write an empty task list",
    "brought": "was brought over before",
    "copy": "copy",
    "replace": "replace, keeping what is there aside",
    "there": "is there already",
    "kept": "another file is there and stays",
}


def arguments(parser: ArgumentParser) -> None:
    from argparse import BooleanOptionalAction

    parser.add_argument(
        "-f", "--force", action="store_true", help="overwrite what is in the new place (kept aside)"
    )
    parser.add_argument(
        "--backup", action="store_true", help=f"keep a copy of the old files in {migration.ASIDE}"
    )
    parser.add_argument(
        "--cleanup", action=BooleanOptionalAction, default=False, help="take the old files away"
    )
    offered(parser)
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def run(args: Namespace) -> Answer:
    project = _project(args)
    ws = app.workspace(project, os.environ, via="cli")
    archive = app.open_archive(project)
    steps = migration.plan(ws, archive, project, force=args.force)
    left = migration.pending(steps)
    cleaning = args.cleanup and bool(migration.superseded(steps))
    if not left and not cleaning:
        return _answer(project, steps, [], ["everything is in today's layout"])
    if args.dry_run:
        lines = [*_lines(steps), "nothing was changed"]
        return _answer(project, steps, [], lines, dry_run=True)
    if (args.force or cleaning) and not _agreed(args, steps, cleaning=cleaning):
        return _answer(project, steps, [], ["nothing was changed"], success=False)
    migration.carry_out(ws, archive, project, steps, aside=args.backup)
    gone = migration.clean_up(project, steps) if args.cleanup else []
    return _answer(project, steps, gone, [*_lines(steps), *_closing(steps, gone)])


def _project(args: Namespace) -> Project:
    """The project, in the place where today's releases look for it."""
    try:
        found = session.project(args)
    except NotFound:
        root = os.path.abspath(os.path.expanduser(args.project or os.getcwd()))
        if args.file or not os.path.isfile(os.path.join(root, ".taskmasterconfig")):
            raise
        found = config.Project(root, "", os.path.join(root, config.FOLDER), "", legacy=True)
    if not found.legacy or args.file:
        return found._replace(legacy=False)  # A file that is named stays where it is.
    return found._replace(tasks=os.path.join(found.root, config.TASKS), legacy=False)


def _agreed(args: Namespace, steps: Sequence[Step], *, cleaning: bool) -> bool:
    last = ["then the old files are deleted"] if cleaning else []
    return agreed(
        args,
        lambda: "\n".join([*_lines(steps), *last, "Go on?"]),
        without="--force and --cleanup take something away",
    )


def _answer(  # the two flags are keywords with defaults
    project: Project,
    steps: Sequence[Step],
    gone: Sequence[str],
    lines: Sequence[str],
    *,
    success: bool = True,
    dry_run: bool = False,
) -> Answer:
    data = {
        "success": success,
        "dryRun": dry_run,
        "steps": [
            {"action": step.kind, "source": step.source, "target": step.target} for step in steps
        ],
        "removed": list(gone),
        "root": project.root,
    }
    return Answer("migration.v1", data, lines)


def _lines(steps: Sequence[Step]) -> list[str]:
    room = max((len(step.source) for step in steps), default=0)
    return [
        f"{step.source:<{room}}  {_WORDS[step.kind]}"
        + (f" → {step.target}" if step.source != step.target else "")
        for step in steps
    ]


def _closing(steps: Sequence[Step], gone: Sequence[str]) -> list[str]:
    if gone:
        return [f"{len(gone)} old files were taken away"]
    if migration.superseded(steps):
        return ["the old files are still there; `tamp migrate --cleanup` takes them away"]
    return ["what was there before is kept: tamp restore --list"]
