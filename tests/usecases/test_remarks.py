"""Comments and links."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.usecases.conftest import NOW, Project, step, task

from taskmaster.errors import Invalid, NotFound, TampError
from taskmaster.usecases import history
from taskmaster.usecases.remarks import COMMENTS, LINKS, comment, entries, link, take_off
from taskmaster.usecases.status import set_status
from taskmaster.usecases.tasks import Edit, edit


def test_a_comment_says_who_left_it_and_when(project: Project) -> None:
    project.write(master=[task(1), task(2, subtasks=[step(1)])])

    comment(project.workspace(actor="bob"), "1,2.1", "Two\nlines\n")

    expected = {"at": NOW, "by": "bob", "text": "Two\nlines"}
    assert project.read()["1"]["comments"] == [expected]
    assert project.read()["2"]["subtasks"][0]["comments"] == [expected]
    assert project.read()["1"]["updatedAt"] == NOW
    assert [entry.stamp.operation for entry in project.log()] == ["comment"]


def test_comments_on_a_task_and_on_its_subtask_at_once_are_both_kept(project: Project) -> None:
    ws = project.write(master=[task(1, subtasks=[step(1), step(2)])])

    comment(ws, "1.2,1,1.1", "x")

    stored = project.read()["1"]
    assert [len(one["comments"]) for one in (stored, *stored["subtasks"])] == [1, 1, 1]


def test_comments_keep_their_order_and_may_repeat(project: Project) -> None:
    ws = project.write(master=[task(1)])

    for text in ("one", "two", "one"):
        comment(ws, "1", text)

    assert [one["text"] for one in project.read()["1"]["comments"]] == ["one", "two", "one"]


def test_a_comment_is_taken_off_by_its_number(project: Project) -> None:
    ws = project.write(master=[task(1, comments=[{"text": "a"}, "b"])])

    _task, gone = take_off(ws, "1", COMMENTS, 2)
    assert gone == {"text": "b"}
    assert project.read()["1"]["comments"] == [{"text": "a"}]

    take_off(ws, "1", COMMENTS, 1)
    assert "comments" not in project.read()["1"]


def test_links_of_every_kind(project: Project) -> None:
    ws = project.write(master=[task(1)])

    link(
        ws,
        "1",
        [
            ("commit", "0F3A9C12"),
            ("pr", "https://example.com/pull/12"),
            ("doc", "docs/my login.md"),
            ("url", "HTTP://example.com"),
        ],
    )

    assert [(one["kind"], one["target"], one["by"]) for one in project.read()["1"]["links"]] == [
        ("commit", "0f3a9c12", "ann"),
        ("pr", "https://example.com/pull/12", "ann"),
        ("doc", "docs/my login.md", "ann"),
        ("url", "HTTP://example.com", "ann"),
    ]
    assert len(project.log()) == 1


def test_the_same_link_is_there_once(project: Project) -> None:
    ws = project.write(master=[task(1), task(2)])
    link(ws, "1", [("commit", "abcdef")])
    before = project.raw()

    link(ws, "1", [("commit", "ABCDEF")])
    assert project.raw() == before

    link(ws, "1,2", [("commit", "abcdef")])
    assert [len(one["links"]) for one in project.read().values()] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("commit", "xyz"), ("commit", "abc"), ("commit", "a" * 65), ("commit", ""),
        ("pr", "12"), ("pr", "javascript:alert(1)"), ("url", "https://"), ("url", "ftp://x"),
        ("url", "https://a b"), ("doc", ""), ("doc", "a\nb"), ("letter", "x"),
    ],
)  # fmt: skip
def test_a_target_of_another_form_is_refused(
    project: Project, unchanged: Callable[[], None], kind: str, target: str
) -> None:
    ws = project.write(master=[task(1)])
    unchanged()

    with pytest.raises(Invalid) as caught:
        link(ws, "1", [("commit", "abcdef"), (kind, target)])

    assert caught.value.code in ("bad-link", "unknown-link-kind")
    assert caught.value.hint


def test_what_cannot_be_done_leaves_everything_as_it_was(
    project: Project, unchanged: Callable[[], None]
) -> None:
    ws = project.write(master=[task(1, comments="mine"), task(2)])
    unchanged()

    attempts: list[tuple[type[TampError], str, Callable[[], object]]] = [
        (NotFound, "not-found", lambda: comment(ws, "2,9", "x")),
        (Invalid, "empty-comment", lambda: comment(ws, "2", " \n")),
        (Invalid, "not-a-list", lambda: comment(ws, "2,1", "x")),
        (NotFound, "comment-not-found", lambda: take_off(ws, "2", COMMENTS, 1)),
        (NotFound, "link-not-found", lambda: take_off(ws, "2", LINKS, 0)),
        (NotFound, "not-found", lambda: take_off(ws, "9", LINKS, 1)),
    ]
    for kind, code, attempt in attempts:
        with pytest.raises(kind) as caught:
            attempt()
        assert caught.value.code == code
        assert caught.value.hint


def test_other_changes_keep_what_was_left_on_a_task(project: Project) -> None:
    ws = project.write(master=[task(1)])
    comment(ws, "1", "x")
    link(ws, "1", [("doc", "a.md")])
    kept = {key: project.read()["1"][key] for key in ("comments", "links")}

    edit(ws, "1", Edit({"title": "New"}, "note", None, ["ui"], ()))
    set_status(ws, "1", "done")

    assert {key: project.read()["1"][key] for key in kept} == kept


def test_undo_takes_a_comment_and_a_taking_off_back(project: Project) -> None:
    ws = project.write(master=[task(1)])
    comment(ws, "1", "x")
    take_off(ws, "1", COMMENTS, 1)

    history.undo(ws)
    assert [one["text"] for one in project.read()["1"]["comments"]] == ["x"]

    history.undo(ws)
    assert project.stored()["master"]["tasks"] == [task(1)]


def test_entries_of_another_form_are_shown_as_text(project: Project) -> None:
    project.write(master=[task(1, comments=["plain", {"text": "ours"}], links={"no": "list"})])
    with project.workspace().reading() as reader:
        found = reader.get("master", "1")

    assert entries(found, COMMENTS) == [{"text": "plain"}, {"text": "ours"}]
    assert entries(found, LINKS) == []
