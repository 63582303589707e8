"""backup and restore as they are typed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.conftest import task


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    tamp = typed_in(tmp_path, monkeypatch, capsys)
    tamp.holds(task(1), task(2))
    return tamp


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_copy_is_kept_and_its_place_printed(tamp: Typed) -> None:
    said = tamp.process("backup")

    assert said.code == 0
    assert Path(said.out.strip()).read_bytes() == tamp.file.read_bytes()
    listed = tamp("backup", "--list", "--json").json["backups"]
    assert [(one["why"], one["path"]) for one in listed] == [("manual", said.out.strip())]


def test_no_copies_is_a_sentence(tamp: Typed) -> None:
    assert "no copies are kept yet" in tamp("restore", "--list").out
    assert tamp.refuses("restore", "--yes").error["code"] == "no-copy"


def test_a_copy_is_brought_back_by_name_or_path(tamp: Typed) -> None:
    path = tamp("backup").out.strip()
    before = tamp.file.read_bytes()
    for name in (path, Path(path).name):
        tamp("remove-task", "2", "--yes")

        said = tamp("restore", name, "--yes", "--json")

        assert said.json["changes"]["added"] == 1
        assert said.json["success"] is True
        assert tamp.file.read_bytes() == before
    assert tamp.operations() == ["remove-task", "restore"] * 2


def test_what_would_change_is_shown_first(tamp: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    tamp("backup")
    tamp("add-task", "Third")
    before = tamp.file.read_bytes()

    assert "takes away 1" in tamp("restore", "--dry-run").out
    assert tamp.refuses("restore").error["code"] == "needs-yes"
    monkeypatch.setattr("sys.stdin", Terminal("\n"))
    said = tamp("restore")
    assert (said.code, said.out) == (0, "nothing was changed\n")
    assert "takes away 1" in said.err
    assert tamp.file.read_bytes() == before

    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert "it takes away 1" in tamp("restore").out
    assert [one["id"] for one in tamp.read()["master"]["tasks"]] == [1, 2]


@pytest.mark.parametrize("broken", ["", "<<<<<<< HEAD\n", '{"master"', None])
def test_a_broken_or_lost_file_gets_its_last_good_content_back(
    tamp: Typed, broken: str | None
) -> None:
    tamp("add-task", "Third")
    good = tamp.file.read_bytes()
    if broken is None:
        tamp.file.unlink()
    else:
        tamp.file.write_text(broken, encoding="utf-8")

    said = tamp("restore", "--yes")

    assert said.code == 0
    assert said.out.startswith("restored last-good: it changes no task")
    assert tamp.file.read_bytes() == good
    assert ("-broken.json" in said.out) is bool(broken)


def test_a_broken_file_is_kept_as_it_is(tamp: Typed) -> None:
    tamp.file.write_text("{", encoding="utf-8")

    said = tamp("backup")

    assert "cannot be read" in said.err
    assert Path(said.out.strip()).read_text(encoding="utf-8") == "{"


def test_an_unknown_copy_is_not_found(tamp: Typed) -> None:
    said = tamp.refuses("restore", "tasks-20260101T000000Z-auto.json", "--yes")

    assert (said.code, said.error["code"]) == (3, "not-found")
