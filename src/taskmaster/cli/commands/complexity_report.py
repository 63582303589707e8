"""``tamp complexity-report``"""

from __future__ import annotations

import os

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, fitted, painted, printable, width
from taskmaster.usecases import complexity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from taskmaster.usecases.complexity import Report, Row

EXAMPLES = (
    "tamp complexity-report",
    "tamp complexity-report --tag=v2 --json",
    "tamp complexity-report --file=.taskmaster/reports/task-complexity-report.json",
)
LEAVES = ("--file",)
_HARD, _MEDIUM, _NARROWEST = 8, 5, 20


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-f",
        "--file",
        dest="report",
        default="",
        metavar="PATH",
        help="the report (default: that of the tag in .taskmaster/reports)",
    )


def run(args: Namespace) -> Answer:
    ws = session.workspace(args)
    found = complexity.report(ws, session.project(args).root, args.report)
    data = {
        "file": found.path,
        "meta": dict(found.meta),
        "complexityAnalysis": [_entry(row) for row in found.rows],
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    return Answer("complexity.v1", data, list(_lines(found)))


def _entry(row: Row) -> dict[str, object]:
    return {
        "taskId": row.task_id,
        "taskTitle": row.title,
        "complexityScore": row.score,
        "recommendedSubtasks": row.subtasks,
        "expansionPrompt": row.prompt,
        "reasoning": row.reasoning,
    }


def _lines(found: Report) -> Iterator[str]:
    when = found.meta.get("generatedAt")
    made = f", made {str(when)[:10]}" if isinstance(when, str) else ""
    yield f"{printable(os.path.relpath(found.path))}: {len(found.rows)} analysed{printable(made)}"
    if not found.rows:
        return
    ids = max(2, *(len(printable(row.task_id)) for row in found.rows))
    yield painted(f"{'id'.rjust(ids)}  score  subtasks  title", "dim")
    room = max(width() - ids - 19, _NARROWEST)
    for row in found.rows:
        score = "?" if row.score is None else f"{row.score:g}"
        count = "?" if row.subtasks is None else str(row.subtasks)
        shown = painted(score.rjust(5), _colour(row.score or 0))
        title = fitted(row.title, room).rstrip()
        yield f"{printable(row.task_id).rjust(ids)}  {shown}  {count.rjust(8)}  {title}"


def _colour(score: float) -> str:
    return "red" if score >= _HARD else "yellow" if score >= _MEDIUM else "green"
