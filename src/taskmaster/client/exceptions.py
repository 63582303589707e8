"""Everything that a client raises, with the names that the first SDK gave it.

TaskMasterError
├── AuthenticationError         the server does not know the caller                 401
│   ├── TokenExpiredError       the token was good once
│   ├── InvalidTokenError       the token or key opens nothing
│   └── MissingCredentialsError no token was given
├── MissingExtraError           a package is not installed; an ImportError, too
├── ValidationError             what was asked for cannot be; found here, or a BadRequestError
└── APIError                    the server refused or did not answer
    ├── BadRequestError         the request is not understood or not allowed        400, 4xx
    ├── PermissionDeniedError   the key does not permit this                        403
    ├── NotFoundError           a task, tag or path that is not there               404
    │   └── GoneError           a change that the log does not know any more        410
    ├── ConflictError           somebody else was first                             409
    │   └── StaleError          the task was changed since it was read              412
    ├── RateLimitError          too many requests                                   429
    ├── ServerError             a fault of the server, or of what is stored         5xx
    │   └── UnavailableError    busy, or going away; also ServiceUnavailableError   503
    └── ConnectionFailedError   no answer came
        └── TimedOutError       not in time
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from taskmaster.errors import TampError

if TYPE_CHECKING:
    from collections.abc import Mapping


class TaskMasterError(TampError):
    """``status`` is the HTTP status, 0 where no answer came; ``field`` the part at fault."""

    code = "client-error"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str = "",
        details: object = None,
        status: int = 0,
        request_id: str = "",
        field: str = "",
    ) -> None:
        super().__init__(message, hint=hint, code=code, details=details)
        self.status = status
        self.request_id = request_id
        self.field = field

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class AuthenticationError(TaskMasterError):
    exit_code = 8
    code = "unauthenticated"


class TokenExpiredError(AuthenticationError):
    code = "expired-token"


class InvalidTokenError(AuthenticationError):
    pass


class MissingCredentialsError(AuthenticationError):
    pass


class ValidationError(TaskMasterError):
    exit_code = 4
    code = "invalid"


class APIError(TaskMasterError):
    """``retry_after`` is how many seconds the server asks to wait, None where it does not say."""

    exit_code = 7
    retry_after: float | None = None

    @property
    def status_code(self) -> int:
        return self.status


class BadRequestError(APIError, ValidationError):
    exit_code = 4


class PermissionDeniedError(APIError):
    exit_code = 8
    code = "not-permitted"


class NotFoundError(APIError):
    exit_code = 3
    code = "not-found"


class GoneError(NotFoundError):
    code = "no-such-change"


class ConflictError(APIError):
    exit_code = 5
    code = "conflict"


class StaleError(ConflictError):
    code = "stale-revision"


class RateLimitError(APIError):
    code = "too-many-requests"


class ServerError(APIError):
    code = "internal"


class UnavailableError(ServerError):
    code = "unavailable"


ServiceUnavailableError = UnavailableError
"""As the first SDK calls it."""


class ConnectionFailedError(APIError):
    """No answer came. Whether the server carried the request out is not known, unless the message
    says that nothing was sent.
    """

    code = "no-answer"


class TimedOutError(ConnectionFailedError, TimeoutError):
    code = "timed-out"


class MissingExtraError(TaskMasterError, ImportError):
    """A package that is needed is not installed; ``hint`` says how to get it."""

    exit_code = 7
    code = "missing-extra"


_BY_STATUS: Mapping[int, type[TaskMasterError]] = {
    401: InvalidTokenError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    412: StaleError,
    429: RateLimitError,
    503: UnavailableError,
}
_BY_CODE: Mapping[str, type[TaskMasterError]] = {"expired-token": TokenExpiredError}


def refusal(
    status: int, headers: Mapping[str, str], body: bytes, *, anonymous: bool = False
) -> TaskMasterError:
    """The error that an answer is; *anonymous* tells that no token was sent."""
    told = _told(body)
    code = str(told.get("code", ""))
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status)
    if kind is InvalidTokenError and anonymous:
        kind = MissingCredentialsError
    kind = kind or (ServerError if status >= 500 else BadRequestError)
    error = kind(
        str(told.get("message") or f"the server answered {status}"),
        hint=str(told.get("hint", "")),
        code=code,
        details=told.get("details"),
        status=status,
        request_id=str(told.get("requestId") or headers.get("x-request-id", "")),
        field=str(told.get("field", "")),
    )
    if isinstance(error, APIError):
        error.retry_after = seconds(headers.get("retry-after", ""))
    return error


def _told(body: bytes) -> Mapping[str, Any]:
    """What the body says of the error, nothing where something else than our server answered."""
    try:
        whole = json.loads(body)
    except ValueError:
        return {}
    told = whole.get("error", whole.get("errors")) if isinstance(whole, dict) else None
    if isinstance(told, list) and told and isinstance(told[0], dict):
        return {"message": told[0].get("message", ""), **told[0].get("extensions", {})}
    return told if isinstance(told, dict) else {"message": told}


def seconds(text: str) -> float | None:
    """What ``Retry-After`` says, which may also be a date. None for nothing or nonsense."""
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)
