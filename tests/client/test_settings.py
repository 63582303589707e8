from __future__ import annotations

from pathlib import Path

import pytest
from tests.client.conftest import Ask
from tests.client.scripted import Scripted, answer

from taskmaster.client import AsyncClient, Client, TaskMasterClient, ValidationError
from taskmaster.client.settings import Options, settings_of

ONE = {"id": "1", "title": "One"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a project, in which the tests are, with nothing in the environment."""
    for name in ("TAMP_TOKEN", "TAMP_URL", "TAMP_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    inside = tmp_path / "project" / "src" / "deep"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    return tmp_path / "project"


def keep(project: Path, token: str) -> None:
    (project / ".taskmaster").mkdir(exist_ok=True)
    (project / ".taskmaster" / "token").write_text(token + "\n", "ascii")


def token_for(url: str = "", token: str | None = None, **options: str) -> str:
    return settings_of(url, token, Options(**options)).token  # type: ignore[typeddict-item]


def test_the_token_is_the_nearest_that_is_given(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert token_for() == ""

    keep(elsewhere, "kept")
    assert token_for() == "kept"

    monkeypatch.setenv("TAMP_TOKEN", "around")
    assert token_for() == "around"
    assert token_for(api_key="key") == "key"
    assert token_for("", "given", api_key="key") == "given"


def test_another_project_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    keep(tmp_path / "other", "its own")
    monkeypatch.setenv("TAMP_PROJECT", str(tmp_path / "other"))

    assert token_for() == "its own"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://localhost:3000", "kept"),
        ("http://127.0.0.9", "kept"),
        ("http://[::1]:3000", "kept"),
        ("https://tasks.example.org", ""),
        ("http://localhost.example.org", ""),
        ("http://10.0.0.1", ""),
    ],
)
def test_the_token_of_this_machine_is_shown_to_no_other(
    elsewhere: Path, url: str, told: str
) -> None:
    keep(elsewhere, "kept")

    assert token_for(url) == told


def test_a_token_that_cannot_be_read_is_not_passed_over(elsewhere: Path) -> None:
    (elsewhere / ".taskmaster" / "token").mkdir(parents=True)

    with pytest.raises(ValidationError, match="cannot be read"):
        token_for()


@pytest.mark.parametrize("token", ["a\r\nX-Admin: yes", "ä"])
def test_a_token_is_nothing_but_a_token(token: str) -> None:
    with pytest.raises(ValidationError, match="characters that no token has"):
        token_for(token=token)


def test_where_the_server_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of("", "t", {}).api == "http://127.0.0.1:3000/api/v1"

    monkeypatch.setenv("TAMP_URL", "https://there/tasks/")
    assert settings_of("", "t", {}).api == "https://there/tasks/api/v1"


@pytest.mark.parametrize(
    ("url", "project", "api"),
    [
        ("http://a:1", "", "http://a:1/api/v1"),
        ("http://a:1/api/v1/", "", "http://a:1/api/v1"),
        ("http://a:1", "my shop", "http://a:1/api/v1/projects/my%20shop"),
        ("http://a:1/api/v1/projects/shop", "", "http://a:1/api/v1/projects/shop"),
        ("http://a:1/api/v1/projects/shop", "other", "http://a:1/api/v1/projects/other"),
    ],
)
def test_a_project_of_several_has_paths_of_its_own(url: str, project: str, api: str) -> None:
    options: Options = {"project": project} if project else {}

    assert settings_of(url, "t", options).api == api


@pytest.mark.parametrize(
    "url",
    [
        "there:3000",
        "ftp://a",
        "http://",
        "/api/v1",
        "http://a/api/v1/x",
        "http://[::1",
        "http://a:b",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Client(url)

    assert caught.value.field == "url"


def test_every_request_says_who_asks_and_for_which_tag(ask: Ask) -> None:
    with Scripted(answer(ONE)) as server:
        for given in ({}, {"tag": "other"}):
            ask(
                server.url,
                lambda client, given=given: client.get_task("a/b ?#", **given),
                project="shop",
                tag="sprint",
                session="night",
            )

    first, second = server.asked
    assert first.path == "/api/v1/projects/shop/tasks/a%2Fb%20%3F%23?tag=sprint"
    assert second.path.endswith("?tag=other")
    assert first.headers["authorization"] == "Bearer tamp_test_token"
    assert first.headers["x-session"] == "night"


def test_a_client_is_made_as_for_the_first_sdk() -> None:
    with TaskMasterClient("http://there/api/v1/", "secret", 60, 5, 2.0) as client:
        assert client.api_url == "http://there/api/v1"
        assert (client.token, client.timeout) == ("secret", 60)
        assert client.settings.max_retries == 5
        assert client.settings.retry_backoff == 2.0
        assert client.session is not None


def test_a_token_is_not_shown_by_mistake() -> None:
    with Client("http://there", "very-secret") as client:
        assert "very-secret" not in repr(client)
        assert "very-secret" not in repr(client.settings)
    assert "very-secret" not in repr(AsyncClient("http://there", "very-secret"))
