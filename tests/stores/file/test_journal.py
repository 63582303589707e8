"""The change log is read from near where a reader knows it, however long it is."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from taskmaster.domain.changes import Transaction, added, last_number
from taskmaster.errors import CorruptStore
from taskmaster.stores.file.journal import Journal, line_of
from taskmaster.testing.projects import stamp

_LITTLE = added("master", "1", {}, 0)


def log(chance: random.Random) -> list[Transaction]:
    """Transactions of one or several changes, of which a few are large."""
    made: list[Transaction] = []
    number = 0
    for size in chance.choices([10, 3_000, 200_000], [100, 20, 2], k=150):
        changes = [added("master", "1", "x" * size, 0)] * chance.randint(1, 3)
        made.append(Transaction(number + 1, stamp(), tuple(changes)))
        number += len(changes)
    return made


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("end", [b"", b'{"seq":[1000,'])
def test_from_every_number_on_everything_is_told(tmp_path: Path, seed: int, end: bytes) -> None:
    transactions = log(random.Random(seed))  # noqa: S311 - as good as any
    path = tmp_path / "changes.jsonl"
    path.write_bytes(b"".join(line_of(one) + b"\n" for one in transactions) + end)
    journal, ends = Journal(str(path)), [last_number(one) for one in transactions]
    for number in range(0, ends[-1] + 2, 7):
        firsts = [one.first for one in journal.since(number)]
        wanted = [one.first for one in transactions if last_number(one) > number]
        assert firsts == wanted, number


def test_little_of_a_long_log_is_read_to_tell_its_end(tmp_path: Path) -> None:
    lines = [line_of(Transaction(one, stamp(), (_LITTLE,))) + b"\n" for one in range(1, 20_000)]
    lines[5_000] = b"nonsense\n"  # Nobody comes by here.
    path = tmp_path / "changes.jsonl"
    path.write_bytes(b"".join(lines))
    journal = Journal(str(path))
    assert [one.first for one in journal.since(19_990)] == list(range(19_991, 20_000))
    with pytest.raises(CorruptStore):
        list(journal.since(0))
