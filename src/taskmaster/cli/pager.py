"""Long answers a screen at a time, in the program that the person likes for it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys

_OFF = ("", "cat")


def _words() -> list[str]:
    """The words that start the pager, none where it is switched off."""
    asked = os.environ.get("TAMP_PAGER", os.environ.get("PAGER", "less"))
    try:
        words = shlex.split(asked)
    except ValueError:
        return []
    return [] if asked.strip() in _OFF else words


def turned(text: str) -> bool:
    """Show *text* in the pager; False where there is none. Leaving it early is no trouble."""
    words = _words()
    if not words:
        return False
    # As git does: leave at once when one screen is enough, keep colours, leave the screen as it is.
    surroundings = {"LESS": "FRX", "LV": "-c", **os.environ}
    sys.stderr.flush()
    try:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, env=surroundings)  # noqa: S603  # the user's own
    except OSError:
        return False
    # Ctrl-C belongs to the pager while it runs.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process.communicate(text.encode("utf-8", "backslashreplace"))
    finally:
        signal.signal(signal.SIGINT, before)
    return True
