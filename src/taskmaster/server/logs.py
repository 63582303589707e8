"""What a server writes down: one line for every event, as JSON, or as words on a terminal.

Whatever is said, from wherever it comes, goes through here, so that no secret gets into a log and
no text of a stranger into a terminal as it is.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from taskmaster.config import without_password
from taskmaster.domain.keys import ID_LENGTH
from taskmaster.server.headers import SAFE
from taskmaster.workspace import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from typing import BinaryIO

    from structlog.typing import FilteringBoundLogger as Log

    Event = MutableMapping[str, Any]
    Process = Callable[[Any, str, Event], Any]

LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}

SLOW = 1.0
"""Seconds from which a request is slow."""

LONGEST = 8_000
"""Characters of one value; of a longer one, the beginning is written."""

GONE = "[redacted]"

_DEPTH = 8
_NO_FAULT = (
    "ASGI callable returned without completing handshake.",
    "ASGI callable returned without completing response.",
)
"""What uvicorn says of every WebSocket that is refused with an answer, and of every stream that
its client does not take.
"""
_SECRET_NAME = re.compile(
    r"authori[sz]ation|cookie|passw|secret|token|credential|private|(?:api|access)[-_]?key",
    re.IGNORECASE,
)
# A look at this tells whether a closer look is worth it.
_SUSPECT = re.compile(r"bearer|basic|tamp_|eyJ|://|token|key|passw|secret", re.IGNORECASE)
# Which key somebody has shown is no secret: lists of keys show it.
_KEY_ID = re.compile(rf"key:[0-9A-Za-z]{{{ID_LENGTH}}}")
_SECRETS = (
    (re.compile(r"\b(bearer|basic)(\s+|%20)[\w.~+/=-]+", re.IGNORECASE), rf"\1 {GONE}"),
    (re.compile(r"\b(tamp_[0-9A-Za-z]+)_[0-9A-Za-z]+"), rf"\1_{GONE}"),
    (re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){1,4}"), GONE),
    (
        re.compile(
            r"((?:[\w-]*token|[\w-]*key|passw\w*|[\w-]*secret)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&;,]+",
            re.IGNORECASE,
        ),
        rf"\1{GONE}",
    ),
)


class Lines(structlog.BytesLogger):
    """Where the lines go. ``trouble`` says why the last one could not be written, ``""`` if it
    could: nobody's request fails because of that.
    """

    __slots__ = ("trouble",)

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.trouble = ""

    def msg(self, message: bytes) -> None:
        try:
            super().msg(message)
            self.trouble = ""
        except (OSError, ValueError) as error:  # ValueError: the stream is closed.
            self.trouble = f"the log cannot be written: {error}"

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def opened(level: str = "info", *, file: BinaryIO | None = None, words: bool | None = None) -> Log:
    """A structlog logger whose ``info("event", name=value)`` and the like write one line each.

    To standard error, unless told otherwise; as *words* where that is a terminal. Raises KeyError
    for an unknown level.
    """
    out = sys.stderr.buffer if file is None else file
    spoken = out.isatty() if words is None else words
    steps: list[Process] = [
        _stamped,
        structlog.processors.format_exc_info,
        _redacted,
        _spoken if spoken else _written,
    ]
    made: Log = structlog.wrap_logger(
        Lines(out),
        processors=steps,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        context_class=dict,
    ).bind()
    return made


def _stamped(_logger: object, level: str, event: Event) -> Event:
    return {"time": utc_now(), "level": level, **event}


def _redacted(_logger: object, _level: str, event: Event) -> Event:
    return {name: _safe(name, value, _DEPTH) for name, value in event.items()}


def _safe(name: str, value: object, depth: int) -> object:
    """The value without secrets, in types that every encoder knows."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_NAME.search(name):
        return GONE
    if depth and isinstance(value, dict):
        return {redacted(str(key)): _safe(str(key), one, depth - 1) for key, one in value.items()}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [_safe("", one, depth - 1) for one in value]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    return redacted(value if isinstance(value, str) else str(value))


def redacted(text: str) -> str:
    """*text* without the secrets that can be recognised in it, and as every encoder takes it."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode()
    if not _SUSPECT.search(text) or _KEY_ID.fullmatch(text):
        return text
    if "://" in text:
        text = without_password(text)
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


def _written(_logger: object, _level: str, event: Event) -> bytes:
    return msgspec.json.encode(event)


def _spoken(_logger: object, _level: str, event: Event) -> bytes:
    """``12:00:00.000 info    changed  method=PUT status=200``: what a person looks for, first."""
    time, level, said = (str(event.pop(name, "")) for name in ("time", "level", "event"))
    pairs = (f"{name}={_word(value)}" for name, value in event.items() if value not in ("", None))
    return " ".join([time[11:23], f"{level:<7}", _plain(said), *pairs]).encode()


def _word(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if text.isprintable() and " " not in text else json.dumps(text)


def _plain(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)


class Requests:
    """Which requests are written down: those that change something, those that are refused or
    fail, those that are slow; at level debug all of them.
    """

    def __init__(self, log: Log, *, level: str = "info", slow: float = SLOW) -> None:
        self._log = log
        self._all = LEVELS[level] <= LEVELS["debug"]
        self._slow = slow

    def tell(
        self, method: str, status: int, seconds: float, about: Callable[[], Mapping[str, object]]
    ) -> None:
        """Write down a request that was answered, if it is one of those.

        *about* gives the rest, such as ``request``, ``route``, ``actor_id``, ``actor``, ``bytes``;
        it is asked only then.
        """
        if status < 400 and seconds < self._slow and method in SAFE and not self._all:
            return
        event, tell = self._event(method, status, seconds)
        tell(event, method=method, status=status, ms=round(seconds * 1000, 1), **about())

    def _event(self, method: str, status: int, seconds: float) -> tuple[str, Callable[..., None]]:
        if status >= 500:
            return "failed", self._log.error
        if status >= 400:
            return "refused", self._log.warning
        if seconds >= self._slow:
            return "slow", self._log.warning
        return ("read", self._log.debug) if method in SAFE else ("changed", self._log.info)


class Foreign(logging.Handler):
    """Takes over what others say through the standard library."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg in _NO_FAULT:
            return
        try:
            said = record.getMessage()
        except (TypeError, ValueError):
            said = str(record.msg)
        level, more = record.levelno, {}
        if record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError):
            level = LEVELS["warning"]  # No text is what a client has sent, and no fault of ours.
        elif record.exc_info:
            more = {"exc_info": record.exc_info}
        self._log.log(level, said.strip(), logger=record.name, **more)


def adopt(log: Log, *names: str, level: str = "info") -> None:
    """Let these loggers of the standard library, and all below them, write their lines to *log*."""
    handler = Foreign(log)
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(LEVELS[level])
