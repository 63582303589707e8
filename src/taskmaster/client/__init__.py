"""The Python client of a server: ``Client``, ``AsyncClient``, and the names of the first SDK.

What opens connections is loaded when it is first asked for, and needs the extra ``client``: without
it MissingExtraError is raised, which is an ImportError.
"""

from __future__ import annotations

from taskmaster.client.exceptions import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    GoneError,
    InvalidTokenError,
    MissingCredentialsError,
    MissingExtraError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    ServiceUnavailableError,
    StaleError,
    TaskMasterError,
    TimedOutError,
    TokenExpiredError,
    UnavailableError,
    ValidationError,
)
from taskmaster.client.live import Actor, Change, Edit, Pair
from taskmaster.client.models import (
    ApiError,
    ApiResponse,
    Page,
    SubTask,
    Task,
    TaskPriority,
    TaskStatus,
)
from taskmaster.client.tokens import JWTHandler

__all__ = [
    "APIError",
    "Actor",
    "ApiError",
    "ApiResponse",
    "AsyncChangeStream",
    "AsyncClient",
    "AuthenticationError",
    "BadRequestError",
    "Change",
    "ChangeStream",
    "Client",
    "ConflictError",
    "ConnectionFailedError",
    "Edit",
    "GoneError",
    "InvalidTokenError",
    "JWTHandler",
    "MissingCredentialsError",
    "MissingExtraError",
    "NotFoundError",
    "Page",
    "Pair",
    "PermissionDeniedError",
    "RateLimitError",
    "ServerError",
    "ServiceUnavailableError",
    "StaleError",
    "SubTask",
    "Task",
    "TaskMasterClient",
    "TaskMasterError",
    "TaskPriority",
    "TaskStatus",
    "TimedOutError",
    "TokenExpiredError",
    "UnavailableError",
    "ValidationError",
]
_LAZY = {
    "AsyncChangeStream": "awaiting",
    "AsyncClient": "awaiting",
    "ChangeStream": "blocking",
    "Client": "blocking",
    "TaskMasterClient": "blocking",
}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskmaster.client.awaiting import AsyncChangeStream, AsyncClient
    from taskmaster.client.blocking import ChangeStream, Client, TaskMasterClient
else:
    # Hidden from type checkers, which would otherwise believe that every name is here.
    def __getattr__(name: str) -> object:
        """What opens connections."""
        if name not in _LAZY:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message, name=name)
        value = getattr(__import__(f"{__name__}.{_LAZY[name]}", fromlist=[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
