"""``tamp import``"""

from __future__ import annotations

import os

from taskmaster import app
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, painted, printable
from taskmaster.cli.progress import Progress
from taskmaster.exchange import detection, reading
from taskmaster.usecases import transfer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from taskmaster.domain.parcel import Parcel
    from taskmaster.domain.task import Task
    from taskmaster.usecases.transfer import Arrival, Outcome

EXAMPLES = (
    "tamp import .beads/issues.jsonl --dry-run",
    "tamp import backlog --from=backlog",
    "tamp import issues.json --update",
    "tamp import everything.json --from-tag=v2 --tag=master",
    "tamp import - --from=github --tag=triage",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("source", metavar="FILE", help="a file or folder, - for standard input")
    parser.add_argument(
        "--from", dest="form", default="auto", choices=("auto", *app.READERS), metavar="NAME",
        help=f"what it is: {', '.join(app.READERS)} (default: seen from its content)",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="only show what would be imported")
    parser.add_argument(
        "--update", action="store_true",
        help="bring changed titles and statuses and new subtasks of known tasks over as well",
    )  # fmt: skip
    parser.add_argument(
        "--from-tag", metavar="NAME", default="", help="of a file with several tags only this one"
    )


def run(args: Namespace) -> Answer:
    root = session.project(args).root
    ws = session.workspace(args)
    transfer.check(ws, args.tag)
    path = args.source
    if path != "-":
        path = detection.inside(path, args.form)
    source = reading.source(path, _name(path, root))
    form = detection.format_of(source) if args.form == "auto" else args.form
    wish = transfer.Wish(args.tag, args.from_tag, args.update)
    take = transfer.preview if args.dry_run else transfer.take_in
    with Progress(f"reading {printable(source.name)}"):
        parcel = app.reader(form)(source)
        outcome = take(ws, parcel, wish)
    data = {
        "success": True,
        "applied": not args.dry_run,
        "format": form,
        "source": source.name,
        **transfer.outcome_to_json(outcome),
        "storageType": ws.store.kind,
    }
    lines = _lines(outcome, parcel, done=not args.dry_run)
    return Answer("import.v1", data, lines)


def _name(path: str, root: str) -> str:
    """What tasks call their origin: the path from the project's root where it lies inside, so that
    every checkout calls it the same; else the end of the path.
    """
    if path == "-":
        return "standard input"
    full = os.path.realpath(path)
    inside = os.path.relpath(full, os.path.realpath(root)).replace(os.sep, "/")
    if inside.startswith(".."):
        return "/".join(full.replace(os.sep, "/").split("/")[-2:])
    return inside


def _lines(outcome: Outcome, parcel: Parcel, *, done: bool) -> list[str]:
    lines: list[str] = []
    for arrival in outcome.arrivals:
        lines += _arrival_lines(arrival)
    would = "" if done else "would be "
    for arrival in outcome.arrivals:
        made = f", which {'is' if done else 'would be'} new" if arrival.fresh else ""
        counts = [f"{_count(len(arrival.added), 'task')} {would}added to tag {arrival.tag}{made}"]
        counts += [f"{len(arrival.revised)} {would}updated"] if arrival.revised else []
        counts += [f"{len(arrival.known)} were there already"] if arrival.known else []
        lines.append(f"{', '.join(counts)} (from {printable(parcel.document)})")
    if outcome.losses:
        lines.append("not carried over:")
        for one in outcome.losses:
            example = f", for example: {printable(one.example)}" if one.example else ""
            lines.append(f"  {one.times} × {printable(one.field)}{example}")
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _arrival_lines(arrival: Arrival) -> Iterator[str]:
    for name, task in arrival.added:
        yield painted(f"+ {task.id:>3}  {printable(task.title)}", "green")
        yield painted(f"       {'  ·  '.join(_about(task, name))}", "dim")
    for one in arrival.revised:
        yield painted(f"~ {one.before.id:>3}  {printable(one.before.title)}", "yellow")
        for field in one.fields:
            change = f"{printable(field.before)} → {printable(field.after)}"
            yield f"       {field.task} {field.key}: {change}"
        for step in one.steps:
            yield f"       + {printable(step.title)}"


def _about(task: Task, name: str) -> Sequence[str]:
    parts = [task.status, task.priority]
    parts += [f"after {', '.join(task.dependencies)}"] if task.dependencies else []
    parts += [_count(len(task.subtasks), "subtask")] if task.subtasks else []
    origin = transfer.origin_id(task, name)
    parts += [f"was {printable(origin)}"] if origin and origin != task.id else []
    return parts
