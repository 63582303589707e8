"""The client can be imported where little is installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

import taskmaster
from taskmaster import client

HEAVY = "httpx2 anyio jwt msgspec starlette uvicorn asyncio taskmaster.app taskmaster.server"
OF_THE_FIRST_SDK = """
    TaskMasterClient Task SubTask TaskStatus TaskPriority ApiResponse ApiError TaskMasterError
    AuthenticationError TokenExpiredError InvalidTokenError MissingCredentialsError APIError
    BadRequestError NotFoundError ConflictError RateLimitError ServerError ServiceUnavailableError
    ValidationError JWTHandler
""".split()


def run(line: str) -> str:
    """What a fresh interpreter says."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", line],
        capture_output=True, encoding="utf-8", check=True,
    ).stdout  # fmt: skip


@pytest.mark.parametrize("name", OF_THE_FIRST_SDK)
def test_a_name_of_the_first_sdk_is_in_both_places(name: str) -> None:
    assert getattr(taskmaster, name) is getattr(client, name)
    assert name in dir(taskmaster)
    assert name in dir(client)


@pytest.mark.parametrize("name", client.__all__)
def test_everything_that_the_client_offers_is_there(name: str) -> None:
    assert getattr(client, name)


def test_what_is_not_offered_is_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'TaskClient'"):
        client.TaskClient  # type: ignore[attr-defined]  # noqa: B018


def test_tasks_and_errors_need_nothing_but_the_standard_library() -> None:
    line = (
        "import sys; from taskmaster.client import Task, TaskMasterError, Change\n"
        "Task(id='1', title='x').status\n"
        f"print([name for name in {HEAVY.split()!r} if name in sys.modules])"
    )

    assert run(line) == "[]\n"


@pytest.mark.parametrize("name", ["Client", "AsyncClient", "TaskMasterClient"])
def test_who_has_no_httpx2_is_told_how_to_get_it(name: str) -> None:
    line = (
        "import sys; sys.modules['httpx2'] = None\n"
        f"import taskmaster.client\ntry: from taskmaster import {name}\n"
        "except ImportError as error: print(type(error).__name__, error)"
    )

    said = run(line)

    assert said.startswith("MissingExtraError the client needs the package httpx2")
    assert "pip install 'task-master-pro[client]'" in said
