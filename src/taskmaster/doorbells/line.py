"""Listening on a line that may be cut: to a server that may go away and come back."""

from __future__ import annotations

import time
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple, Protocol

    class Heard(NamedTuple):
        """What came over a line: rings, however many, and the answer to a question."""

        ring: bool
        answer: bool

    class Line(Protocol):
        """A connection to where the rings come from. Raises Cut once it is lost, and nothing else.

        After ``hang_up`` it may be connected anew.
        """

        name: str

        def connect(self, seconds: float) -> bool:
            """Whether it stands; goes on with making it for about that long."""

        def ask(self) -> None:
            """Have the other side answer, on the way that rings come too."""

        def hear(self, seconds: float) -> Heard:
            """What has come, after waiting at most *seconds* for something."""

        def hang_up(self) -> None:
            """Let go of it, in whatever state it is; does not raise."""

else:
    Heard = namedtuple("Heard", "ring answer")

LOOK = 1.0
"""Seconds between two times that a listener which hears nothing says True."""

PULSE = 15.0
"""Seconds between two questions whether the other side is still there."""

PATIENCE = 3.0
"""Seconds that making a connection, and an answer, may take."""

_SHORTEST, _LONGEST = 0.1, 5.0
_DOWN, _CONNECTING, _ASKED, _QUIET = "down", "connecting", "asked", "quiet"


class Cut(Exception):
    """The line is down; the message says why, as the beginning of a sentence."""


class LineListener:
    """Hears the rings that come over *line*; while it is down, says True every LOOK seconds.

    The line is up when a question was answered, and is asked now and then: when a server freezes
    or a network goes away, no connection ends. ``pulse`` is the time between two questions. Where
    rings may be lost on a line that is up, it also says True when it has heard nothing for
    *silence* seconds.
    """

    def __init__(self, line: Line, *, silence: float = float("inf"), pulse: float = PULSE) -> None:
        self._line = line
        self._silence = silence
        self._pulse = pulse
        self._state = _DOWN
        self._alarm = time.monotonic()
        """When the state has lasted long enough: time to connect, to ask, or to give up."""
        self._pause = _SHORTEST
        self._why = f"{line.name} does not answer"
        self._up = False
        self._look = self._alarm + LOOK
        self._begin()

    def _begin(self) -> None:
        """Have the line up at once if that can be, so that the first wait says what is so."""
        while not self._up and self._pause == _SHORTEST and time.monotonic() < self._look:
            self._turn(self._look)
        self._look = time.monotonic() + (self._silence if self._up else 0)

    @property
    def trouble(self) -> str:
        return "" if self._up else f"{self._why}; looking every {LOOK:g} s"

    def wait(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while True:
            changed = self._turn(min(end, self._look))
            now = time.monotonic()
            if changed or now >= self._look:
                self._look = now + (self._silence if self._up else LOOK)
                return True
            if now >= end:
                return False

    def close(self) -> None:
        self._line.hang_up()

    def _turn(self, end: float) -> bool:
        """Do what is next, until *end* at most; whether something may have changed."""
        try:
            if self._state in (_DOWN, _CONNECTING):
                self._connect(end)
                return False
            return self._hear(end)
        except Cut as cut:
            self._lose(str(cut))
            return False

    def _connect(self, end: float) -> None:
        if self._state == _DOWN:
            if self._left(end):
                time.sleep(self._left(end))
                return
            self._enter(_CONNECTING, PATIENCE)
        if self._line.connect(self._left(end)):
            self._ask()
        elif self._over():
            raise Cut(f"{self._line.name} does not answer")

    def _hear(self, end: float) -> bool:
        heard = self._line.hear(self._left(end))
        again = heard.answer and not self._up
        if heard.answer:
            self._up, self._pause = True, _SHORTEST
            self._enter(_QUIET, self._pulse)
        elif self._over():
            if self._state == _ASKED:
                raise Cut(f"{self._line.name} does not answer")
            self._ask()
        return heard.ring or again

    def _ask(self) -> None:
        self._line.ask()
        self._enter(_ASKED, PATIENCE)

    def _lose(self, why: str) -> None:
        self._line.hang_up()
        self._enter(_DOWN, self._pause)
        self._pause = min(2 * self._pause, _LONGEST)
        self._why = why
        if self._up:
            self._up, self._look = False, time.monotonic()

    def _enter(self, state: str, seconds: float) -> None:
        self._state, self._alarm = state, time.monotonic() + seconds

    def _left(self, end: float) -> float:
        return max(min(end, self._alarm) - time.monotonic(), 0)

    def _over(self) -> bool:
        return time.monotonic() >= self._alarm
