"""``tamp history``"""

from __future__ import annotations

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, fitted, painted, printable
from taskmaster.domain import ids
from taskmaster.domain.changes import ABSENT, last_number
from taskmaster.domain.spelling import means_the_same
from taskmaster.errors import Usage
from taskmaster.usecases import history

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from taskmaster.domain.changes import Change, Transaction
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp history",
    "tamp history 5",
    "tamp history --since=120 --json --limit=0",
    "tamp log --follow",
    "tamp log --follow --since=120 --json",
)
USUAL_LIMIT = 20
_QUIET_FIELDS = ("updatedAt",)
_TITLE_ROOM = 60


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("task", nargs="?", default="", metavar="ID", help="only this task")
    parser.add_argument("--since", type=int, metavar="N", help="only after change N")
    parser.add_argument(
        "-n", "--limit", type=int, metavar="N", help=f"at most N (0: all; else {USUAL_LIMIT})"
    )
    parser.add_argument(
        "--follow", action="store_true", help="stay, and tell every change as it is made"
    )


def run(args: Namespace) -> Answer:
    if (args.since or 0) < 0 or (args.limit or 0) < 0:
        raise Usage("--since and --limit take numbers from 0")
    ws = session.workspace(args)
    task_id = ids.normal(args.task)
    if args.follow:
        return _follow(ws, args, task_id)
    limit = USUAL_LIMIT if args.limit is None else args.limit
    found = history.history(
        ws, task_id=task_id, of_tag=bool(args.tag), since=args.since or 0, limit=limit
    )
    if (task_id or args.tag) and not found:
        history.check_known(ws, task_id)
    data = {"transactions": [wire.transaction_to_json(entry) for entry in found], "tag": ws.tag}
    lines = [line for entry in found for line in _lines(entry)]
    return Answer("history.v1", data, lines or ["nothing has happened yet"])


def _follow(ws: Workspace, args: Namespace, task_id: str) -> Answer:
    """Tell what comes, oldest first, until the person or the reader of the pipe has enough."""
    if args.limit is not None:
        raise Usage("--limit means nothing to --follow", hint="--since=N tells where to begin")
    from taskmaster.cli import watching
    from taskmaster.usecases import following

    since = following.newest(ws) if args.since is None else args.since
    notes = watching.Notes(quiet=args.quiet)
    for entry in ws.follow(since, lambda trouble: watching.patient(trouble, notes)):
        shown = history.touching(entry, ws.tag, task_id) if task_id or args.tag else entry
        if shown.changes:
            watching.told([_json(shown, entry)] if args.json else _lines(shown))
    return Answer("history.v1", {}, [])


def _json(shown: Transaction, whole: Transaction) -> str:
    """*shown* on a line, with the numbers of the *whole*: what a reader resumes after."""
    import json

    data = {"schema": "tamp/transaction.v1", **wire.transaction_to_json(shown)}
    data["seq"] = [whole.first, last_number(whole)]
    return json.dumps(data, ensure_ascii=False)


def _lines(entry: Transaction) -> Iterator[str]:
    stamp = entry.stamp
    who = printable(f"{stamp.actor.name} ({stamp.via})")
    undone = f" of {stamp.note}" if stamp.operation == history.UNDO else ""
    head = f"{history.name_of(entry)}  {stamp.time[:19].replace('T', ' ')}  {who}"
    yield f"{painted(head, 'bold')}  {stamp.operation}{undone}"
    yield from described(entry)


def described(entry: Transaction) -> Iterator[str]:
    """The changes of a transaction, a line each; those of spelling only are counted."""
    respelled = 0
    for change in entry.changes:
        if change.kind == "changed" and all(
            means_the_same(key, *pair) for key, pair in change.fields.items()
        ):
            respelled += 1
        else:
            yield f"    {_described(change)}"
    if respelled:
        yield f"    {respelled} tasks written differently, with the same meaning"


def _described(change: Change) -> str:
    """A change in a few words."""
    where = printable(f"{change.tag} {change.task}".strip())
    if change.kind in ("added", "removed"):
        title = change.doc.get("title", "") if isinstance(change.doc, dict) else ""
        return f"{where} {change.kind}: {printable(str(title))}"
    if change.kind == "reordered":
        return f"{where} put in another order"
    fields = [
        _field(key, before, after)
        for key, (before, after) in change.fields.items()
        if key not in _QUIET_FIELDS and not means_the_same(key, before, after)
    ]
    verb = "" if change.kind == "changed" else f" {change.kind}"
    return f"{where}{verb} {'; '.join(fields)}".rstrip()


def _field(key: str, before: object, after: object) -> str:
    if key in ("comments", "links"):
        from taskmaster.cli.remarks import difference

        words = difference(key, before, after)
        if words:
            return words
    return f"{printable(key) or 'entry'} {_difference(before, after)}"


def _difference(before: object, after: object) -> str:
    if isinstance(before, str) and isinstance(after, str) and len(before) > _TITLE_ROOM:
        if after.startswith(before):
            return f"+ {_short(after[len(before) :].strip())}"
        return f"rewritten ({len(before)} → {len(after)} characters)"
    return f"{_short(before)} → {_short(after)}"


def _short(value: object) -> str:
    if value is ABSENT:
        return "(none)"
    text = value if isinstance(value, str) else repr(value)
    return fitted(text, _TITLE_ROOM).rstrip() if len(text) > _TITLE_ROOM else printable(text)
