"""Which HTTP status an error has: by its code where that says more, else by its class."""

from __future__ import annotations

from taskmaster.errors import (
    Busy,
    Conflict,
    CorruptStore,
    Forbidden,
    Invalid,
    NotFound,
    TampError,
    Unauthenticated,
    Unavailable,
    Usage,
)

_NOT_NOW = (
    "ambiguous-dependency", "cannot-move-subtask", "circular-dependency", "complete",
    "cross-tag-dependency-conflicts", "has-subtasks", "not-a-list", "not-a-subtask", "not-a-task",
    "not-exactly-once", "nothing-to-change", "own-parent", "parent-dependency", "past-date",
    "protected-tag", "repeated-id", "repeated-name", "reserved-tag", "same-place",
    "self-dependency", "several-tags", "subtask-dependency", "tag-not-empty",
)  # fmt: skip
"""What is asked for makes sense, but not with what there is at present."""
BY_CODE = dict.fromkeys(_NOT_NOW, 409) | {
    "bad-range": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "no-such-change": 410,
    "stale-revision": 412,
    "too-large": 413,
    "unsupported-media-type": 415,
    "too-many-requests": 429,
    "too-many-streams": 429,
    "head-too-large": 431,
    "key-reused": 422,
}
BY_CLASS: dict[type[TampError], int] = {
    Usage: 400,
    NotFound: 404,
    Invalid: 400,
    Conflict: 409,
    Busy: 503,
    CorruptStore: 500,
    Unavailable: 503,
    Forbidden: 403,
    Unauthenticated: 401,
    TampError: 500,
}
WORDS = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_SERVER_ERROR",
    503: "SERVICE_UNAVAILABLE",
}
"""The words that clients of the first API know; every other refusal is a BAD_REQUEST."""


def status_of(error: TampError) -> int:
    """The status of an error, whose own class or the nearest above it is in the table."""
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    return next(BY_CLASS[kind] for kind in type(error).__mro__ if kind in BY_CLASS)


def word_of(status: int) -> str:
    return WORDS.get(status, "BAD_REQUEST")
