"""``tamp move``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.errors import Usage
from taskmaster.usecases import carrying, moving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from taskmaster.usecases.moving import Moves
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp move 5 7",
    "tamp move --from=5,6 --to=6,5",
    "tamp move 5.3 5.1",
    "tamp move 5.2 7.1",
    "tamp move 5.2 9",
    "tamp move 5 7.2",
    "tamp move 5 --to-tag=v2 --with-dependencies",
    "tamp move --from=5,6 --from-tag=backlog --to-tag=v2 --renumber",
)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="FROM… TO", help="the same as both options, in this order"
    )
    parser.add_argument("--from", dest="source", default="", metavar="IDS", help="what moves")
    parser.add_argument(
        "--to", default="", metavar="IDS", help="where to: 7 a free id, 7.2 among the subtasks of 7"
    )
    parser.add_argument(
        "--from-tag", default="", metavar="TAG", help="the tag it is in (default: the current one)"
    )
    parser.add_argument("--to-tag", default="", metavar="TAG", help="the tag it goes to")
    parser.add_argument(
        "--with-dependencies", action="store_true", help="take along what it waits for, all the way"
    )
    parser.add_argument(
        "--ignore-dependencies", action="store_true", help="drop waits that would span the tags"
    )
    parser.add_argument(
        "--renumber", action="store_true", help="a free id where the other tag has the same one"
    )


def run(args: Namespace) -> Answer:
    if args.from_tag and args.tag and args.from_tag != args.tag:
        raise Usage(
            "--from-tag and --tag name different tags", hint="--from-tag alone says where from"
        )
    args.tag = args.from_tag or args.tag
    ws = session.workspace(args)
    target = args.to_tag or ws.tag
    sources, targets = _named(args, within=target == ws.tag and not args.to_tag)
    if target == ws.tag and targets:
        _check_terms(args)
        return _answer(ws, target, moving.move(ws, sources, targets))
    terms = carrying.Terms(args.with_dependencies, args.ignore_dependencies, args.renumber, targets)
    return _answer(ws, target, carrying.carry(ws, sources, target, terms))


def _named(args: Namespace, *, within: bool) -> tuple[str, str]:
    """What moves and where to; words without --to-tag end with the places."""
    words = list(args.words)
    targets = args.to
    if not targets and words and within:
        targets = words.pop() if len(words) > 1 or args.source else ""
    sources = ",".join([*([args.source] if args.source else []), *words])
    if not sources or (within and not targets):
        raise Usage(
            "move needs what moves and where to",
            hint="for example: tamp move 5 7, or: tamp move 5 --to-tag=v2",
        )
    return sources, targets


def _check_terms(args: Namespace) -> None:
    for name in ("with_dependencies", "ignore_dependencies", "renumber"):
        if getattr(args, name):
            raise Usage(
                f"--{name.replace('_', '-')} means nothing within a tag",
                hint="leave it out: within a tag every reference follows what it names",
            )


def _answer(ws: Workspace, target: str, moves: Moves) -> Answer:
    across = ws.tag != target
    data = {
        "success": True,
        **moving.moves_to_json(moves),
        "fromTag": ws.tag,
        "toTag": target,
        "tag": ws.tag,
        "storageType": ws.store.kind,
    }
    where = f" in tag {target}" if across else ""
    lines = [
        f"{one.before} is {one.task.id}{where} now: {printable(one.task.title)}"
        if across or one.before != one.task.id
        else f"{one.before} stands at another place now: {printable(one.task.title)}"
        for one in moves.items
    ]
    if moves.redirected:
        lines.append(f"waiting under new ids: {', '.join(moves.redirected)}")
    notes = [f"{one} no longer waits for {other}" for one, other in moves.dropped]
    notes += [
        f"{one} named {other} before there was one{where}, and waits for it now"
        for one, other in moves.found
    ]
    return Answer("moved.v1", data, [*lines, "`tamp undo` takes it back"], notes=notes)
