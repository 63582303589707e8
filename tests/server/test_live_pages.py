"""The change log can be read page by page, and the next page waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.makers import Maker
from tests.processes import wait_until
from tests.server.live import Elsewhere, Served, made, put

from taskmaster.doorbells.silent import Silent
from taskmaster.errors import Invalid, NotFound
from taskmaster.server.changes import MOST, changes_page
from taskmaster.testing.projects import fill, log_of, stamp, task
from taskmaster.wire import transaction_to_json
from taskmaster.workspace import Workspace


@pytest.fixture
def ws(maker: Maker) -> Workspace:
    """A project of every engine with ten tasks, of which every third is in another tag."""
    store = maker.store()
    with store.writing(stamp("tags")) as writer:
        writer.add_tag("other", {})
    for number in range(1, 11):
        fill(store, task(number), tag="master" if number % 3 else "other")
    return Workspace(store, stamp().actor, doorbell=Silent())


def test_the_pages_together_are_the_log(ws: Workspace) -> None:
    pages: list[dict[str, Any]] = [changes_page(ws, 0, 4)]
    while pages[-1]["more"]:
        pages.append(changes_page(ws, pages[-1]["since"], 4))
    log = [transaction_to_json(one) for one in log_of(ws.store)]
    assert [one for page in pages for one in page["changes"]] == log
    assert [len(page["changes"]) for page in pages] == [4, 4, 3]
    assert {page["latest"] for page in pages} == {11}
    assert pages[-1]["since"] == 11


def test_nothing_new_is_an_empty_page(ws: Workspace) -> None:
    assert changes_page(ws, 11) == {"changes": [], "since": 11, "latest": 11, "more": False}


def test_a_page_of_a_tag_is_cut_to_it_and_goes_on_after_what_was_left_out(ws: Workspace) -> None:
    page: dict[str, Any] = changes_page(ws, 1, 2, "other")
    assert [one["seq"] for one in page["changes"]] == [[4, 4], [7, 7]]
    assert (page["since"], page["more"]) == (7, True)
    last: dict[str, Any] = changes_page(ws, 7, 2, "other")
    assert [one["seq"] for one in last["changes"]] == [[10, 10]]
    assert (last["since"], last["more"]) == (11, False)


def test_what_the_log_does_not_know_is_refused(ws: Workspace) -> None:
    for since in (12, 2**31, 2**53, 2**63, 10**30):
        with pytest.raises(NotFound) as refused:
            changes_page(ws, since)
        assert refused.value.code == "no-such-change"


@pytest.mark.parametrize(("since", "limit"), [(-1, 1), (0, 0), (0, MOST + 1)])
def test_numbers_that_make_no_sense_are_refused(
    make_maker: Callable[[str], Maker], since: int, limit: int
) -> None:
    ws = Workspace(make_maker("memory").store(), stamp().actor, doorbell=Silent())
    with pytest.raises(Invalid):
        changes_page(ws, since, limit)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with Served(made(tmp_path / "project")) as served:
        yield served


def test_a_page_that_is_waited_for_comes_when_something_happens(
    server: Served, tmp_path: Path
) -> None:
    got: list[tuple[int, dict[str, Any]]] = []
    asking = threading.Thread(target=lambda: got.append(server.get("/changes?since=0&wait=30")))
    asking.start()
    wait_until(lambda: server.feed.subscribers, "somebody waits")
    with Elsewhere(tmp_path / "project") as elsewhere:
        elsewhere.add(1)
    asking.join(30)
    ((status, page),) = got
    assert (status, page["since"], len(page["changes"])) == (200, 1, 1)


def test_a_page_that_is_waited_for_in_vain_is_empty(server: Served) -> None:
    begun = time.monotonic()
    assert server.get("/changes?since=0&wait=0.1")[1]["changes"] == []
    assert time.monotonic() - begun > 0.1
    assert server.feed.subscribers == 0


def test_what_is_there_is_not_waited_for(server: Served) -> None:
    put(server.ws, 1)
    assert server.get("/changes?since=0&wait=30")[1]["since"] == 1


def test_a_change_that_the_log_does_not_know_is_gone(server: Served) -> None:
    status, said = server.get("/changes?since=5&wait=30")
    assert (status, said["code"]) == (410, "no-such-change")
