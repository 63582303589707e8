"""The folder of copies: names that tell all, and nothing half written."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from taskmaster.errors import NotFound
from taskmaster.stores.copies import LOG, Copies
from taskmaster.testing.projects import TIME


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    return Copies(str(tmp_path / "backups"))


def names(copies: Copies) -> list[str]:
    return sorted(path.name for path in Path(copies.folder).iterdir())


def put(text: str) -> Callable[[str], None]:
    def write(path: str) -> None:
        Path(path).write_text(text, encoding="utf-8")

    return write


def test_copies_of_every_form_are_listed_newest_first(copies: Copies) -> None:
    for number, form in enumerate((".json", ".jsonl.gz", ".db", ".dump", ".jsonl")):
        time = f"2026-01-0{number + 1}T00:00:00.000Z"
        copies.keep(put(form), time, "manual", form)
    Path(copies.path("changes-1234.jsonl")).touch()
    Path(copies.path("config-20260101T000000Z.json")).touch()

    found = copies.all()

    assert [one.name.partition(".")[2] for one in found] == [
        "jsonl", "dump", "db", "jsonl.gz", "json"
    ]  # fmt: skip
    assert {one.why for one in found} == {"manual"}
    assert copies.read(found[-1].name) == b".json"


def test_copies_kept_at_the_same_moment_get_names_of_their_own(copies: Copies) -> None:
    kept: list[str] = []
    threads = [
        threading.Thread(target=lambda: kept.append(copies.add(b"x", TIME, "auto")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(kept) == names(copies)
    assert len(set(kept)) == 8


def test_of_copies_of_the_same_moment_the_last_is_the_newest(copies: Copies) -> None:
    kept = [copies.add(str(number).encode(), TIME, "manual") for number in range(12)]

    assert [one.name for one in copies.all()] == kept[::-1]


def test_a_copy_that_cannot_be_written_leaves_nothing(copies: Copies) -> None:
    def failing(path: str) -> None:
        Path(path).write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        copies.keep(failing, TIME, "manual", ".db")

    assert names(copies) == []


def test_a_file_system_without_links_keeps_copies_too(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_paths: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refused)

    kept = [copies.add(text, TIME, "auto") for text in (b"one", b"two")]

    assert [copies.read(name) for name in kept] == [b"one", b"two"]
    assert names(copies) == sorted(kept)


def test_the_log_of_a_damaged_database_is_kept_beside_it(copies: Copies) -> None:
    def write(path: str) -> None:
        Path(path).write_text("pages", encoding="utf-8")
        Path(path + LOG).write_text("log", encoding="utf-8")

    name = copies.keep(write, TIME, "broken", ".db")

    assert names(copies) == [name, name + LOG]
    assert [one.name for one in copies.all()] == [name]


def test_a_name_or_a_path_says_which_copy_is_meant(copies: Copies, tmp_path: Path) -> None:
    name = copies.add(b"x", TIME, "manual")
    other = tmp_path / "elsewhere.json"
    other.write_text("{}", encoding="utf-8")

    assert copies.located(name) == copies.path(name)
    assert copies.located(f"/gone/with/the/disk/{name}") == copies.path(name)
    assert copies.located(str(other)) == str(other)
    for wrong in ("nothing", "tasks-20260101T000000Z-manual.json", f"../{tmp_path.name}"):
        with pytest.raises(NotFound):
            copies.located(wrong)


def test_a_copy_that_is_removed_is_gone(copies: Copies) -> None:
    name = copies.add(b"x", TIME, "manual")

    copies.remove(name)

    assert copies.all() == []
    for use in (copies.remove, copies.read, copies.named):
        with pytest.raises(NotFound):
            use(name)
