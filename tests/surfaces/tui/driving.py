"""The interface driven key by key on a project made for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.surfaces.cli.conftest import Project

from taskmaster import config
from taskmaster.tui.application import Interface
from taskmaster.tui.rows import Caption, Rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

WAIT = 12.0


class Driven:
    """The running interface, and what a person sees of it."""

    def __init__(self, interface: Interface, pilot: Pilot[None]) -> None:
        self.interface = interface
        self._pilot = pilot
        self._heard: dict[str, str] = {}

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    async def type(self, text: str) -> None:
        await self._pilot.press(*["space" if one == " " else one for one in text])

    async def until(self, true: Callable[[], object]) -> None:
        """Let it run until this holds."""
        end = time.monotonic() + WAIT
        while not true():
            assert time.monotonic() < end, f"waited in vain; seen:\n{self.seen()}\n{self.told()}"
            self.told()
            await self._pilot.pause(0.01)

    async def sees(self, *words: str) -> None:
        await self.until(lambda: all(word in self.seen() for word in words))

    async def hears(self, *words: str) -> None:
        await self.until(lambda: all(word in self.told() for word in words))

    async def asked(self) -> None:
        """Wait for a question, and for its answer's place to be ready."""
        await self.until(lambda: len(self.interface.screen_stack) > 1)
        await self._pilot.pause()

    def seen(self) -> str:
        """The whole screen as text."""
        screen = self.interface.screen
        width, height = screen.size
        lines = screen._compositor.render_strips()
        return "\n".join("".join(one.text for one in lines[row])[:width] for row in range(height))

    def told(self) -> str:
        """All notifications so far; they go away by themselves."""
        for one in self.interface._notifications:
            self._heard[one.identity] = f"{one.title} {one.message}"
        return "\n".join(self._heard.values())

    @property
    def rows(self) -> Rows:
        view = self.interface.view
        return view if isinstance(view, Rows) else view.column

    @property
    def chosen(self) -> str:
        line = self.interface.chosen
        return line.task if line else ""

    @property
    def top(self) -> str:
        draw = self.interface.query_one("#top", Caption).draw
        return draw(200).plain.strip() if draw else ""


@asynccontextmanager
async def running(
    project: Project, size: tuple[int, int] = (100, 30), where: str = "", tag: str = "master"
) -> AsyncIterator[Driven]:
    located = config.locate({}, str(project.folder))
    environ = {"USER": "ann", "TAMP_ACTOR_KIND": "person"}
    interface = Interface(located, tag, where=where, environ=environ)
    async with interface.run_test(size=size, notifications=True) as pilot:
        driven = Driven(interface, pilot)
        await driven.until(lambda: driven.rows.lines)
        yield driven


def drive(scenario: Callable[..., Awaitable[Any]], project: Project, **how: Any) -> None:  # noqa: ANN401
    """Run the scenario with the interface on this project."""

    async def whole() -> Interface:
        async with running(project, **how) as driven:
            await scenario(driven)
        return driven.interface

    asyncio.run(whole()).let_go()
