"""``--debug``: how long each step of a command takes, told on the diagnostics stream."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Any

    from taskmaster.workspace import Workspace

    Context = AbstractContextManager[object]

_STEPS = ("import", "open", "read", "write", "use case", "print")
_INNER = ("open", "read", "write")


class Timing:
    """Adds up seconds by step. ``open``, ``read`` and ``write`` lie within ``run``."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.steps[name] = self.steps.get(name, 0.0) + time.perf_counter() - begin

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Measure also what happens within a command, until the block ends."""
        from taskmaster import app, workspace

        of = workspace.Workspace
        before = app.workspace, of.reading, of.writing
        app.workspace = self._opened(app.workspace)
        of.reading = self._entered(of.reading, "read")  # type: ignore[method-assign]  # a moment
        of.writing = self._entered(of.writing, "write")  # type: ignore[method-assign]  # a moment
        try:
            yield
        finally:
            app.workspace, of.reading, of.writing = before  # type: ignore[method-assign]  # back

    def _opened(self, call: Callable[..., Workspace]) -> Callable[..., Workspace]:
        def opened(*given: object, **named: object) -> Workspace:
            with self.step("open"):
                return call(*given, **named)

        return opened

    def _entered(self, call: Callable[..., Context], leaving: str) -> Callable[..., Any]:
        return lambda *given: _Timed(self, call(*given), leaving)

    def told(self) -> None:
        """Write down what was measured, a line for each step."""
        inner = sum(self.steps.get(name, 0.0) for name in _INNER)
        shown = {**self.steps, "use case": max(self.steps.get("run", 0.0) - inner, 0.0)}
        times = [(name, shown[name] * 1000) for name in _STEPS if name in shown]
        for name, took in [*times, ("total", sum(took for _name, took in times))]:
            sys.stderr.write(f"debug: {name:8} {took:8.1f} ms\n")
        sys.stderr.write(f"debug: {len(sys.modules)} modules are loaded\n")


class _Timed:
    """A transaction whose beginning and end are measured."""

    def __init__(self, timing: Timing, inner: Context, leaving: str) -> None:
        self._timing, self._inner, self._leaving = timing, inner, leaving

    def __enter__(self) -> object:
        with self._timing.step("read"):
            return self._inner.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        with self._timing.step(self._leaving):
            return self._inner.__exit__(kind, error, trace)
