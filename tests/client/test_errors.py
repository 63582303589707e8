from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.client.conftest import Ask
from tests.client.scripted import Scripted, refusal

from taskmaster import client as names
from taskmaster.client import exceptions
from taskmaster.errors import TampError

KINDS = {
    (400, "invalid"): names.BadRequestError,
    (401, "unauthenticated"): names.InvalidTokenError,
    (401, "expired-token"): names.TokenExpiredError,
    (401, "revoked-token"): names.InvalidTokenError,
    (403, "not-permitted"): names.PermissionDeniedError,
    (404, "not-found"): names.NotFoundError,
    (405, "method-not-allowed"): names.BadRequestError,
    (409, "conflict"): names.ConflictError,
    (410, "no-such-change"): names.GoneError,
    (412, "stale-revision"): names.StaleError,
    (422, "key-reused"): names.BadRequestError,
    (429, "too-many-requests"): names.RateLimitError,
    (500, "corrupt-store"): names.ServerError,
    (503, "busy"): names.ServiceUnavailableError,
}
ABOVE = {
    names.TokenExpiredError: names.AuthenticationError,
    names.InvalidTokenError: names.AuthenticationError,
    names.MissingCredentialsError: names.AuthenticationError,
    names.AuthenticationError: names.TaskMasterError,
    names.BadRequestError: names.APIError,
    names.PermissionDeniedError: names.APIError,
    names.NotFoundError: names.APIError,
    names.GoneError: names.NotFoundError,
    names.ConflictError: names.APIError,
    names.StaleError: names.ConflictError,
    names.RateLimitError: names.APIError,
    names.ServerError: names.APIError,
    names.ServiceUnavailableError: names.ServerError,
    names.ConnectionFailedError: names.APIError,
    names.TimedOutError: names.ConnectionFailedError,
    names.APIError: names.TaskMasterError,
    names.ValidationError: names.TaskMasterError,
    names.MissingExtraError: names.TaskMasterError,
    names.TaskMasterError: TampError,
}


@pytest.mark.parametrize(("status", "code"), KINDS)
def test_a_refusal_is_an_error_of_its_kind_with_all_that_was_said(
    ask: Ask, status: int, code: str
) -> None:
    with Scripted(refusal(status, code)) as server, pytest.raises(names.TaskMasterError) as caught:
        ask(server.url, lambda client: client.get_task("1"), max_retries=0)

    error = caught.value
    assert type(error) is KINDS[status, code]
    assert error.message == f"refused with {status}"
    assert (error.status, error.code, error.hint) == (status, code, "do otherwise")
    assert (error.field, error.request_id, error.details) == ("title", "req-7", {"a": 1})


@pytest.mark.parametrize("kind", ABOVE)
def test_every_error_can_be_caught_by_what_it_is_a_kind_of(
    kind: type[names.TaskMasterError],
) -> None:
    assert issubclass(kind, ABOVE[kind])


def test_a_bad_request_is_a_validation_error_too() -> None:
    assert issubclass(names.BadRequestError, names.ValidationError)


def test_who_shows_nothing_is_told_that_a_token_is_missing(ask: Ask) -> None:
    with (
        Scripted(refusal(401, "unauthenticated")) as server,
        pytest.raises(names.MissingCredentialsError),
    ):
        ask(server.url, lambda client: client.get_task("1"), token="")

    assert "authorization" not in server.asked[0].headers


def test_a_date_in_retry_after_is_understood() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)

    assert 28 <= (exceptions.seconds(soon) or 0) <= 30
    assert exceptions.seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert exceptions.seconds("soon") is None
    assert exceptions.seconds("") is None


def test_the_hint_is_in_the_text() -> None:
    assert (
        str(names.NotFoundError("there is no task 9", hint="look")) == "there is no task 9 (look)"
    )
