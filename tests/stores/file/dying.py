"""A process that makes writers which kill themselves at a chosen system call, one after the other.

Run as a program: standard input holds a JSON list of [path, home, call, manner, work], standard
output gets a JSON list of what became of each: how many calls there were, or -1 for one that died.
Manners: ``before`` and ``after`` the call, ``torn`` for only half of what was to be written,
``plain`` with ``before`` on a system without an exchange of files.
"""

from __future__ import annotations

import builtins
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from taskmaster.stores.file import disk, layout
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.moves import send, worked_on
from taskmaster.testing.projects import stamp, task

Value = Any

CALLS = (
    "open", "write", "fsync", "rename", "replace", "unlink", "utime", "chmod", "chown",
    "ftruncate", "link", "mkdir",
)  # fmt: skip


class Countdown:
    def __init__(self, call: int, manner: str) -> None:
        self.made, self.call, self.manner = 0, call, manner

    def around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Value, **options: Value) -> Value:
            self.made += 1
            if self.made != self.call:
                return real(*arguments, **options)
            if self.manner == "after":
                with suppress(OSError):
                    real(*arguments, **options)
            elif self.manner == "torn" and real.__name__ == "write":
                data = arguments[-1]
                real(*arguments[:-1], data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError("still alive")

        return called


class Watched:
    """An open file whose writes count."""

    def __init__(self, file: Value, countdown: Countdown) -> None:
        self._file = file
        self.write = countdown.around(file.write)
        self.truncate = countdown.around(file.truncate)

    def __getattr__(self, name: str) -> Value:
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def no_exchange(one: str, other: str) -> bool:
    del one, other
    return False


def watch(countdown: Countdown) -> None:
    for name in CALLS:
        setattr(os, name, countdown.around(getattr(os, name)))
    if countdown.manner == "plain":
        disk.exchange = no_exchange
    else:
        disk.exchange = countdown.around(disk.exchange)
    real = builtins.open

    def opened(path: Value, mode: str = "r", *rest: Value, **options: Value) -> Value:
        file = real(path, mode, *rest, **options)
        return Watched(file, countdown) if "+" in mode or "w" in mode or "a" in mode else file

    builtins.open = opened  # type: ignore[assignment]


def write(store: FileStore) -> None:
    with store.writing(stamp("dying")) as writer:
        writer.put("master", task(1, "changed \N{SNOWMAN}", details="x" * 3000))
        writer.put("master", task(9))


def move_in(store: FileStore) -> None:
    intake = store.intake()
    send(worked_on(), intake)
    intake.finish()


def move_away(store: FileStore) -> None:
    with store.reading() as reader:
        number = reader.last_change()
    store.retire("the next place", number)


WORKS = {"write": write, "move in": move_in, "move away": move_away}


def outcome(path: str, home: str, call: int, manner: str, work: str) -> int:
    """Do the work in a child of our own and tell how it ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        with os.fdopen(reading, "rb") as answers:
            answer = answers.read()
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return -1
        return int(answer) if os.WEXITSTATUS(status) == 0 else -2
    say, leave = os.write, os._exit
    countdown = Countdown(call, manner)
    layout._SETTLE_PAUSE = 0.0
    watch(countdown)
    try:
        WORKS[work](FileStore(path, home, patience=5))
    except BaseException as error:
        sys.stderr.write(f"{error!r}\n")
        sys.stderr.flush()
        leave(1)
        raise
    say(writing, str(countdown.made).encode())
    leave(0)
    raise AssertionError("still alive")


if __name__ == "__main__":
    json.dump([outcome(*one) for one in json.load(sys.stdin)], sys.stdout)
