"""``tamp export``"""

from __future__ import annotations

import os
import sys

from taskmaster import app
from taskmaster.cli import outputs, session
from taskmaster.cli.answer import Answer
from taskmaster.cli.parser import accepted
from taskmaster.domain.parcel import losses_to_json
from taskmaster.errors import Usage
from taskmaster.usecases import listing, shipping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.domain.parcel import Loss, Rendering, Shipment

EXAMPLES = (
    "tamp export --output=tasks.csv",
    "tamp export --format=markdown 3,5-7",
    "tamp export --format=ical --status=pending,in-progress --output=tasks.ics",
    "tamp export --all-tags --format=json --output=everything.json --force",
)
_ENDINGS = {
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".md": "markdown",
    ".markdown": "markdown", ".ics": "ical", ".html": "html", ".htm": "html",
}  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these tasks: 3,5-7")
    parser.add_argument(
        "--format", dest="form", choices=tuple(app.WRITERS), metavar="NAME",
        help="json, jsonl, csv, markdown, ical or html (default: as the file's name ends,"
        " else json)",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="the file to write (default: print it)"
    )
    parser.add_argument("-s", "--status", metavar="A,B", help="only tasks of these statuses")
    parser.add_argument("--all-tags", action="store_true", help="the tasks of every tag")
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")
    why = "the tasks go to a file of yours, and nothing is sent to anybody"
    accepted(parser, "-I", "--invite", why=why)
    accepted(parser, "--title", "--description", why=why, values=1)


def run(args: Namespace) -> Answer:
    if args.ids and args.all_tags:
        raise Usage(
            "ids name tasks of one tag, and --all-tags means all of them",
            hint="leave one of the two out",
        )
    project = session.project(args)
    form = args.form or _ENDINGS.get(os.path.splitext(args.output)[1].lower(), "json")
    shipment = shipping.shipment(
        session.workspace(args),
        os.path.basename(project.root) or "project",
        task_ids=args.ids,
        statuses=listing.statuses_of(args.status or ""),
        all_tags=args.all_tags,
    )
    rendering = app.writer(form)(shipment)
    notes = _notes(form, rendering.losses)
    if args.output == "-":
        return _printed(args, form, rendering, notes)
    outputs.save(args.output, rendering.text, project, force=args.force)
    return _written(args.output, form, shipment, rendering, notes)


def _notes(form: str, losses: Sequence[Loss]) -> list[str]:
    if not losses:
        return []
    told = ", ".join(f"{one.field} ({one.times})" for one in losses)
    return [f"{form} has no place for: {told}; --format=json keeps everything"]


def _printed(args: Namespace, form: str, rendering: Rendering, notes: Sequence[str]) -> Answer:
    if args.json:
        return Answer("export.v1", _data(form, rendering), [], notes=notes)
    if "\r\n" in rendering.text and hasattr(sys.stdout, "reconfigure"):
        # The text brings its line ends with it: a system with others must not translate them.
        sys.stdout.reconfigure(newline="")
    return Answer("export.v1", {}, rendering.text.removesuffix("\n").split("\n"), notes=notes)


def _data(form: str, rendering: Rendering) -> dict[str, object]:
    if form == "json":
        import json

        document: dict[str, object] = json.loads(rendering.text)
        return {key: value for key, value in document.items() if key != "schema"}
    return {"format": form, "text": rendering.text, "losses": losses_to_json(rendering.losses)}


def _written(
    path: str, form: str, shipment: Shipment, rendering: Rendering, notes: Sequence[str]
) -> Answer:
    tasks = [task for batch in shipment.batches for task in batch.tasks]
    steps = sum(len(task.subtasks) for task in tasks)
    data = {
        "success": True,
        "format": form,
        "path": path,
        "tags": [batch.tag for batch in shipment.batches],
        "tasks": len(tasks),
        "subtasks": steps,
        "losses": losses_to_json(rendering.losses),
    }
    line = f"wrote {len(tasks)} tasks and {steps} subtasks to {path} ({form})"
    return Answer("exported.v1", data, [line], notes=notes)
