"""Task Master Pro: one task graph per project, shared by people, agents and servers.

Importing this package costs nothing: the library API is loaded when a name is first asked for.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = [
    "APIError",
    "ApiError",
    "ApiResponse",
    "AsyncClient",
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "ConflictError",
    "ConnectionFailedError",
    "GoneError",
    "InvalidTokenError",
    "JWTHandler",
    "MissingCredentialsError",
    "MissingExtraError",
    "NotFoundError",
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
    "ValidationError",
    "__version__",
    "open_project",
]

_HOMES = {**dict.fromkeys(__all__, "taskmaster.client"), "open_project": "taskmaster.app"}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskmaster.app import open_project
    from taskmaster.client import (
        APIError,
        ApiError,
        ApiResponse,
        AsyncClient,
        AuthenticationError,
        BadRequestError,
        Client,
        ConflictError,
        ConnectionFailedError,
        GoneError,
        InvalidTokenError,
        JWTHandler,
        MissingCredentialsError,
        MissingExtraError,
        NotFoundError,
        PermissionDeniedError,
        RateLimitError,
        ServerError,
        ServiceUnavailableError,
        StaleError,
        SubTask,
        Task,
        TaskMasterClient,
        TaskMasterError,
        TaskPriority,
        TaskStatus,
        TimedOutError,
        TokenExpiredError,
        ValidationError,
    )
else:
    # Hidden from type checkers, which would otherwise believe that every name is here.
    def __getattr__(name: str) -> object:
        """The library API, each name loaded from its home when it is first used."""
        if name not in _HOMES:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message, name=name)
        value = getattr(__import__(_HOMES[name], fromlist=[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
