"""``tamp coverage``"""

from __future__ import annotations

from taskmaster import app
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, painted, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.domain.coverage import Coverage

EXAMPLES = ("tamp coverage docs/prd.md", "tamp coverage docs/prd.md --json")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("document", metavar="FILE", help="the requirements document")


def run(args: Namespace) -> Answer:
    # Planning brings more than a help text or a refused option should cost.
    from taskmaster.planners.documents import read_document
    from taskmaster.usecases import planning

    ws = session.workspace(args)
    requirements = app.planner("outline").requirements(read_document(args.document))
    found = planning.covered(ws, requirements)
    data = {
        "document": args.document,
        "requirements": len(requirements),
        **planning.coverage_to_json(found),
        "tag": ws.tag,
    }
    return Answer("coverage.v1", data, _lines(found, len(requirements)))


def _lines(found: Coverage, total: int) -> list[str]:
    lines = [f"{len(found.covered)} of {total} requirements are covered"]
    for requirement, tasks in found.covered:
        lines.append(f"  ✓ {printable(requirement.title)}  → {', '.join(tasks)}")
    for requirement in found.uncovered:
        passage = requirement.passage
        words = f"  ✗ {printable(requirement.title)}  (lines {passage.first}-{passage.last})"
        lines.append(painted(words, "red"))
    if found.orphans:
        lines.append(f"tasks that come from nowhere in it: {', '.join(found.orphans)}")
    return lines
