"""What an endpoint answers to one request: kept, made anew, or what it answered before."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

from taskmaster.server.answer import Answer, Reply, etag_of, reply_to
from taskmaster.server.call import Call, Visit
from taskmaster.server.compression import packed, received, understood
from taskmaster.server.endpoint import DOCUMENTS
from taskmaster.server.headers import lines
from taskmaster.server.kept import Kept
from taskmaster.server.repeats import LONGEST, fingerprint, request_of
from taskmaster.server.request import Faulty, asked, carried
from taskmaster.workspace import AlreadyDone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from concurrent.futures import Executor

    from taskmaster.domain.changes import Version
    from taskmaster.server.compression import Receive
    from taskmaster.server.request import Request

    Key = tuple[bytes, bytes]

VIA = "rest"
PACKED = b"-gz"
"""At the end of the ETag of a packed answer, which is another representation of the same."""
_DAY = 86_400
_OF_CONTENT = (b"content-type", b"content-encoding")


def at(version: Version) -> tuple[object, int]:
    """What an answer that is kept hangs on: what is stored, and which day it is."""
    return version.tasks, int(time.time()) // _DAY


async def reading(visit: Visit) -> Reply:
    """The answer to a question, from what is kept where that is still true."""
    request, endpoint = visit.request, visit.route.endpoint
    kept = None
    if endpoint.kept:
        kept = visit.served.kept.find(at(visit.version), _key(request))
    elif endpoint.group == DOCUMENTS and not request.query:
        kept = await _document(visit)
    return conditional(request, kept or await _new(visit))


async def _document(visit: Visit) -> Kept:
    """What is the same for as long as the server runs, and anybody may ask for."""
    documents, which = (
        visit.house.documents,
        (visit.route.endpoint.name, *visit.route.values.values()),
    )
    if which not in documents:
        documents[which] = await _new(visit)
    return documents[which]


async def _new(visit: Visit) -> Kept:
    """The answer, made in a thread.

    After a change everybody asks at once; what hangs on the same state is made once for all.
    """
    loop, making = asyncio.get_running_loop(), visit.served.kept.making
    which = at(visit.version), _key(visit.request)
    others = making.get(which)
    if others is not None:
        found = await asyncio.shield(others)
        if found.reply.pieces is None:  # What is made piece by piece, only one can have.
            return found
    work = loop.run_in_executor(visit.house.threads, _made, visit)
    if visit.route.endpoint.kept and others is None:
        making[which] = work
        work.add_done_callback(lambda _: making.pop(which))
    return await asyncio.shield(work)


def _key(request: Request) -> Key:
    return request.path, request.query


def _made(visit: Visit) -> Kept:
    endpoint = visit.route.endpoint
    answer = _answered(visit, call_of(visit, b""))
    reply = reply_to(answer)
    if reply.pieces is not None or answer.status != 200:
        return Kept(reply, None, b"")
    mark = f'"{answer.revision}"'.encode() if answer.revision else etag_of(reply.body)
    if not answer.revision:
        reply.headers.append((b"etag", mark))
    reply.headers.append((b"vary", b"Accept-Encoding"))
    kept = Kept(_lined(reply), _packed(reply, mark), mark)
    # What was read may be newer than the version; only when it is not, may the answer be kept.
    if endpoint.kept and visit.served.ws.store.version().tasks == visit.version.tasks:
        visit.served.kept.keep(at(visit.version), _key(visit.request), kept)
    return kept


def _packed(reply: Reply, mark: bytes) -> Reply | None:
    """The same as gzip, None where that is not worth it."""
    body = packed(reply.body)
    if not body:
        return None
    own = (b"etag", mark[:-1] + PACKED + mark[-1:])
    headers = [own if one[0] == b"etag" else one for one in reply.headers]
    return _lined(Reply(reply.status, [*headers, (b"content-encoding", b"gzip")], body))


def _lined(reply: Reply) -> Reply:
    length = (b"content-length", b"%d" % len(reply.body))
    return reply._replace(lines=lines([*reply.headers, length]))


def conditional(request: Request, kept: Kept) -> Reply:
    """The reply, or that the caller has it already; packed where that is understood."""
    reply = kept.reply
    if not kept.etag:
        return reply
    accepted = request.headers.get(b"accept-encoding")
    if kept.packed and accepted and understood(accepted):
        reply = kept.packed
    known = request.headers.get(b"if-none-match")
    if known is not None and _names(known, kept.etag):
        return Reply(304, [one for one in reply.headers if one[0] not in _OF_CONTENT])
    return reply


def _names(known: bytes, mark: bytes) -> bool:
    """Whether one of the marks is this one, of the packed answer or of the plain one."""
    marks = [one.strip().removeprefix(b"W/").replace(PACKED, b"") for one in known.split(b",")]
    return mark in marks or marks == [b"*"]


async def body_of(visit: Visit, receive: Receive) -> bytes:
    """What the caller sends, however long that takes. Raises as ``received``."""
    request, house, waited = visit.request, visit.house, time.perf_counter()
    try:
        with house.shedding.aside(request.taken_on):
            return await received(receive, request.headers, house.settings.largest)
    finally:
        request.began += time.perf_counter() - waited


async def writing(visit: Visit, body: bytes) -> Reply:
    """The answer to a command, once it is carried out; writers of a project take turns."""
    loop = asyncio.get_running_loop()
    work = partial(_written, visit, body)
    # Nobody who goes away in between leaves it in doubt: what was begun is brought to its end.
    return await asyncio.shield(loop.run_in_executor(visit.served.writes, work))


def _written(visit: Visit, body: bytes) -> Reply:
    def work(name: str) -> tuple[Reply, bool]:
        return reply_to(_once(visit, call_of(visit, body, name))), True

    return once(visit, body, work) if visit.request.method == "POST" else work("")[0]


def key_of(request: Request) -> str:
    """The Idempotency-Key, ``""`` for none. Raises Faulty."""
    key = request.headers.get(b"idempotency-key", b"").decode("latin-1")
    if len(key) > LONGEST:
        raise Faulty(f"an Idempotency-Key has {LONGEST} characters at most", "Idempotency-Key")
    return key


def once(visit: Visit, body: bytes, work: Callable[[str], tuple[Reply, bool]]) -> Reply:
    """What *work* answers, or has answered when the same Idempotency-Key came for the first time.

    It is given the name under which the change log is to know the request, ``""`` for none, and
    says whether its answer is one to keep. Raises Faulty, Reused.
    """
    request, repeats = visit.request, visit.served.repeats
    key = key_of(request)
    if not key:
        return work("")[0]
    name = request_of(visit.principal.id, key)
    print_ = fingerprint(request.method.encode(), request.path, request.query, body)
    found = repeats.find(name, print_, key)
    if found is not None:
        return found._replace(headers=[*found.headers, (b"idempotency-replayed", b"true")])
    reply, keep = work(name)
    if keep:
        repeats.keep(name, print_, reply)
    return reply


def _once(visit: Visit, call: Call) -> Answer:
    """The answer, told from the record where another process has carried the request out."""
    try:
        return _answered(visit, call)
    except AlreadyDone as error:
        again = visit.route.endpoint.again
        if again is None:
            raise
        answer = again(call, error.transaction)
        return answer._replace(headers=[*answer.headers, (b"idempotency-replayed", b"true")])


def _answered(visit: Visit, call: Call) -> Answer:
    endpoint = visit.route.endpoint
    answer = endpoint.act(call)
    return answer if isinstance(answer, Answer) else Answer(answer, endpoint.status)


def call_of(visit: Visit, body: bytes, request: str = "") -> Call:
    """The request, understood. Raises Faulty."""
    endpoint, served = visit.route.endpoint, visit.served
    query = asked(visit.request.query, endpoint.query)
    kind = visit.request.headers.get(b"content-type", b"")
    form = endpoint.body
    content = carried(body, kind, form) if form is not None else None
    tag = getattr(query, "tag", "")
    ws = served.ws.acting(visit.principal.actor, via=VIA, tag=tag, request=request)
    return Call(ws, visit.house, served, visit.principal, visit.route.values, query, content,
                visit.request.headers)  # fmt: skip


async def threaded(pieces: Iterable[bytes], threads: Executor) -> AsyncIterator[bytes]:
    """Pieces that are made, each, in a thread, since making one may block."""
    loop = asyncio.get_running_loop()
    waiting = iter(pieces)
    while (piece := await loop.run_in_executor(threads, next, waiting, None)) is not None:
        yield piece
