from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests import makers
from tests.processes import wait_until

from taskmaster.domain.changes import Actor, Stamp
from taskmaster.errors import Busy
from taskmaster.server.metrics import FOLDER, KIND, Measured, Metrics
from taskmaster.stores.file.store import FileStore
from taskmaster.stores.postgres.store import PostgresStore
from taskmaster.testing.projects import task

ROOT = Path(__file__).parents[2]
STAMP = Stamp(Actor("ada", "person", ""), "test", "test", "", "2026-01-01T00:00:00.000Z")


def samples(page: bytes) -> dict[str, float]:
    """Every number by its name and labels, as the page writes them."""
    families = text_string_to_metric_families(page.decode())
    return {
        sample.name + "".join(f",{name}={value}" for name, value in sorted(sample.labels.items())):
        sample.value
        for family in families
        for sample in family.samples
    }  # fmt: skip


def seen(metrics: Metrics) -> dict[str, float]:
    return samples(metrics.page())


def test_requests_are_counted_by_method_route_and_status() -> None:
    metrics = Metrics()
    for _ in range(3):
        metrics.answered("GET", "/tasks/{id}", 200, 0.004)
    metrics.answered("GET", "/tasks/{id}", 404, 0.3)
    metrics.answered("PUT", "/tasks/{id}", 200, 0.01)

    found = seen(metrics)
    route = "route=/tasks/{id}"
    assert found[f"tamp_http_requests_total,method=GET,{route},status=200"] == 3
    assert found[f"tamp_http_requests_total,method=GET,{route},status=404"] == 1
    assert found[f"tamp_http_requests_total,method=PUT,{route},status=200"] == 1
    assert found[f"tamp_http_request_seconds_count,{route}"] == 5
    assert found[f"tamp_http_request_seconds_sum,{route}"] == pytest.approx(0.322)
    assert found[f"tamp_http_request_seconds_bucket,le=0.0025,{route}"] == 0
    assert found[f"tamp_http_request_seconds_bucket,le=0.005,{route}"] == 3
    assert found[f"tamp_http_request_seconds_bucket,le=+Inf,{route}"] == 5


def test_invented_methods_are_one() -> None:
    metrics = Metrics()
    for number in range(100):
        metrics.answered(f"M{number}", "none", 405, 0.1)

    found = [name for name in seen(metrics) if name.startswith("tamp_http_requests_total")]
    assert found == ["tamp_http_requests_total,method=other,route=none,status=405"]
    assert not metrics._told


def test_what_is_watched_is_read_when_somebody_looks() -> None:
    metrics, now = Metrics(), {"idle": 1.0, "waiting": 0.0}
    metrics.watch("tamp_subscribers", "Subscribers.", lambda: now["idle"], project="a")
    metrics.watch("tamp_subscribers", "Subscribers.", lambda: 7, project="b")
    metrics.watch("tamp_pool", "Connections.", lambda: now, each="state", project="a")
    now["idle"] = 5

    found = seen(metrics)
    assert found["tamp_subscribers,project=a"] == 5
    assert found["tamp_subscribers,project=b"] == 7
    assert found["tamp_pool,project=a,state=idle"] == 5
    assert found["tamp_pool,project=a,state=waiting"] == 0


def test_the_process_is_told() -> None:
    metrics = Metrics()

    found = seen(metrics)
    assert found["tamp_process_memory_bytes"] > 1_000_000
    assert found["tamp_process_cpu_seconds"] > 0
    assert found["tamp_process_threads"] >= 1
    assert KIND.startswith("text/plain")


def test_two_servers_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.answered("GET", "/x", 200, 0.1)

    assert "tamp_http_requests_total,method=GET,route=/x,status=200" not in seen(other)


def test_the_work_of_a_store_is_measured_and_done(tmp_path: Path) -> None:
    metrics = Metrics()
    inner = FileStore(str(tmp_path / "tasks.json"), str(tmp_path))
    store = Measured(inner, metrics, "a")
    with store.writing(STAMP) as writer:
        writer.put("master", task(1))
    with store.reading() as reader:
        assert [one.id for one in reader.tasks("master")] == ["1"]

    found = seen(metrics)
    for operation in ("reading", "waiting", "writing"):
        assert found[f"tamp_store_seconds_count,operation={operation},project=a"] == 1
    assert store.kind == "file"
    assert store.version() == inner.version()
    assert store.facts() == inner.facts()


def test_a_writer_who_failed_has_not_written(tmp_path: Path) -> None:
    metrics = Metrics()
    store = Measured(FileStore(str(tmp_path / "tasks.json"), str(tmp_path)), metrics, "a")
    with contextlib.suppress(KeyError), store.writing(STAMP) as writer:
        writer.put("master", task(1))
        raise KeyError

    found = seen(metrics)
    assert found["tamp_store_seconds_count,operation=waiting,project=a"] == 1
    assert found["tamp_store_seconds_count,operation=writing,project=a"] == 0
    with store.reading() as reader:
        assert reader.tasks("master") == []


def test_who_waited_in_vain_is_counted(tmp_path: Path) -> None:
    metrics = Metrics()
    path = str(tmp_path / "tasks.json")
    store = Measured(FileStore(path, str(tmp_path), patience=0.01), metrics, "a")
    with FileStore(path, str(tmp_path)).writing(STAMP), pytest.raises(Busy), store.writing(STAMP):
        pass

    assert seen(metrics)["tamp_store_busy_total,project=a"] == 1


def test_the_connections_of_a_pool_are_counted(shared_database: str) -> None:
    made = makers.created("postgres", shared_database)
    assert isinstance(made, PostgresStore)
    with contextlib.closing(PostgresStore(made.dsn, made.project, pool=2)) as store:
        with store.reading():
            busy = store.connections()
        wait_until(lambda: all_idle(store), "all are given back")

    # The pool may be making another one meanwhile.
    assert 0 <= busy["idle"] < busy["all"] <= 2
    assert busy["waiting"] == 0
    assert made.connections() == {}
    made.close()


def all_idle(store: PostgresStore) -> bool:
    found = store.connections()
    return found["idle"] == found["all"] > 0


WORKER = """
import sys
from taskmaster.server.metrics import Metrics
metrics = Metrics()
metrics.watch("tamp_connections", "Connections.", lambda: 10)
metrics.watch("tamp_lag", "Lag.", lambda: float(sys.argv[1]), of_all="livemax")
for line in sys.stdin:
    if line == "page\\n":
        print(metrics.page().decode(), end="END\\n", flush=True)
    else:
        metrics.answered("GET", "/tasks", 200, 0.01)
        metrics.sample()
        print("done", flush=True)
"""


class Worker:
    """A process of a server that counts."""

    def __init__(self, folder: Path, lag: float) -> None:
        env = os.environ | {FOLDER: str(folder), "PYTHONPATH": str(ROOT / "src")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(lag)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            encoding="utf-8",
        )

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def answer(self) -> None:
        self._say("answer")
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "done\n"

    def seen(self) -> dict[str, float]:
        self._say("page")
        assert self.process.stdout is not None
        lines = iter(self.process.stdout.readline, "END\n")
        return samples("".join(lines).encode())

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_whichever_process_is_asked_tells_for_all(tmp_path: Path) -> None:
    one, other = Worker(tmp_path, 2), Worker(tmp_path, 5)
    one.answer()
    other.answer()
    other.answer()
    told = [one.seen(), other.seen()]
    other.kill()
    alone = one.seen()
    one.kill()

    requests = "tamp_http_requests_total,method=GET,route=/tasks,status=200"
    for found in told:
        assert found[requests] == 3
        assert found["tamp_http_request_seconds_count,route=/tasks"] == 3
        assert found["tamp_connections"] == 20
        assert found["tamp_lag"] == 5
    # What was counted stays counted; what was so is so no more.
    assert alone[requests] == 3
    assert alone["tamp_connections"] == 10
    assert alone["tamp_lag"] == 2


def test_every_name_is_ours_and_explained() -> None:
    page = Metrics().page().decode()

    names = re.findall(r"^# HELP (\S+) \S", page, re.MULTILINE)
    assert names
    assert all(name.startswith("tamp_") for name in names)
