"""doctor as it is typed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.conftest import step, task

BROKEN = '{"master": {"tasks": [\n'


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    return typed_in(tmp_path, monkeypatch, capsys)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_healthy_project_is_told_in_a_line(tamp: Typed) -> None:
    tamp.holds(task(1))

    assert tamp("doctor") == (0, "nothing is wrong\n", "")
    assert tamp("doctor", "--json").json | {"file": ""} == {
        "schema": "tamp/doctor.v1", "healthy": True, "readable": True, "findings": [],
        "counts": {"error": 0, "warning": 0, "info": 0}, "file": "",
    }  # fmt: skip


def test_errors_give_a_code_and_warnings_do_not(tamp: Typed) -> None:
    tamp.holds(task(1, status="todo"))
    assert tamp("doctor").code == 0

    tamp.holds(task(1, dependencies=[9]))
    said = tamp.process("doctor")
    assert said.code == 4
    assert "master 1: waits for 9" in said.out
    assert tamp.operations() == []


def test_many_findings_of_a_kind_are_told_together(tamp: Typed) -> None:
    tamp.holds(*(task(number, status="todo") for number in range(1, 31)))

    said = tamp("doctor")

    assert "warning  odd-status (30)" in said.out
    assert "… and 25 more" in said.out
    assert len(said.out.splitlines()) < 15
    assert len(tamp("doctor", "--json").json["findings"]) == 30


def test_a_repair_is_shown_first_and_done_after_a_yes(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    tamp.holds(task(1, status="todo"), task(1), task(2, dependencies=[2]))
    before = tamp.file.read_bytes()

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    said = tamp("doctor", "--fix")
    assert said.out == "nothing was changed\n"
    assert "master 1: 2 tasks have the id 1" in said.err
    assert tamp.file.read_bytes() == before

    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    said = tamp("doctor", "--fix")
    assert (said.code, said.out.split(";")[0]) == (0, "mended 3 of 3")
    assert [one["id"] for one in tamp.read()["master"]["tasks"]] == [1, 3, 2]
    assert tamp.operations() == ["fix"]


def test_without_a_terminal_a_repair_needs_yes(tamp: Typed) -> None:
    tamp.holds(task(1, status="todo"))

    assert tamp.refuses("doctor", "--fix").error["code"] == "needs-yes"

    said = tamp.process("doctor", "--fix", "--yes", "--json")
    assert said.json["success"] is True
    assert said.json["mended"] == 1
    assert said.json["copy"].endswith("-before-fix.json")


def test_a_dry_run_changes_nothing(tamp: Typed) -> None:
    tamp.holds(task(1, status="todo"))
    before = tamp.file.read_bytes()

    said = tamp("doctor", "--fix", "--dry-run")

    assert said.code == 0
    assert "the status 'todo' is read as pending → write pending" in said.out
    assert tamp.file.read_bytes() == before
    assert tamp.operations() == []


def test_nothing_to_mend_is_said(tamp: Typed) -> None:
    tamp.holds(task(1, status="done", subtasks=[step(1)]))

    said = tamp("doctor", "--fix", "--yes")

    assert said.code == 0
    assert said.out.splitlines()[-1] == "there is nothing that --fix could mend"


def test_what_only_a_person_can_mend_keeps_the_code(tamp: Typed) -> None:
    tamp.holds(task(1, status="todo"))
    (tamp.folder / ".taskmaster" / "config.json").write_text("<<<<<<< a", encoding="utf-8")

    said = tamp("doctor", "--fix", "--yes", "--json")

    assert said.code == 4
    assert (said.json["success"], said.json["mended"]) == (False, 1)
    assert [one["code"] for one in said.json["findings"]] == ["unreadable-settings"]


def test_an_unreadable_file_is_mended_from_the_last_good_copy(tamp: Typed) -> None:
    tamp.holds(task(1))
    tamp("add-task", "Second")
    good = tamp.file.read_bytes()
    tamp.file.write_text(BROKEN, encoding="utf-8")

    said = tamp("doctor", "--json")
    assert (said.code, said.json["readable"]) == (6, False)
    assert "line 2" in said.json["findings"][0]["message"]

    assert tamp("doctor", "--fix", "--yes").code == 0
    assert tamp.file.read_bytes() == good


def test_an_unreadable_file_without_a_copy_is_left_as_it_is(tamp: Typed) -> None:
    tamp.holds()
    tamp.file.write_text(BROKEN, encoding="utf-8")

    said = tamp("doctor", "--fix", "--yes")

    assert said.code == 6
    assert tamp.file.read_text(encoding="utf-8") == BROKEN


def test_text_from_the_file_cannot_steer_the_terminal(tamp: Typed) -> None:
    tamp.holds(task(1, status="\x1b[2Jodd"))

    assert "\x1b" not in tamp("doctor").out
