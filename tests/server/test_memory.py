"""What a server remembers of what it was asked, and that nobody can make it remember more."""

from __future__ import annotations

from collections.abc import Callable
from sys import getsizeof
from tracemalloc import get_traced_memory, start, stop

from tests.server.calling import Caller
from tests.usecases.conftest import task

from taskmaster.server import kept, repeats
from taskmaster.server.answer import Reply
from taskmaster.server.kept import Kept, KeptAnswers
from taskmaster.server.repeats import Repeats
from taskmaster.server.routes import Routes
from taskmaster.server.table import ENDPOINTS

MEGABYTE = 1_000_000


def grown(work: Callable[[], object]) -> int:
    """Bytes that are taken after the work and were not before."""
    start()
    try:
        work()
        return get_traced_memory()[0]
    finally:
        stop()


def answer(body: bytes) -> Kept:
    return Kept(Reply(200, [], body), None, b'"1"')


def test_long_paths_are_not_remembered() -> None:
    routes = Routes(ENDPOINTS)

    def ask() -> None:
        for number in range(500):
            routes.find("GET", b"/api/v1/tasks/" + b"%d" % number * 5_000)

    assert grown(ask) < MEGABYTE


def test_answers_are_kept_within_bounds_however_they_are_asked_for() -> None:
    answers = KeptAnswers()
    answers.find("now", (b"", b""))

    def ask() -> None:
        for number in range(5_000):
            answers.keep("now", (b"/tasks", b"labels=%d" % number + b"x" * 30_000), answer(b"{}"))

    assert grown(ask) < kept.ROOM + MEGABYTE


def test_an_answer_from_before_a_change_is_never_found_after_it() -> None:
    answers = KeptAnswers()
    key = b"/tasks", b""
    assert answers.find("before", key) is None
    late = answers._now
    assert answers.find("after", key) is None
    answers.keep("before", key, answer(b"old"))
    late.found[key] = answer(b"old")

    assert answers.find("after", key) is None


def test_answers_to_be_repeated_are_kept_within_bounds() -> None:
    answered = Repeats()

    def ask() -> None:
        for number in range(100):
            body = bytes(MEGABYTE)
            answered.keep(str(number), b"", Reply(200, [], body))
            assert answered.find(str(number), b"", "") is not None

    assert grown(ask) < repeats.ROOM + getsizeof(bytes(MEGABYTE))
    assert answered.find("0", b"", "") is None


def test_who_only_looks_whether_it_lives_makes_it_forget_nothing(
    serve: Callable[..., Caller],
) -> None:
    call = serve(master=[task(1)])
    call("GET", "/tasks/1")
    known = call.served.kept._now
    assert known.found

    for path in ("/health", "/health/live", "/docs", "/metrics"):
        call.bare("GET", path)

    assert call.served.kept._now is known
    assert call.served.kept._now.found


def test_a_document_is_made_once(serve: Callable[..., Caller]) -> None:
    call = serve(master=[])
    first, again = (call.bare("GET", "/docs/spec.json") for _ in range(2))

    assert first.body == again.body
    assert call.bare("GET", "/docs/spec.json?x=1").status == 400
    assert list(call.house.documents) == [("show_specification",)]
