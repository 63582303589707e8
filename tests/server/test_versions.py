"""One look at a store for everybody who waits for it, and none from before anybody's request."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from tests.server.running import Serving, project

from taskmaster.domain.changes import Version
from taskmaster.errors import Unavailable
from taskmaster.server.versions import Versions


class Counted:
    """A store that has another version with every look, and looks only when it may."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.looks = 0
        self.may = threading.Event()
        self.may.set()
        self.begun = threading.Event()

    def version(self) -> Version:
        self.looks += 1
        self.begun.set()
        found = Version(self.looks, 0)
        assert self.may.wait(10)
        return found


def versions(store: Counted) -> Versions:
    return Versions(cast("Any", store))


@pytest.mark.parametrize("kind", ["file", "postgres"])
def test_all_who_wait_at_the_same_moment_share_one_look(kind: str) -> None:
    store = Counted(kind)

    async def ask() -> set[Version]:
        asked = versions(store)
        with ThreadPoolExecutor(2) as threads:
            return set(await asyncio.gather(*(asked.soon(threads) for _ in range(50))))

    assert asyncio.run(ask()) == {Version(1, 0)}
    assert store.looks == 1


@pytest.mark.parametrize("kind", ["file", "postgres"])
def test_whoever_comes_after_a_look_has_begun_gets_the_next_one(kind: str) -> None:
    store = Counted(kind)

    async def ask() -> list[Version]:
        asked = versions(store)
        with ThreadPoolExecutor(2) as threads:
            found = []
            for _ in range(3):
                found.append(await asked.soon(threads))
                await asyncio.sleep(0)
            return found

    assert asyncio.run(ask()) == [Version(1, 0), Version(2, 0), Version(3, 0)]


def test_a_look_that_is_under_way_is_too_old_for_whoever_comes_now() -> None:
    store = Counted("postgres")
    store.may.clear()

    async def ask() -> tuple[Version, Version]:
        asked = versions(store)
        with ThreadPoolExecutor(2) as threads:
            early = asyncio.create_task(asked.soon(threads))
            assert await asyncio.to_thread(store.begun.wait, 10)
            late = asyncio.create_task(asked.soon(threads))
            await asyncio.sleep(0)
            store.may.set()
            return await early, await late

    assert asyncio.run(ask()) == (Version(1, 0), Version(2, 0))


def test_a_look_that_fails_is_told_to_all_who_waited_and_the_next_one_is_made() -> None:
    class Failing(Counted):
        def version(self) -> Version:
            if super().version().tasks == 1:
                raise Unavailable("the database does not answer")
            return Version(self.looks, 0)

    store = Failing("postgres")

    async def ask() -> tuple[list[Version | BaseException], Version]:
        asked = versions(store)
        with ThreadPoolExecutor(2) as threads:
            waiting = [asked.soon(threads) for _ in range(2)]
            both = await asyncio.gather(*waiting, return_exceptions=True)
            return both, await asked.soon(threads)

    failed, then = asyncio.run(ask())
    assert [type(one) for one in failed] == [Unavailable, Unavailable]
    assert then == Version(2, 0)


def test_what_many_ask_for_after_a_change_is_made_once_and_true(tmp_path: Path) -> None:
    with Serving(project(tmp_path, 100)) as server, ThreadPoolExecutor(8) as callers:
        for number in range(1, 11):
            done = server.http.patch("/api/v1/tasks/100", json={"title": f"Title {number}"})
            assert done.status_code == 200
            found = callers.map(lambda _: server.get("/tasks", params={"limit": 100}), range(8))
            assert {one["tasks"][99]["title"] for one in found} == {f"Title {number}"}
