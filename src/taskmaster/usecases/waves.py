"""What several people or agents can work on side by side, now and afterwards."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import waves as domain
from taskmaster.domain.work import open_work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.domain.waves import Stuck
    from taskmaster.workspace import Workspace

    class Wave(NamedTuple):
        """``hours`` is the sum of the estimates, ``unknown`` how many have none."""

        ids: Sequence[str]
        hours: float
        unknown: int

    class Sequenced(NamedTuple):
        """``stuck`` is what is in no wave; ``total`` counts all open work."""

        tag: str
        waves: Sequence[Wave]
        stuck: Sequence[Stuck]
        total: int
        nodes: Mapping[str, Node]

else:
    Wave = namedtuple("Wave", "ids hours unknown")
    Sequenced = namedtuple("Sequenced", "tag waves stuck total nodes")


def waves(ws: Workspace, *, subtasks: bool = False) -> Sequenced:
    """The open work of the current tag in waves: each can begin when those before are complete.

    Raises NotFound for a missing tag.
    """
    with ws.reading() as reader:
        nodes = reader.nodes(ws.tag)
    work = open_work(nodes, subtasks=subtasks)
    found = domain.waves(work, nodes, ws.clock()[:10])
    sequence = [
        Wave(
            wave,
            sum(work.hours.get(one, 0.0) for one in wave),
            sum(one not in work.hours for one in wave),
        )
        for wave in found.waves
    ]
    total = len(work.needs) - len(work.gathers)
    return Sequenced(ws.tag, sequence, found.stuck, total, nodes)


def waves_to_json(found: Sequenced, count: int) -> dict[str, object]:
    """The first *count* waves and what is in none, as every face shows them."""
    shown = enumerate(found.waves[:count], 1)
    return {
        "waves": [_wave_to_json(number, wave, found) for number, wave in shown],
        "stuck": [{"id": one.id, "kind": one.kind, "reason": one.reason} for one in found.stuck],
        "totalWaves": len(found.waves),
        "totalOpen": found.total,
    }


def _wave_to_json(number: int, wave: Wave, found: Sequenced) -> dict[str, object]:
    return {
        "wave": number,
        "ids": list(wave.ids),
        "count": len(wave.ids),
        "estimate": wave.hours,
        "withoutEstimate": wave.unknown,
        "tasks": [
            {"id": one, "title": found.nodes[one].task.title, "status": found.nodes[one].status}
            for one in wave.ids
        ],
    }
