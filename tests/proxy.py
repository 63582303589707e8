"""A connection that a test can break."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import NamedTuple, Self

from tests.processes import LIMIT, LOOPBACK, free_port


class _Trap(NamedTuple):
    text: bytes
    times: int
    answered: bool


class Proxy:
    """Stands before a server, so that a test can break its connections at a chosen moment."""

    def __init__(self, behind: int) -> None:
        self.port = free_port()
        self.fallen = threading.Event()
        self._behind = behind
        self._trap: _Trap | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._silenced: set[asyncio.StreamWriter] = set()
        self._listening: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.accept()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def accept(self) -> None:
        """Take new connections, as it does from the beginning."""
        self._do(self._accept())

    def refuse(self) -> None:
        """Refuse new connections; those that are there stay."""
        self._do(self._refuse())

    def cut(self) -> None:
        """Break all connections that are there."""
        self._do(self._cut())

    def cut_at(self, text: bytes, *, answered: bool, times: int = 1) -> None:
        """Break all connections once clients have sent this text so many times from now on.

        The server hears the last one only when ``answered``: it does what it is told, and its
        answer gets lost. ``fallen`` is set when all that has happened.
        """
        self.fallen.clear()
        self._trap = _Trap(text, times, answered)

    def close(self) -> None:
        self._do(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(LIMIT)

    async def _accept(self) -> None:
        if self._listening is None:
            self._listening = await asyncio.start_server(self._serve, LOOPBACK, self.port)

    async def _refuse(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    async def _cut(self) -> None:
        for one in self._ends:
            one.transport.abort()

    async def _finish(self) -> None:
        await self._refuse()
        await self._cut()
        await asyncio.gather(*self._serving)

    async def _serve(self, asked: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        assert this is not None
        self._serving.add(this)
        ends = {client}
        with contextlib.suppress(OSError):
            answers, server = await asyncio.open_connection(LOOPBACK, self._behind)
            ends.add(server)
            self._ends |= ends
            ways = [self._ask(asked, server), self._answer(answers, server, client)]
            flowing = {asyncio.create_task(one) for one in ways}
            await asyncio.wait(flowing, return_when=asyncio.FIRST_COMPLETED)
        for one in ends:
            one.close()
        self._ends -= ends
        self._serving.discard(this)

    async def _ask(self, asked: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        before = b""
        with contextlib.suppress(OSError):
            while chunk := await asked.read(65536):
                before, sprung = self._look(before + chunk)
                if sprung and sprung.answered:
                    self._silenced.add(server)
                elif sprung:
                    await self._fall()
                    return
                server.write(chunk)
                await server.drain()

    async def _answer(
        self,
        answers: asyncio.StreamReader,
        server: asyncio.StreamWriter,
        client: asyncio.StreamWriter,
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await answers.read(65536):
                if server in self._silenced:
                    await self._fall()
                    return
                client.write(chunk)
                await client.drain()

    async def _fall(self) -> None:
        self._silenced.clear()
        await self._cut()
        self.fallen.set()

    def _look(self, seen: bytes) -> tuple[bytes, _Trap | None]:
        """The end of it, in which the text may begin, and the trap that it springs."""
        trap = self._trap
        if trap is None:
            return b"", None
        left = trap._replace(times=trap.times - seen.count(trap.text))
        self._trap = left if left.times > 0 else None
        return seen[len(seen) - len(trap.text) + 1 :], None if self._trap else trap
