"""The page about the REST API says of statuses, codes, tiers and bounds what the server has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskmaster.server import connections, forms, repeats, request
from taskmaster.server.connections import Bounds
from taskmaster.server.endpoints import batch
from taskmaster.server.limits import TIERS
from taskmaster.server.settings import Settings
from taskmaster.server.statuses import BY_CLASS, BY_CODE, word_of

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "taskmaster"
PAGE = (ROOT / "docs" / "reference" / "rest.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "how-to" / "run-the-server.md").read_text(encoding="utf-8")
METRIC = re.compile(r'"(tamp_[a-z_]+)"')
# GraphQL and WebSockets have codes of their own, which are on their pages.
ELSEWHERE = ("graphql", "socket.py")
RAISED = re.compile(r'\bcode ?= ?"([a-z]+(?:-[a-z]+)*)"')


def rows() -> dict[int, tuple[str, set[str]]]:
    """The word and the codes of each status."""
    found = re.findall(r"^\| (\d{3}) \|([^|]*)\|([^|]*)\|$", PAGE, re.MULTILINE)
    return {
        int(status): (word.strip(" `"), set(re.findall(r"`([a-z-]+)`", codes)))
        for status, word, codes in found
    }


def raised() -> Iterator[tuple[str, str]]:
    for path in sorted((SOURCE / "server").rglob("*.py")):
        where = path.relative_to(SOURCE / "server")
        if not {*where.parts} & {*ELSEWHERE}:
            for code in RAISED.findall(path.read_text(encoding="utf-8")):
                yield code, str(where)


def test_every_status_and_its_codes_are_documented() -> None:
    by_class = {kind.code: status for kind, status in BY_CLASS.items()}
    early = (connections.MALFORMED, connections.LATE, connections.HEAVY, connections.FULL)
    expected = by_class | BY_CODE | {one.code: one.status for one in early}
    table = rows()

    wrong = {
        code: status
        for code, status in expected.items()
        if code not in table.get(status, ("", set()))[1]
    }

    assert not wrong, f"missing in the table of docs/reference/rest.md: {wrong}"


def test_every_documented_status_has_its_word() -> None:
    before = {connections.LATE.status, connections.HEAVY.status}

    assert {status: word for status, (word, _) in rows().items() if status not in before} == {
        status: word_of(status) for status in rows() if status not in before
    }


def test_every_code_of_the_server_is_on_the_page() -> None:
    missing = sorted({(code, where) for code, where in raised() if f"`{code}`" not in PAGE})

    assert not missing, f"name them in docs/reference/rest.md: {missing}"


@pytest.mark.parametrize("code", sorted(set().union(*(codes for _, codes in rows().values()))))
def test_every_documented_code_is_one(code: str) -> None:
    quoted = f'"{code}"'
    assert any(quoted in path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))


def test_the_tiers_are_those_of_the_server() -> None:
    found = re.findall(r"^\| `(\w+)` \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", PAGE, re.MULTILINE)

    assert {
        tier: tuple(int(one.replace(",", "")) for one in numbers) for tier, *numbers in found
    } == {tier: tuple(kinds.values()) for tier, kinds in TIERS.items()}


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("body | {:,} bytes", Settings(projects={}).largest),
        ("nesting | {}", request.DEPTH),
        ("head | {:,} bytes", Bounds().head_bytes),
        ("and {} headers", Bounds().headers),
        ("within {:g} s", Bounds().head),
        ("body | {:g} s, and one more", Bounds().body),
        ("`/tasks/batch` | {};", forms.MOST),
        ("operations of `/batch`: {:,}", batch.MOST),
        ("connections | {} of one address", Bounds().each),
        ("`limit` is from 1 to {} ", forms.MOST),
        ("an `Idempotency-Key` of up to {} characters", repeats.LONGEST),
    ],
)
def test_the_bounds_are_those_of_the_server(words: str, value: float) -> None:
    assert words.format(value) in PAGE


def test_every_metric_is_documented_and_every_documented_one_is_there() -> None:
    sources = (SOURCE / "server" / name for name in ("metrics.py", "assembly.py"))
    counted = {name for path in sources for name in METRIC.findall(path.read_text("utf-8"))}
    told = {name.removesuffix("_total") for name in re.findall(r"`(tamp_[a-z_]+)`", OPERATING)}

    assert told == counted
