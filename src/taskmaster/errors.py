"""Every state of the world that ends an operation.

TampError               a bug of ours when nothing narrower fits         exit 1
├── Usage               the request itself makes no sense                exit 2
├── NotFound            a task, tag, file or project that is not there   exit 3
├── Invalid             the request is understood and not allowed        exit 4
├── Conflict            somebody else changed it first                   exit 5
├── Busy                another writer holds the project                 exit 5
├── CorruptStore        the stored data cannot be trusted                exit 6
├── Unavailable         a model, network or disk that does not answer    exit 7
├── Forbidden           the caller may not do this                       exit 8
└── Unauthenticated     nobody can tell who the caller is                exit 8

A *code* is a stable kebab-case word that programs may match on; a *message* says what
happened with the values involved; a *hint* says what to do about it.
"""

from __future__ import annotations


class TampError(Exception):
    """Something ended the operation; nothing was changed unless the message says so."""

    exit_code = 1
    code = "internal"

    def __init__(
        self, message: str, *, hint: str = "", code: str = "", details: object = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.code
        self.details = details

    def as_json(self) -> dict[str, object]:
        """The error as every face shows it; ``hint`` and ``details`` only when there are any."""
        shown: dict[str, object] = {"code": self.code, "message": self.message}
        if self.hint:
            shown["hint"] = self.hint
        if self.details is not None:
            shown["details"] = self.details
        return shown


class Usage(TampError):
    exit_code = 2
    code = "usage"


class NotFound(TampError):
    exit_code = 3
    code = "not-found"


class Invalid(TampError):
    exit_code = 4
    code = "invalid"


class Conflict(TampError):
    exit_code = 5
    code = "conflict"


class Busy(TampError):
    exit_code = 5
    code = "busy"


class CorruptStore(TampError):
    exit_code = 6
    code = "corrupt-store"


class Unavailable(TampError):
    exit_code = 7
    code = "unavailable"


class Forbidden(TampError):
    exit_code = 8
    code = "not-permitted"


class Unauthenticated(TampError):
    exit_code = 8
    code = "unauthenticated"
