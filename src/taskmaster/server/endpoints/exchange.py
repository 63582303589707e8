"""Tasks on their way out and in, and whole copies of them."""

from __future__ import annotations

import itertools
import json
import os
import re
import tempfile
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from taskmaster import app, dump
from taskmaster.domain.parcel import Source
from taskmaster.exchange import detection, json_lines
from taskmaster.server.answer import Answer
from taskmaster.server.endpoint import ADMIN, MANAGE, Body, Group, Query, Tagged
from taskmaster.server.forms import LINE, Status
from taskmaster.server.moment import moment, moment_of
from taskmaster.server.shapes import Object, Shape
from taskmaster.usecases import backups, shipping, transfer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from taskmaster.domain.copies import Copy
    from taskmaster.domain.parcel import Shipment
    from taskmaster.ports import Archive
    from taskmaster.server.call import Call
    from taskmaster.workspace import Workspace

GROUP = Group("exchange")
DUMP, LINES = "dump", "jsonl"
FORMS = {
    "json": ("application/json", "json"),
    LINES: ("application/x-ndjson", "jsonl"),
    "csv": ("text/csv", "csv"),
    "markdown": ("text/markdown", "md"),
    "ical": ("text/calendar", "ics"),
    "html": ("text/html", "html"),
    DUMP: ("application/x-ndjson", "jsonl"),
}
"""What each form is sent as, and how the name of a file ends that holds it."""
_PIECE = 64 * 1024
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class ExportQuery(Tagged):
    """``dump`` is everything there is, with the history; the other forms are the tasks of one tag
    or of all, or those of one status.
    """

    format: Literal["json", "jsonl", "csv", "markdown", "ical", "html", "dump"] = "json"
    status: Status | UnsetType = UNSET
    all_tags: bool = False


@GROUP.get("/export", None, query=ExportQuery, kinds=tuple(dict(FORMS.values())))
def export_tasks(call: Call) -> object:
    """Give the tasks out, in a form for other programs or for people."""
    form = call.query.format
    kind, ending = FORMS[form]
    name = _UNFIT.sub("-", f"{call.served.name}.{ending}")
    answer = Answer(
        kind=f"{kind}; charset=utf-8".encode() if kind.startswith("text/") else kind.encode(),
        headers=[(b"content-disposition", f'attachment; filename="{name}"'.encode())],
    )
    if form == DUMP:
        return answer._replace(pieces=_begun(_dumped(call.ws, call.served.name)))
    shipment = _shipment(call)
    if form == LINES:
        lines = (line.encode() for line in json_lines.lines_of(shipment))
        return answer._replace(pieces=_gathered(lines))
    text = app.writer(form)(shipment).text
    return answer._replace(body=text.encode("utf-8", "replace"))


def _shipment(call: Call) -> Shipment:
    query = call.query
    found = shipping.shipment(
        call.ws,
        call.served.name,
        statuses=[query.status] if query.status else [],
        all_tags=query.all_tags,
    )
    # As long as nothing changes, all who ask get the same.
    return found._replace(time=moment(call.ws))


def _dumped(ws: Workspace, name: str) -> Iterator[bytes]:
    """Read at once, since who takes it slowly must not hold the store meanwhile."""
    with tempfile.TemporaryFile() as file:
        with ws.reading() as reader:
            parts = dump.parts_of(reader, name, ws.store.kind, moment_of(reader))
            file.writelines(dump.lines(parts))
        file.seek(0)
        yield from iter(partial(file.read, _PIECE), b"")


def _gathered(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in pieces that are worth sending."""
    piece = bytearray()
    for line in lines:
        piece += line
        if len(piece) >= _PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _begun(pieces: Iterator[bytes]) -> Iterable[bytes]:
    """The same; what keeps the first of them from being made is raised at once."""
    return itertools.chain([next(pieces)], pieces)


class Import(Body):
    """``content`` is the text of a file in this format, or a list of tasks; ``name`` is what tasks
    call their origin. ``update`` brings changed titles and statuses of known tasks over as well,
    ``fromTag`` takes only one of several tags.
    """

    content: (
        Annotated[str, Meta(max_length=2_000_000, extra_json_schema={"format": "tasks"})]
        | Annotated[list[Object], Meta(max_length=100_000)]
    )
    format: Literal[
        "auto", "json", "jsonl", "csv", "markdown", "ical", "backlog", "beads", "github",
        "taskwarrior", "checklist", "spec-kit", "taskmaster",
    ] = "auto"  # fmt: skip
    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=LINE)] = "import"
    dry_run: bool = False
    update: bool = False
    from_tag: Annotated[str, Meta(max_length=200)] = ""


class Imported(Shape):
    """``tags`` has what became of each task, ``losses`` what could not be carried over."""

    applied: bool
    format: str
    source: str
    added: int
    updated: int
    known: int
    tags: list[Object]
    losses: list[Object]


@GROUP.post("/import", Imported, body=Import, need=MANAGE, status=200)
def import_tasks(call: Call) -> object:
    """Take tasks in, all or none; doing it again adds nothing.

    With ``tag`` they go there, otherwise to the tags that they name.
    """
    body, tag = call.body, call.query.tag
    transfer.check(call.ws, tag)
    text = body.content if isinstance(body.content, str) else json.dumps(body.content)
    source = Source(body.name, {"": text})
    form = detection.format_of(source) if body.format == "auto" else body.format
    take = transfer.preview if body.dry_run else transfer.take_in
    wish = transfer.Wish(tag, body.from_tag, body.update)
    outcome = take(call.ws, app.reader(form)(source), wish)
    data = transfer.outcome_to_json(outcome)
    return {"applied": not body.dry_run, "format": form, "source": body.name, **data}


class Backup(Shape):
    """``path`` is within the project's folder, ``why`` says what it was kept for, ``size`` is in
    bytes.
    """

    name: str
    path: str
    time: str
    why: str
    size: int


class Backups(Shape):
    backups: list[Backup]


@GROUP.get("/backups", Backups, query=Query, need=ADMIN, kept=False)
def list_backups(call: Call) -> object:
    """List the copies of the tasks that are kept, newest first."""
    archive = app.open_archive(call.served.project)
    return {"backups": [_shown(call, archive, one) for one in archive.copies()]}


@GROUP.post("/backups", Backup, query=Query, need=ADMIN)
def create_backup(call: Call) -> object:
    """Keep a copy of the tasks as they are now."""
    archive = app.open_archive(call.served.project)
    return _shown(call, archive, backups.keep(call.ws, archive))


def _shown(call: Call, archive: Archive, copy: Copy) -> Object:
    """A copy; where the project's folder is, is nobody's business elsewhere."""
    path = os.path.relpath(archive.path(copy.name), call.served.project.root)
    return {**backups.copy_to_json(archive, copy), "path": path}
