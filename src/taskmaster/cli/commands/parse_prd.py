"""``tamp parse-prd``"""

from __future__ import annotations

import os

from taskmaster import app
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, painted, printable
from taskmaster.cli.confirm import agreed, offered, shown
from taskmaster.errors import NotFound, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.domain.plan import Plan
    from taskmaster.usecases.planning import Merge
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp parse-prd docs/prd.md",
    "tamp parse-prd docs/prd.md --dry-run",
    "tamp parse-prd docs/prd.md --append --num-tasks=12",
    "tamp parse-prd docs/prd.md --tag=v2 --json",
)
_FOLDERS = (os.path.join(".taskmaster", "docs"), "scripts", "")
_NAMES = ("PRD.md", "prd.md", "PRD.txt", "prd.txt")
_OUTLINE = (
    "made from the document's outline, without a model: read it over, then `tamp edit` what it"
    " misread"
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("document", nargs="?", metavar="FILE", help="the requirements document")
    parser.add_argument("-i", "--input", metavar="FILE", help="the same")
    parser.add_argument(
        "-n", "--num-tasks", type=int, default=0, metavar="N",
        help="about how many tasks (default: as many as the document suggests)",
    )  # fmt: skip
    parser.add_argument("--append", action="store_true", help="add to the tasks that are there")
    parser.add_argument("-f", "--force", action="store_true", help="replace the tag's tasks")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be made")
    parser.add_argument("-o", "--output", dest="file", metavar="PATH", help="the same as --file")
    parser.add_argument("-r", "--research", action="store_true", help="needs a model; see the note")
    offered(parser, "do not ask before replacing")


def run(args: Namespace) -> Answer:
    # Planning brings more than a help text or a refused option should cost.
    from taskmaster.cli.progress import Progress
    from taskmaster.planners.documents import read_document
    from taskmaster.usecases import planning

    mode = _mode(args)
    ws = session.workspace(args)
    document = session.document(args, read_document(_document(args)))
    with Progress(f"reading {printable(document.path)}"):
        plan = app.planner("outline").propose(document, num_tasks=args.num_tasks)
        merge = planning.preview(ws, plan, mode)
    done = not args.dry_run and _agreed(args, ws, merge)
    if done:
        merge, _tasks = planning.apply_plan(ws, plan, mode)
    data = {
        "success": True,
        "applied": done,
        **planning.plan_to_json(plan, merge),
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    notes = [_OUTLINE, *plan.notes]
    if args.research:
        notes.append("--research needs a model, which this release does not call")
    return Answer("plan.v1", data, _lines(plan, merge, ws.tag, done=done), notes=notes)


def _mode(args: Namespace) -> str:
    if args.append and args.force:
        raise Usage("--append and --force exclude each other")
    if args.num_tasks < 0:
        raise Usage("--num-tasks takes a number from 0")
    return "replace" if args.force else "append" if args.append else "new"


def _document(args: Namespace) -> str:
    if args.document and args.input:
        raise Usage("the document is named twice", hint="either as a word or with --input")
    named: str = args.document or args.input or ""
    if named:
        return named
    root = session.project(args).root
    for folder in _FOLDERS:
        for name in _NAMES:
            path = os.path.join(root, folder, name)
            if os.path.isfile(path):
                return os.path.relpath(path)
    raise NotFound(
        "no requirements document was named, and none lies at .taskmaster/docs/prd.md",
        hint="for example: tamp parse-prd docs/prd.md",
        code="no-document",
    )


def _agreed(args: Namespace, ws: Workspace, merge: Merge) -> bool:
    return not merge.removed or agreed(args, lambda: _question(ws, merge))


def _question(ws: Workspace, merge: Merge) -> str:
    lines = [f"  {task.id}  {printable(task.title)}" for task in merge.removed]
    counts = f"{len(merge.removed)} tasks of tag {ws.tag} by {len(merge.added)} new ones"
    return "\n".join([f"This replaces {counts}:", *shown(lines), "Go on?"])


def _lines(plan: Plan, merge: Merge, tag: str, *, done: bool) -> list[str]:
    names = {id(draft): task_id for task_id, draft in (*merge.known, *merge.added)}
    lines = [painted(f"- {task.id:>3}  {printable(task.title)}", "red") for task in merge.removed]
    for task_id, draft in merge.known:
        lines.append(f"= {task_id:>3}  {printable(draft.title)}")
    for task_id, draft in merge.added:
        after = ", ".join(names[id(plan.drafts[number - 1])] for number in draft.after)
        parts = [draft.priority]
        parts += [f"after {after}"] if after else []
        parts += [f"{len(draft.steps)} subtasks"] if draft.steps else []
        parts += [f"lines {', '.join(f'{p.first}-{p.last}' for p in draft.passages)}"]
        lines.append(painted(f"+ {task_id:>3}  {printable(draft.title)}", "green"))
        lines.append(painted(f"       {'  ·  '.join(parts)}", "dim"))
    verb = "made" if done else "would be made"
    counts = [f"{len(merge.added)} tasks {verb} in tag {tag} from {printable(plan.document.path)}"]
    counts += [f"{len(merge.known)} were there already"] if merge.known else []
    counts += [f"{len(merge.removed)} taken away"] if merge.removed else []
    return [*lines, ", ".join(counts)]
