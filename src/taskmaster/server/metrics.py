"""What the server counts, in the form that Prometheus reads.

Where several processes serve on one port, whichever answers tells for all of them: each keeps its
numbers in files of a folder that they share, which is prometheus-client's own way. Numbers with a
label for each process would come and go with the process that happens to be asked. The variable
PROMETHEUS_MULTIPROC_DIR, set before this module is loaded, names the folder, new for every start;
without it the numbers are in memory, where they cost half the time.
"""

from __future__ import annotations

import glob
import os
import re
import time
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from taskmaster.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from taskmaster.domain.changes import Stamp
    from taskmaster.ports import Keyring, Reader, Store, Writer

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
KIND: Final = CONTENT_TYPE_LATEST
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""

METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_OTHER = "other"
_LIVE = re.compile(r"gauge_live[a-z]*_(\d+)\.db$")


class _Source(NamedTuple):
    gauge: Gauge
    labels: tuple[str, ...]
    read: Callable[[], float | Mapping[str, float]]


class Metrics:
    """Everything that one process counts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._told: dict[tuple[str, str, int], tuple[Callable[..., None], ...]] = {}
        self._gauges: dict[str, Gauge] = {}
        self._sources: list[_Source] = []
        self._lock = Lock()
        self._answers = self._counter(
            "tamp_http_requests", "Requests that were answered.", "method", "route", "status"
        )
        self._latencies = self._histogram(
            "tamp_http_request_seconds", "From the head of a request to its answer.", "route"
        )
        self.store_seconds = self._histogram(
            "tamp_store_seconds",
            "Reading, waiting to be the one who writes, and writing until the commit.",
            "project",
            "operation",
        )
        self.store_busy = self._counter(
            "tamp_store_busy", "Writers who waited in vain for another one.", "project"
        )
        self._watch_process()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; *route* is the template of its path, never the path itself."""
        known = self._told.get((method, route, status))
        if known is None:
            known = self._children(method, route, status)
        known[0]()
        known[1](seconds)

    def watch(
        self,
        name: str,
        about: str,
        read: Callable[[], float | Mapping[str, float]],
        *,
        each: str = "",
        of_all: Literal["livesum", "livemax"] = "livesum",
        **labels: str,
    ) -> None:
        """Have *read* asked whenever somebody looks, and when ``sample`` is called.

        It gives a number, or several by the values of the label *each*. Under one name there may
        be many, with the same names of *labels*. *of_all* says what the number of all processes
        is. Called from any thread.
        """
        if name not in self._gauges:
            names = [*labels, *([each] if each else [])]
            self._gauges[name] = Gauge(
                name, about, names, registry=self._registry, multiprocess_mode=of_all
            )
        self._sources.append(_Source(self._gauges[name], tuple(labels.values()), read))

    def sample(self) -> None:
        """Take a look at everything that is watched, for the processes that answer for this one.

        To be called every few seconds where there are several.
        """
        for source in self._sources:
            found = source.read()
            if isinstance(found, dict):
                for key, value in found.items():
                    source.gauge.labels(*source.labels, key).set(value)
            else:
                gauge = source.gauge.labels(*source.labels) if source.labels else source.gauge
                gauge.set(found)  # type: ignore[arg-type]  # no mapping is left

    def page(self) -> bytes:
        """The numbers of all processes, of type ``KIND``. Takes milliseconds."""
        with self._lock:
            self.sample()
            folder = os.environ.get(FOLDER)
            if not folder:
                return generate_latest(self._registry)
            _forget_dead(folder)
            all_of_us = CollectorRegistry()
            MultiProcessCollector(all_of_us, folder)  # type: ignore[no-untyped-call]
            return generate_latest(all_of_us)

    def _children(self, method: str, route: str, status: int) -> tuple[Callable[..., None], ...]:
        shown = method if method in METHODS else _OTHER
        known = (
            self._answers.labels(shown, route, str(status)).inc,
            self._latencies.labels(route).observe,
        )
        if method in METHODS:
            self._told[method, route, status] = known
        return known

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str, *labels: str) -> Histogram:
        return Histogram(name, about, labels, registry=self._registry, buckets=BUCKETS)

    def _watch_process(self) -> None:
        process = psutil.Process()
        self.watch("tamp_process_memory_bytes", "Memory in use.", lambda: process.memory_info().rss)
        self.watch(
            "tamp_process_cpu_seconds",
            "Time of processors spent since the start.",
            lambda: sum(process.cpu_times()[:2]),
        )
        self.watch("tamp_process_threads", "Threads.", process.num_threads)
        if hasattr(process, "num_fds"):  # Windows has none.
            self.watch("tamp_process_files", "Open files and connections.", process.num_fds)


def _forget_dead(folder: str) -> None:
    """What a process that has ended showed last is no longer so; what it counted remains."""
    found = (_LIVE.search(path) for path in glob.glob(os.path.join(folder, "gauge_live*.db")))
    for pid in {int(match[1]) for match in found if match}:
        if not psutil.pid_exists(pid):
            mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


class Measured:
    """A store whose work is measured; all else is as in the store itself."""

    def __init__(self, store: Store, metrics: Metrics, project: str) -> None:
        self.kind = store.kind
        self.version = store.version
        self._store = store
        seconds = metrics.store_seconds
        self._reading = seconds.labels(project, "reading").observe
        self._waiting = seconds.labels(project, "waiting").observe
        self._writing = seconds.labels(project, "writing").observe
        self._busy = metrics.store_busy.labels(project).inc

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self._store, name)

    def oddities(self) -> Any:  # noqa: ANN401 - as ``ports.Store``
        return self._store.oddities()

    def keyring(self) -> Keyring:
        return self._store.keyring()

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        began = time.perf_counter()
        with self._store.reading() as reader:
            yield reader
        self._reading(time.perf_counter() - began)

    @contextmanager
    def writing(self, stamp: Stamp) -> Iterator[Writer]:
        began = time.perf_counter()
        try:
            with self._store.writing(stamp) as writer:
                entered = time.perf_counter()
                self._waiting(entered - began)
                yield writer
        except Busy:
            self._busy()
            raise
        self._writing(time.perf_counter() - entered)
