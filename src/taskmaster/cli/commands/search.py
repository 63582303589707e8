"""``tamp search``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import (
    ICONS,
    Answer,
    cells,
    fitted,
    isolated,
    painted,
    printable,
    width,
)
from taskmaster.errors import Usage
from taskmaster.usecases import searching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from taskmaster.domain.query import Query
    from taskmaster.usecases.searching import Hit, Snippet

EXAMPLES = (
    "tamp search login",
    'tamp search "retry queue" timeout',
    "tamp search cache --all-tags --limit=5 --json",
    'tamp search cache --where "is:open priority>=high"',
)
USUAL_LIMIT = 20
_INDENT = "    "
_ELLIPSES = 4


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="WORD", help='all must be there; "two words" are a phrase'
    )
    parser.add_argument("--all-tags", action="store_true", help="the tasks of every tag")
    parser.add_argument("--where", metavar="EXPR", help="only among what this query means")
    parser.add_argument(
        "-n", "--limit", type=int, default=USUAL_LIMIT, metavar="N", help="at most N (0: all)"
    )


def run(args: Namespace) -> Answer:
    if args.limit < 0:
        raise Usage("--limit takes a number from 0")
    ws = session.workspace(args)
    hits, total = searching.search(
        ws, args.words, where=_query(args.where), all_tags=args.all_tags, limit=args.limit
    )
    data = {
        "results": [searching.hit_to_json(hit, args.words) for hit in hits],
        "query": " ".join(args.words),
        "total": total,
        "tag": "all" if args.all_tags else ws.tag,
        "storageType": ws.store.kind,
    }
    lines = list(_lines(hits, args.words, with_tag=args.all_tags))
    if len(hits) < total:
        lines.append(f"{total - len(hits)} more; --limit=0 shows them all")
    return Answer("search.v1", data, lines or ["nothing holds all of these words"])


def _query(text: str | None) -> Query | None:
    from taskmaster.domain import grammar

    return None if text is None else grammar.parse(text)


def _lines(hits: Sequence[Hit], words: Sequence[str], *, with_tag: bool) -> Iterator[str]:
    names = [_name(hit, with_tag=with_tag) for hit in hits]
    room = min(max(map(cells, names), default=0), width() // 3)
    for name, hit in zip(names, hits, strict=True):
        icon = ICONS.get(hit.task.status, "?")
        left = max(width() - room - 4, 1)
        title = isolated(fitted(hit.task.title, left).rstrip())
        yield f"{painted(fitted(name, room), 'bold')}  {icon} {title}"
        if hit.field != "title":
            label = f"{_INDENT}{hit.field}: "
            found = _snippet(hit, words, max(width() - len(label) - _ELLIPSES, 2))
            yield f"{painted(label, 'dim')}{isolated(_marked(found))}"


def _snippet(hit: Hit, words: Sequence[str], room: int) -> Snippet:
    """A snippet of at most *room* columns, ellipses apart; wide characters take two."""
    found = searching.snippet(hit, words, room)
    fits = cells(printable(found.text)) <= room + _ELLIPSES
    return found if fits else searching.snippet(hit, words, room // 2)


def _name(hit: Hit, *, with_tag: bool) -> str:
    return printable(f"{hit.tag} {hit.task.id}" if with_tag else hit.task.id)


def _marked(found: Snippet) -> str:
    """The snippet with its words standing out on a terminal."""
    pieces, place = [], 0
    for start, end in found.spans:
        word = printable(found.text[start:end])
        pieces += [printable(found.text[place:start]), painted(word, "bold", "yellow")]
        place = end
    return "".join(pieces) + printable(found.text[place:])
