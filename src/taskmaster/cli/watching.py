"""Commands that stay: drawing anew when something changes, ending when nobody reads any more."""

from __future__ import annotations

import os
import sys

from taskmaster.cli.answer import fitted, painted, printable, safe, width
from taskmaster.errors import TampError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from taskmaster.ports import Listener

TICK = 0.5
_HOME, _TO_LINE_END, _TO_SCREEN_END = "\x1b[H", "\x1b[K", "\x1b[J"
_CLEAR = "\x1b[2J"
WELL_AGAIN = "all is well again"


class Notes:
    """What keeps a command that stays from hearing: told once, and once more when it is over."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._told = False

    def tell(self, trouble: str) -> None:
        """*trouble* is what is so now, ``""`` for nothing."""
        if bool(trouble) != self._told:
            self._told = bool(trouble)
            if not self._quiet:
                sys.stderr.write(safe(f"note: {trouble or WELL_AGAIN}\n"))
                sys.stderr.flush()


def patient(trouble: str, notes: Notes) -> bool:
    """What a follower does while nothing comes; always True. Raises BrokenPipeError once nobody
    reads the output.
    """
    notes.tell(trouble)
    if _unread():
        raise BrokenPipeError
    return True


def _changed(listener: Listener, drawn_at: int) -> None:
    """Wait until drawing anew may show something else."""
    while not listener.wait(TICK):
        if _unread():
            raise BrokenPipeError
        if width() != drawn_at:
            return


def _unread() -> bool:
    """Whether the reader of our output has gone, which a process that writes nothing never hears
    of by itself.
    """
    import select

    if not hasattr(select, "poll") or sys.stdout.isatty():
        return False
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return any(event & select.POLLERR for _file, event in poll.poll(0))
    except (OSError, ValueError):
        return False


def told(lines: Iterable[str]) -> None:
    """Print lines that a reader should have at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def redrawn(draw: Callable[[], Sequence[str]], listener: Listener, notes: Notes) -> None:
    """Show what *draw* gives, again whenever it differs; ends with the person's Ctrl-C.

    What cannot be drawn for a moment, as while somebody edits the file, is told in its place.
    A trouble of the listener stands in the last line of a terminal, where a note would not last.
    """
    shown: tuple[Sequence[str], str] | None = None
    while True:
        drawn_at, trouble = width(), listener.trouble
        if not sys.stdout.isatty():
            notes.tell(trouble)
            trouble = ""
        lines = _drawn(draw)
        if (lines, trouble) != shown:
            _show(lines, trouble, first=shown is None)
            shown = lines, trouble
        _changed(listener, drawn_at)


def _drawn(draw: Callable[[], Sequence[str]]) -> Sequence[str]:
    try:
        return draw()
    except TampError as error:
        hint = [f"hint: {error.hint}"] if error.hint else []
        return [f"error[{error.code}]: {error.message}", *hint]


def _show(lines: Sequence[str], trouble: str, *, first: bool) -> None:
    """The whole screen on a terminal; elsewhere one text after the other, with a blank between."""
    if not sys.stdout.isatty():
        sys.stdout.write("\n" * (not first) + "\n".join(lines) + "\n")
        sys.stdout.flush()
        return
    room = max(os.get_terminal_size(1).lines - 2, 1)
    hidden = len(lines) - room
    shown = [*lines[:room], *([f"and {hidden} more lines"] if hidden > 0 else [])]
    ends = f"{_TO_LINE_END}\n"
    foot = "watching; Ctrl-C ends"
    if trouble:
        foot = fitted(f"{foot}; {printable(trouble)}", width()).rstrip()
    text = ends.join([*shown, painted(foot, "dim")])
    sys.stdout.write(f"{_CLEAR * first}{_HOME}{text}{_TO_LINE_END}{_TO_SCREEN_END}")
    sys.stdout.flush()
