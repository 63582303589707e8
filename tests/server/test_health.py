from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests import makers
from tests.servers import RedisServer

from taskmaster import app, config
from taskmaster.config import Storage
from taskmaster.domain.changes import Actor, Stamp
from taskmaster.doorbells.silent import Silent
from taskmaster.errors import CorruptStore
from taskmaster.server import health
from taskmaster.server.health import (
    DEGRADED,
    FAILED,
    LIVE,
    OK,
    Check,
    Finding,
    Health,
    Report,
)
from taskmaster.stores.file.store import FileStore
from taskmaster.workspace import Workspace

STAMP = Stamp(Actor("ada", "person", ""), "test", "test", "", "2026-01-01T00:00:00.000Z")


def report(*checks: Check) -> Report:
    return asyncio.run(Health(checks).report())


def one(check: Check) -> Finding:
    return health._found(check)


def fine(name: str = "fine") -> Check:
    return Check(name, Finding, essential=True)


def raising(error: Exception) -> Callable[[], Finding]:
    def look() -> Finding:
        raise error

    return look


def test_all_is_well_when_every_part_is() -> None:
    found = report(fine("one"), Check("two", lambda: Finding(facts={"free": 7})))

    assert (found.status, found.ready, found.code) == (OK, True, 200)
    assert found.checks["one"].keys() == {"status", "ms"}
    assert found.checks["two"]["free"] == 7


def test_what_can_be_done_without_only_degrades() -> None:
    found = report(fine(), Check("spare", raising(OSError("gone"))))

    assert (found.status, found.ready, found.code) == (DEGRADED, True, 200)
    assert found.checks["spare"]["status"] == FAILED
    assert found.checks["spare"]["message"] == "OSError: gone"


def test_without_an_essential_part_it_is_not_ready() -> None:
    error = CorruptStore("the file is torn", code="torn")
    found = report(fine(), Check("store", raising(error), essential=True))

    assert (found.status, found.ready, found.code) == (FAILED, False, 503)
    assert found.checks["store"]["message"] == "the file is torn"
    assert found.checks["store"]["code"] == "torn"


def test_strangers_learn_whether_it_works_and_nothing_else() -> None:
    found = report(fine(), Check("spare", raising(OSError("/secret/place"))))

    assert found.bare() == {"status": DEGRADED}
    assert found.full()["checks"] == found.checks
    assert LIVE == {"status": OK}


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """What a look waits for that does not come back; it does, when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def test_a_look_that_does_not_come_back_keeps_nobody_waiting(held: threading.Event) -> None:
    looks = []

    def look() -> Finding:
        looks.append(1)
        held.wait()
        return Finding()

    async def ask() -> tuple[Report, Report, Report]:
        asked = Health([Check("stuck", look, essential=True, seconds=0.05), fine()], kept=0)
        first, second = await asked.report(), await asked.report()
        held.set()
        await asyncio.wait(asked._under_way.values())
        return first, second, await asked.report()

    began = time.monotonic()
    first, second, third = asyncio.run(ask())

    assert first.checks["stuck"]["message"] == "no answer within 0.05 s"
    assert second.checks["stuck"]["message"] == "an earlier look has not come back yet"
    assert first.status == second.status == FAILED
    assert third.status == OK
    assert time.monotonic() - began < 10
    assert len(looks) == 1


def test_looks_are_taken_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=10)

    def look() -> Finding:
        together.wait()
        return Finding()

    assert report(*(Check(f"check-{number}", look) for number in range(3))).status == OK


def test_a_flood_of_questions_takes_one_look() -> None:
    looks, now = [], [100.0]

    def look() -> Finding:
        looks.append(1)
        return Finding()

    async def ask() -> None:
        asked = Health([Check("counted", look)], clock=lambda: now[0])
        await asyncio.gather(*(asked.report() for _ in range(100)))
        assert len(looks) == 1
        now[0] += 0.9
        await asked.report()
        assert len(looks) == 1
        now[0] += 0.2
        await asked.report()
        assert len(looks) == 2

    asyncio.run(ask())


def test_who_gives_up_waiting_takes_the_answer_from_nobody(held: threading.Event) -> None:
    def look() -> Finding:
        held.wait()
        return Finding()

    async def ask() -> Report:
        asked = Health([Check("slow", look, seconds=30)])
        impatient = asyncio.create_task(asked.report())
        patient = asyncio.create_task(asked.report())
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.wait([impatient])
        held.set()
        return await patient

    assert asyncio.run(ask()).status == OK


@pytest.fixture
def ws(maker: makers.Maker) -> Iterator[Workspace]:
    """On every engine."""
    opened = Workspace(maker.store(), Actor("ada", "person", ""), doorbell=Silent())
    yield opened
    opened.close()


def test_a_store_that_can_be_read_and_written_is_well(ws: Workspace) -> None:
    assert one(health.store_read(ws)) == (OK, "", {"changes": 0})
    assert one(health.store_write(ws)) == (OK, "", {})


def test_looking_whether_it_can_be_written_writes_nothing(ws: Workspace) -> None:
    before = ws.store.version()
    one(health.store_write(ws))

    assert ws.store.version() == before


def test_somebody_else_who_writes_is_a_good_sign(tmp_path: Path) -> None:
    path = str(tmp_path / "tasks.json")
    store = FileStore(path, str(tmp_path), patience=0.01)
    ws = Workspace(store, Actor("ada", "person", ""), doorbell=Silent())
    with FileStore(path, str(tmp_path)).writing(STAMP):
        found = one(health.store_write(ws))

    assert found.state == OK
    assert "waited" in found.words


def test_a_file_that_cannot_be_read_has_failed(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    path.write_text("{ torn", encoding="utf-8")
    store = FileStore(str(path), str(tmp_path))
    ws = Workspace(store, Actor("ada", "person", ""), doorbell=Silent())
    found = report(health.store_read(ws), health.store_write(ws))

    assert (found.status, found.ready) == (FAILED, False)
    assert str(path) in str(found.checks["store-read"]["message"])


def test_tables_that_are_not_there_have_failed(tmp_path: Path) -> None:
    storage = Storage("sqlite", str(tmp_path / "tasks.db"), "demo", "", "")
    missing = one(health.migrations(storage))
    app.prepare(storage)

    assert (missing.state, missing.facts) == (FAILED, {"code": "schema-missing"})
    found = one(health.migrations(storage))
    assert found.state == OK
    assert found.facts["applied"]


def test_redis_is_missed_but_not_needed(redis_server: RedisServer, redis_url: str) -> None:
    there = one(health.redis(redis_url))
    redis_server.stop()
    gone = one(health.redis(redis_url))
    redis_server.start()

    assert there == (OK, "", {})
    assert gone.state == DEGRADED
    assert gone.words.startswith("Redis does not answer; ")


@pytest.mark.parametrize(
    ("least", "state"), [((0, 0), OK), ((1e30, 0), DEGRADED), ((1e30, 1e30), FAILED)]
)
def test_disk_and_memory_are_enough_or_few_or_none(
    tmp_path: Path, least: tuple[float, float], state: str
) -> None:
    for found in (one(health.disk(str(tmp_path), least)), one(health.memory(least))):
        assert found.state == state
        assert bool(found.words) is (state != OK)


def test_the_facts_about_the_machine_are_numbers(tmp_path: Path) -> None:
    assert int(str(one(health.disk(str(tmp_path))).facts["freeBytes"])) > 0
    assert one(health.memory()).facts.keys() == {"availableBytes", "processBytes"}
    assert one(health.processor(1e9)).state == OK
    assert one(health.processor(-1)).state == DEGRADED


@pytest.mark.parametrize(
    ("lag", "trouble", "state", "words"),
    [
        (0.2, "", OK, ""),
        (60.0, "", DEGRADED, "changes are told 60 s late"),
        (0.2, "Redis does not answer", DEGRADED, "Redis does not answer"),
    ],
)
def test_subscribers_who_hear_late_are_told_of(
    lag: float, trouble: str, state: str, words: str
) -> None:
    found = one(health.events(lambda: lag, lambda: 3, lambda: trouble))

    assert found == (state, words, {"lagSeconds": lag, "behind": 3})


def test_what_is_looked_at_depends_on_the_engine(tmp_path: Path) -> None:
    (tmp_path / ".taskmaster" / "tasks").mkdir(parents=True)
    project = config.locate({}, str(tmp_path))
    ws = app.workspace(project, {})
    file = Storage("file", project.tasks, "", "", "")
    sqlite = Storage("sqlite", str(tmp_path / "tasks.db"), "demo", "redis://cache", "")

    names = [[check.name for check in health.of_project(ws, kind, str(tmp_path), ":demo")]
             for kind in (file, sqlite)]  # fmt: skip
    assert names[0] == ["store-read:demo", "store-write:demo", "disk:demo"]
    assert names[1] == [*names[0], "migrations:demo", "redis:demo"]
    checks = health.of_project(ws, file, str(tmp_path))
    assert report(*checks[:2]).status == OK
