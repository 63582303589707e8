"""The format is seen from the content."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.exchange.arriving import FIXTURES, given_out
from tests.usecases.drawn import project, step, task

from taskmaster.domain.parcel import Source
from taskmaster.errors import Invalid, NotFound
from taskmaster.exchange import detection, reading
from taskmaster.exchange.front_matter import parsed, split


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("backlog", "backlog"),
        ("backlog/tasks/task-2 - Alerts.md", "backlog"),
        ("beads.jsonl", "beads"),
        ("github.json", "github"),
        ("taskwarrior.json", "taskwarrior"),
        ("checklist.md", "checklist"),
        ("specs/001-photo-albums/tasks.md", "spec-kit"),
        ("older.json", "taskmaster"),
        ("calendar.ics", "ical"),
        ("sheet.csv", "csv"),
    ],
)
def test_foreign_files_are_recognised(name: str, form: str) -> None:
    source = reading.source(detection.inside(str(FIXTURES / name)))
    assert detection.format_of(source) == form


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "markdown", "ical"])
def test_our_own_files_are_recognised(form: str) -> None:
    text = given_out(project(task(1), task(2, 1, subtasks=[step(1)])), form)
    assert detection.format_of(Source("x", {"": text})) == form


@pytest.mark.parametrize(
    "text",
    [
        '{"master": {"tasks": []}}',
        '[{"id": 1, "title": "x"}]',
        '{"data": {"tasks": [{"id": 1, "title": "x"}]}, "tag": "master"}',
        '{"master": [{"id": 1, "title": "x"}]}',
        '{"master": {"tasks": [[{"id": 1, "title": "x"}]]}}',
    ],
)
def test_task_files_of_every_shape_are_recognised(text: str) -> None:
    assert detection.format_of(Source("x", {"": text})) == "taskmaster"


@pytest.mark.parametrize("text", ["", "hello", "{}", '{"a": 1}', "a,b\n1,2\n", "# Title\n"])
def test_what_is_no_list_of_tasks_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        detection.format_of(Source("x", {"": text}))
    assert caught.value.code == "unknown-format"
    assert "--from" in caught.value.hint


def test_what_could_be_two_formats_is_refused_with_both() -> None:
    text = "- [ ] T001 Build\n- [ ] Buy bread\n- [ ] Buy milk\n"
    with pytest.raises(Invalid) as caught:
        detection.format_of(Source("x", {"": text}))
    assert caught.value.code == "ambiguous-format"
    assert caught.value.details == ["spec-kit", "checklist"]


def test_a_folder_with_two_trackers_is_refused_with_both(tmp_path: Path) -> None:
    (tmp_path / "backlog").mkdir()
    (tmp_path / ".beads").mkdir()
    (tmp_path / ".beads" / "issues.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        detection.inside(str(tmp_path))
    assert caught.value.details == ["beads", "backlog"]
    assert detection.inside(str(tmp_path), "backlog") == str(tmp_path / "backlog")


def test_a_folder_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        detection.inside(str(tmp_path))
    assert caught.value.code == "nothing-to-import"


@pytest.mark.parametrize(
    ("content", "line"), [(b"a\n\xff\xfa\n", "line 2"), (b"\x00\x01PNG", "binary")]
)
def test_what_is_no_text_is_refused(content: bytes, line: str) -> None:
    with pytest.raises(Invalid, match=line):
        reading.decoded(content, "x")


def test_a_mark_at_the_beginning_is_no_part_of_the_text() -> None:
    assert reading.decoded(b"\xef\xbb\xbfa", "x") == "a"
    assert reading.decoded("ä".encode("utf-16"), "x") == "ä"


def test_the_part_of_yaml_that_heads_use() -> None:
    head = """\
plain: a word   # with a comment
empty:
none: null
quoted: "a \\"b\\" # c"
single: 'it''s'
url: https://example.org/a#b
dashes:
- one
- 'two: 2'
indented:
  - three
inline: [a, "b, c", 'd']
nothing: []
folded: >-
  one
  two
block: |
  one
  two
long: a text
  that goes on
spread: [
  a,
  b
  ]
"""
    assert parsed(head.split("\n"), "x") == {
        "plain": "a word",
        "empty": "",
        "none": "",
        "quoted": 'a "b" # c',
        "single": "it's",
        "url": "https://example.org/a#b",
        "dashes": ["one", "two: 2"],
        "indented": ["three"],
        "inline": ["a", "b, c", "d"],
        "nothing": [],
        "folded": "one two",
        "block": "one\ntwo",
        "long": "a text that goes on",
        "spread": ["a", "b"],
    }


@pytest.mark.parametrize(
    "line", ["a: &x 1", "a: *x", "a: !!python/object x", "a: {b: c}", "a: [b", 'a: "b', "- a"]
)
def test_yaml_that_is_more_than_text_and_lists_is_refused(line: str) -> None:
    with pytest.raises(Invalid, match="line 1"):
        parsed([line], "x")


def test_a_file_without_a_head_is_all_text() -> None:
    assert split("no head\n---\n", "x") == ({}, "no head\n---\n")
