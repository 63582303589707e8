"""``tamp validate-dependencies``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, painted, printable
from taskmaster.errors import Invalid
from taskmaster.usecases import dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from taskmaster.domain.faults import Problem
    from taskmaster.usecases.dependencies import Findings

EXAMPLES = (
    "tamp validate-dependencies",
    "tamp validate-dependencies --all-tags --json",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--all-tags", action="store_true", help="look at every tag")


def run(args: Namespace) -> Answer:
    ws = session.workspace(args)
    found = dependencies.validate(ws, all_tags=args.all_tags)
    data = {
        **dependencies.findings_to_json(found),
        "tag": "all" if args.all_tags else ws.tag,
        "storageType": ws.store.kind,
    }
    code = Invalid.exit_code if found.problems else 0
    return Answer("validation.v1", data, _lines(found, all_tags=args.all_tags), code)


def described(problems: Iterable[Problem], *, all_tags: bool) -> list[str]:
    """A line for each problem."""
    return [
        f"{painted(one.kind.ljust(10), 'red')}  {f'{one.tag}: ' if all_tags else ''}"
        f"{printable(one.message)}"
        for one in problems
    ]


def _lines(found: Findings, *, all_tags: bool) -> list[str]:
    looked = (
        f"{found.dependencies} dependencies of {found.tasks} tasks and {found.subtasks} subtasks"
    )
    if not found.problems:
        return [f"{looked}: nothing is wrong"]
    count = len(found.problems)
    total = f"{looked}: {count} {'is' if count == 1 else 'are'} wrong"
    hint = "`tamp fix-dependencies --dry-run` shows how to mend that"
    return [*described(found.problems, all_tags=all_tags), f"{total}; {hint}"]
