"""``tamp waves``"""

from __future__ import annotations

from taskmaster.cli import glyphs, session
from taskmaster.cli.answer import COLOURS, Answer, painted, width
from taskmaster.errors import Usage
from taskmaster.usecases.waves import waves, waves_to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from taskmaster.cli.glyphs import Glyphs
    from taskmaster.usecases.waves import Sequenced, Wave

EXAMPLES = (
    "tamp waves",
    "tamp waves --limit=1 --json",
    "tamp waves --with-subtasks",
)
_NARROWEST = 16
_APART = (
    (("circle", "behind-circle"), "can never begin"),
    (("held", "behind-held"), "held up"),
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-n", "--limit", type=int, default=0, metavar="N", help="only the first N waves"
    )
    parser.add_argument(
        "--with-subtasks", action="store_true", help="subtasks in place of tasks that have some"
    )


def run(args: Namespace) -> Answer:
    if args.limit < 0:
        raise Usage("--limit takes a number from 1", hint="leave it out to see every wave")
    ws = session.workspace(args)
    found = waves(ws, subtasks=args.with_subtasks)
    shown = found.waves[: args.limit or None]
    data = {
        **waves_to_json(found, len(shown)),
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    signs = glyphs.glyphs(args)
    return Answer("waves.v1", data, list(_lines(found, len(shown), signs)))


def _lines(found: Sequenced, count: int, signs: Glyphs) -> Iterator[str]:
    if not found.total and not found.stuck:
        yield "nothing is open: `tamp list` shows what there is"
        return
    for number, wave in enumerate(found.waves[:count], 1):
        yield painted(f"wave {number}: {_sums(number, wave)}", "bold")
        for one in wave.ids:
            yield _task(one, found, signs)
    if count < len(found.waves):
        rest = sum(len(wave.ids) for wave in found.waves[count:])
        yield f"and {rest} more in {len(found.waves) - count} later waves"
    for kinds, title in _APART:
        yield from _apart(found, frozenset(kinds), title, signs)


def _sums(number: int, wave: Wave) -> str:
    parts = [f"{len(wave.ids)} {'now' if number == 1 else 'after that'}"]
    if wave.hours:
        parts.append(f"{wave.hours:g} h")
    if wave.hours and wave.unknown:
        parts.append(f"{wave.unknown} without estimate")
    return ", ".join(parts)


def _task(one: str, found: Sequenced, signs: Glyphs) -> str:
    node = found.nodes[one]
    icon = painted(signs.icons.get(node.status, "?"), COLOURS.get(node.status, ""))
    room = max(width() - len(one) - 6, _NARROWEST)
    return f"  {icon} {one}  {glyphs.cut(node.task.title, room, signs)}"


def _apart(found: Sequenced, kinds: frozenset[str], title: str, signs: Glyphs) -> Iterator[str]:
    members = [one for one in found.stuck if one.kind in kinds]
    if members:
        yield painted(f"{title}: {len(members)}", "bold")
    for one in members:
        yield _task(one.id, found, signs)
        reason = one.reason.replace("→", signs.arrow)
        yield from glyphs.wrapped(reason, width(), "      ")
    if members and "circle" in kinds:
        yield from glyphs.wrapped("`tamp fix-dependencies --dry-run` shows how to mend", width())
