from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from taskmaster.server import logs
from taskmaster.server.logs import GONE, Lines, Requests, adopt, opened, redacted

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Written(io.BytesIO):
    """A log that a test reads."""

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def file() -> Written:
    return Written()


def test_an_event_is_one_line_of_json_with_its_time_and_level(file: Written) -> None:
    opened(file=file).warning("disk-full", free=12, folder="/x")

    (line,) = file.lines()
    assert line.pop("time").endswith("Z")
    assert line == {"level": "warning", "event": "disk-full", "free": 12, "folder": "/x"}
    assert file.getvalue().startswith(b'{"time":')


def test_what_is_below_the_level_is_not_written(file: Written) -> None:
    log = opened("warning", file=file)
    log.info("one")
    log.error("two")

    assert [line["event"] for line in file.lines()] == ["two"]


@pytest.mark.parametrize(
    "name",
    "authorization Authorization Set-Cookie password passwd client_secret access_token apiKey"
    " api-key X-API-Key credentials private_key".split(),
)
def test_what_is_called_a_secret_is_never_written(file: Written, name: str) -> None:
    log = opened(file=file)
    log.info("one", **{name: "hidden"})
    log.info("two", headers={name: "hidden"}, more=[{name: ["hidden"]}])

    assert b"hidden" not in file.getvalue()
    assert file.lines()[0][name] == GONE


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmVkLWJ5LW1l"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.DEF-123_~+/=", f"Authorization: Bearer {GONE}"),
        ("bearer   abcdef", f"bearer {GONE}"),
        ("Basic YWRhOnB3", f"Basic {GONE}"),
        ("key tamp_a1b2c3d4_0123456789abcdefABCDEF came", f"key tamp_a1b2c3d4_{GONE} came"),
        (f"token {JWT} came", f"token {GONE} came"),
        (f"{JWT}.more", GONE),
        ("postgresql://ada:hidden@db/tamp", "postgresql://ada@db/tamp"),
        ("cannot reach redis://:hidden@cache:6379/0", "cannot reach redis://@cache:6379/0"),
        ("GET /live?access_token=hidden&since=3", f"GET /live?access_token={GONE}&since=3"),
        ('{"apiKey": "hidden"}', f'{{"apiKey": "{GONE}"}}'),
        ("password=hidden host=db", f"password={GONE} host=db"),
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("the key is in the basement", "the key is in the basement"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_a_secret_is_recognised_wherever_it_stands(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert redacted(shown) == shown


def test_which_key_was_used_is_written_and_never_its_text(file: Written) -> None:
    log = opened(file=file)
    log.info("changed", actor_id="key:4fGh27Kq")
    log.info("changed", actor_id="key:4fGh27Kq9")

    assert [line["actor_id"] for line in file.lines()] == ["key:4fGh27Kq", f"key:{GONE}"]


def test_secrets_in_a_traceback_are_not_written(file: Written) -> None:
    log = opened(file=file)
    try:
        int(f"Bearer {JWT}")
    except ValueError:
        log.exception("broken")

    (line,) = file.lines()
    assert "with base 10: 'Bearer [redacted]'" in line["exception"]
    assert JWT.encode() not in file.getvalue()


def test_no_text_breaks_a_line_or_the_log(file: Written) -> None:
    nasty = 'a\nb\r\x1b[31m\x00"\udcff\u2028é'
    log = opened(file=file)
    log.info(nasty, text=nasty, raw=b"\xff\n", deep={"a\n": [nasty]}, thing=object())

    (line,) = file.lines()
    assert line["text"].startswith("a\nb\r\x1b[31m")
    assert line["raw"] == "\\xff\n"
    assert b"\x1b" not in file.getvalue()


def test_a_long_value_is_cut(file: Written) -> None:
    opened(file=file).info("long", text="a" * 100_000)

    assert len(file.getvalue()) < 10_000


def test_what_contains_itself_is_written_too(file: Written) -> None:
    inner: dict[str, object] = {}
    inner["inner"] = inner
    opened(file=file).info("round", thing=inner)

    assert file.lines()[0]["event"] == "round"


def test_on_a_terminal_a_line_is_made_of_words(file: Written) -> None:
    log = opened(file=file, words=True)
    log.info(
        "changed", method="PUT", route="/tasks/{id}", status=200, ms=3.1, actor="Ada L", tag=""
    )
    log.warning("odd\x1b[2J", text="a\x1b[31mb", token="hidden")  # noqa: S106 - that is the point

    first, second = file.getvalue().decode().splitlines()
    assert first[12:] == (
        ' info    changed method=PUT route=/tasks/{id} status=200 ms=3.1 actor="Ada L"'
    )
    assert second[12:] == rf' warning "odd\u001b[2J" text="a\u001b[31mb" token={GONE}'


def test_a_log_that_cannot_be_written_ends_nothing() -> None:
    class Full(io.BytesIO):
        full = True

        def write(self, data: Buffer, /) -> int:
            if self.full:
                raise OSError(28, "No space left on device")
            return super().write(data)

    file = Full()
    lines = Lines(file)
    lines.info(b"one")
    assert "No space left on device" in lines.trouble
    file.full = False
    lines.info(b"two")
    assert lines.trouble == ""
    assert file.getvalue() == b"two\n"


def told(file: Written, level: str, method: str, status: int, seconds: float) -> list[list[str]]:
    requests = Requests(opened(level, file=file), level=level, slow=0.5)
    requests.tell(method, status, seconds, lambda: {"request": "req-1", "actor": "ada", "bytes": 9})
    return [[line["level"], line["event"]] for line in file.lines()]


@pytest.mark.parametrize(
    ("method", "status", "seconds", "line"),
    [
        ("PUT", 200, 0.1, ["info", "changed"]),
        ("POST", 201, 0.1, ["info", "changed"]),
        ("GET", 500, 0.1, ["error", "failed"]),
        ("GET", 403, 0.1, ["warning", "refused"]),
        ("DELETE", 429, 0.1, ["warning", "refused"]),
        ("GET", 200, 0.5, ["warning", "slow"]),
        ("PUT", 200, 0.5, ["warning", "slow"]),
    ],
)
def test_changes_refusals_errors_and_slow_requests_are_written_down(
    file: Written, method: str, status: int, seconds: float, line: list[str]
) -> None:
    assert told(file, "info", method, status, seconds) == [line]
    assert file.lines()[0]["request"] == "req-1"
    assert file.lines()[0]["ms"] == seconds * 1000
    assert file.lines()[0]["bytes"] == 9


@pytest.mark.parametrize("status", [200, 304])
def test_reads_are_written_down_only_for_who_looks_for_faults(status: int) -> None:
    assert told(Written(), "info", "GET", status, 0.1) == []
    assert told(Written(), "debug", "GET", status, 0.1) == [["debug", "read"]]


@pytest.fixture
def foreign() -> Iterator[str]:
    name = "tests.foreign"
    yield name
    logging.getLogger(name).handlers = []


def test_what_libraries_say_has_the_same_form(file: Written, foreign: str) -> None:
    adopt(opened(file=file), foreign)
    logger = logging.getLogger(f"{foreign}.inner")
    logger.info("Listening on %s", "redis://:hidden@cache")
    logger.debug("nobody wants to know")
    logger.info("%s and %s", "one")  # noqa: PLE1206 - as somebody may write by mistake
    try:
        lost: dict[str, int] = {}
        lost["x"]
    except KeyError:
        logger.exception("Exception in ASGI application\n")

    lines = file.lines()
    assert [(line["level"], line["event"]) for line in lines] == [
        ("info", "Listening on redis://@cache"),
        ("info", "%s and %s"),
        ("error", "Exception in ASGI application"),
    ]
    assert {line["logger"] for line in lines} == {f"{foreign}.inner"}
    assert "KeyError: 'x'" in lines[2]["exception"]


def test_every_level_of_the_settings_is_one() -> None:
    for level in logs.LEVELS:
        opened(level, file=io.BytesIO())
    with pytest.raises(KeyError):
        opened("loud")
