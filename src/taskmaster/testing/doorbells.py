"""The contracts of ``ports.Doorbell`` and ``ports.Listener`` as tests, for ours and anybody else's.

Subclass the one that fits in a test module, say who listens and how one rings, and pytest does the
rest::

    class TestMyDoorbell(DoorbellContract):
        def make_listener(self, project):
            return MyListener(...)

        def make_doorbell(self, project):
            return MyDoorbell(...)

        def server(self):
            return my_server

``ListenerContract`` is for listeners that look at the store themselves, ``ServedListenerContract``
for those whose store rings through a server, ``DoorbellContract`` for doorbells of their own.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Protocol

    from taskmaster.ports import Doorbell, Listener

    class Server(Protocol):
        """What carries the rings."""

        def kill(self) -> None:
            """End it, so that it says good-bye to nobody."""

        def start(self) -> None:
            """Have it again, at the same address, with nothing of what it knew."""


PROMPT = 1.0
"""Seconds within which a ring is heard, and within which a dead line is noticed again."""

QUIET = 0.3
"""Seconds of silence from which a test concludes that there was no ring."""

MOMENT = 0.2
"""Seconds after which what is to happen during a wait happens."""

WAIT = 30.0
"""Seconds after which a test gives up; nothing ever takes that long."""


def timed(work: Callable[[], object]) -> tuple[object, float]:
    """What *work* gives, and how long that took."""
    start = time.monotonic()
    return work(), time.monotonic() - start


@contextmanager
def soon(work: Callable[[], object]) -> Iterator[None]:
    """Has *work* done a moment later, while the block is under way."""
    later = threading.Timer(MOMENT, work)
    later.start()
    try:
        yield
    finally:
        later.join(WAIT)


def hears(listener: Listener) -> bool:
    """Whether a ring that was, or comes at once, ends the wait at once."""
    found, seconds = timed(lambda: listener.wait(WAIT))
    return found is True and seconds < PROMPT


def settle(listener: Listener) -> int:
    """How many more times something may have changed, until nothing has."""
    times = 0
    while listener.wait(QUIET):
        times += 1
    return times


class ListenerContract:
    """What a listener promises; every test begins with listeners of its own."""

    def make_listener(self, project: str) -> Listener:
        """A listener for the *project*; two projects share all that projects can share."""
        raise NotImplementedError

    def ring(self, number: int, project: str = "one") -> None:
        """Change the *project* as its writers do, so that its last change is *number*."""
        raise NotImplementedError

    def setup_method(self) -> None:
        self._open: list[Doorbell | Listener] = []

    def teardown_method(self) -> None:
        for one in self._open:
            one.close()

    def listener(self, project: str = "one") -> Listener:
        """A new listener, closed when the test is over."""
        listener = self.make_listener(project)
        self._open.append(listener)
        return listener

    def test_silence_lasts_as_long_as_was_asked(self) -> None:
        listener = self.listener()
        heard, seconds = timed(lambda: listener.wait(QUIET))
        assert heard is False
        assert QUIET <= seconds < QUIET + PROMPT
        assert listener.trouble == ""

    def test_a_ring_is_heard_by_who_listened_before(self) -> None:
        listener = self.listener()
        self.ring(1)
        assert hears(listener)
        settle(listener)
        self.ring(2)
        assert hears(listener)

    def test_a_ring_ends_a_wait(self) -> None:
        listener = self.listener()
        with soon(lambda: self.ring(1)):
            heard, seconds = timed(lambda: listener.wait(WAIT))
        assert heard is True
        assert seconds < MOMENT + PROMPT

    def test_many_rings_are_heard_and_then_over(self) -> None:
        listener = self.listener()
        for number in range(1, 101):
            self.ring(number)
        assert hears(listener)
        assert settle(listener) < 100
        self.ring(101)
        assert hears(listener)

    def test_a_ring_that_nobody_hears_is_no_concern_of_who_comes_later(self) -> None:
        self.ring(1)
        assert settle(self.listener()) == 0

    def test_everybody_hears_a_ring(self) -> None:
        listeners = [self.listener() for _ in range(3)]
        self.ring(1)
        assert all(map(hears, listeners))

    def test_rings_of_another_project_are_not_heard(self) -> None:
        here, there = self.listener(), self.listener("two")
        self.ring(1, "two")
        assert hears(there)
        assert here.wait(QUIET) is False


class ServedListenerContract(ListenerContract):
    """What a listener promises, when the rings come through a server that may go and come back."""

    def server(self) -> Server:
        """The one that carries the rings; it runs when a test begins."""
        raise NotImplementedError

    def test_a_line_that_dies_is_noticed_and_mends_itself(self) -> None:
        server, listener = self.server(), self.listener()
        with soon(server.kill):
            heard, seconds = timed(lambda: listener.wait(WAIT))
        assert heard is True
        assert seconds < MOMENT + PROMPT
        _looks_for_itself(listener)
        server.start()
        self._hears_again(listener)

    def test_who_listens_while_the_server_is_away_hears_when_it_comes(self) -> None:
        server = self.server()
        server.kill()
        listener = self.listener()
        assert hears(listener), "something may have been missed"
        _looks_for_itself(listener)
        server.start()
        self._hears_again(listener)

    def _hears_again(self, listener: Listener) -> None:
        end = time.monotonic() + WAIT
        while listener.trouble:
            assert listener.wait(WAIT), "it must look for itself until the line is up"
            assert time.monotonic() < end
        settle(listener)
        self.ring(1_000)
        while not listener.wait(QUIET):  # A doorbell may rest for a while.
            assert time.monotonic() < end
            self.ring(1_001)


class DoorbellContract(ServedListenerContract):
    """What a doorbell and its listeners promise, which only meet at a server."""

    def make_doorbell(self, project: str) -> Doorbell:
        """A doorbell that, after a failure, tries again before long."""
        raise NotImplementedError

    def ring(self, number: int, project: str = "one") -> None:
        self.doorbell(project).ring(number)

    def setup_method(self) -> None:
        super().setup_method()
        self._doorbells: dict[str, Doorbell] = {}

    def doorbell(self, project: str = "one") -> Doorbell:
        """The doorbell of the project, closed when the test is over."""
        if project not in self._doorbells:
            self._doorbells[project] = self.make_doorbell(project)
            self._open.append(self._doorbells[project])
        return self._doorbells[project]

    def test_ringing_in_vain_takes_next_to_no_time_and_is_told(self) -> None:
        server, doorbell = self.server(), self.doorbell()
        doorbell.ring(1)
        assert doorbell.trouble == ""
        server.kill()
        start = time.monotonic()
        for number in range(2, 200):
            doorbell.ring(number)
        assert time.monotonic() - start < PROMPT
        assert doorbell.trouble
        server.start()
        self._hears_again(self.listener())
        assert doorbell.trouble == ""

    def test_a_doorbell_that_was_closed_is_silent(self) -> None:
        listener, doorbell = self.listener(), self.doorbell()
        doorbell.ring(1)
        assert hears(listener)
        doorbell.close()
        doorbell.ring(2)
        assert listener.wait(QUIET) is False


def _looks_for_itself(listener: Listener) -> None:
    """While its line is down, about every second."""
    for _ in range(2):
        heard, seconds = timed(lambda: listener.wait(WAIT))
        assert heard is True
        assert seconds < 2 * PROMPT
        assert listener.trouble
