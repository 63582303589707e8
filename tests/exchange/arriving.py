"""What formats hold, in projects that live in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from taskmaster import app
from taskmaster.domain.parcel import Parcel, Source
from taskmaster.domain.task import Task
from taskmaster.exchange import detection, reading
from taskmaster.usecases import shipping, transfer
from taskmaster.usecases.transfer import Outcome, Wish
from taskmaster.workspace import Workspace

FIXTURES = Path(__file__).parent / "fixtures"


def parcel_of(text: str, form: str, name: str = "file") -> Parcel:
    return app.reader(form)(Source(name, {"": text}))


def fixture(name: str) -> Parcel:
    """A file or folder as the command reads it, its format seen from its content."""
    source = reading.source(detection.inside(str(FIXTURES / name)), name)
    return app.reader(detection.format_of(source))(source)


def taken_in(ws: Workspace, parcel: Parcel, *, update: bool = False, tag: str = "") -> Outcome:
    return transfer.take_in(ws, parcel, Wish(tag=tag, update=update))


def given_out(ws: Workspace, form: str) -> str:
    return app.writer(form)(shipping.shipment(ws, "harbour", all_tags=True)).text


def tasks_of(ws: Workspace, tag: str = "") -> dict[str, Task]:
    with ws.reading() as reader:
        return {name: node.task for name, node in reader.nodes(tag or ws.tag).items()}


def told(outcome: Outcome) -> Mapping[str, tuple[int, str]]:
    """The losses by field."""
    return {one.field: (one.times, one.example) for one in outcome.losses}


def sizes(outcome: Outcome) -> tuple[int, int, int]:
    """How many tasks were added, revised and known."""
    arrivals = outcome.arrivals
    return (
        sum(len(one.added) for one in arrivals),
        sum(len(one.revised) for one in arrivals),
        sum(len(one.known) for one in arrivals),
    )
