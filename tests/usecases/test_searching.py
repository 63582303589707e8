"""Search ranks what it finds and shows where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.usecases.conftest import Project, step, task

from taskmaster.domain.grammar import parse
from taskmaster.domain.task import Task
from taskmaster.domain.words import folded, folded_with_places
from taskmaster.errors import NotFound, Usage
from taskmaster.usecases import searching
from taskmaster.usecases.searching import Hit
from taskmaster.workspace import Workspace


@pytest.fixture
def ws(project: Project) -> Workspace:
    return project.write(
        master=[
            task(1, details="the retry\n   queue of last year"),
            task(2, description="A retry queue"),
            task(3, title="Retry Queue", status="done"),
            task(4, title="Retry queue", subtasks=[step(1, title="Retrying the queue")]),
            task(5, title="Retryable", labels=["queue"]),
            task(6, testStrategy="retry", acceptanceCriteria=["the queue is empty"]),
        ],
        other=[task(1, title="Café retry")],
    )


def found(ws: Workspace, *words: str, all_tags: bool = False) -> list[tuple[str, str]]:
    hits, total = searching.search(ws, words, all_tags=all_tags)
    assert total == len(hits)
    return [(hit.task.id, hit.field) for hit in hits]


def test_titles_come_before_descriptions_before_details(ws: Workspace) -> None:
    assert found(ws, "retry", "queue") == [
        ("4", "title"),
        ("3", "title"),
        ("4.1", "title"),
        ("5", "title"),
        ("2", "description"),
        ("1", "details"),
        ("6", "testStrategy"),
    ]


def test_words_together_are_a_phrase_also_across_lines(ws: Workspace) -> None:
    assert [one for one, _ in found(ws, "RETRY  queue")] == ["4", "3", "2", "1"]


def test_every_word_must_be_there(ws: Workspace) -> None:
    assert found(ws, "retry", "nothing") == []


def test_accents_and_other_tags(ws: Workspace) -> None:
    assert found(ws, "cafe") == []
    hits, _ = searching.search(ws, ["cafe"], all_tags=True)
    assert [(hit.tag, hit.task.id) for hit in hits] == [("other", "1")]


def test_a_query_narrows_the_search(ws: Workspace) -> None:
    hits, _ = searching.search(ws, ["retry"], where=parse("is:open -id:4"))
    assert [hit.task.id for hit in hits] == ["4.1", "5", "2", "1", "6"]


def test_the_limit_keeps_the_best_and_the_count(ws: Workspace) -> None:
    hits, total = searching.search(ws, ["retry"], limit=2)
    assert ([hit.task.id for hit in hits], total) == (["4", "3"], 7)


def test_tasks_that_share_an_id_are_each_found(project: Project) -> None:
    ws = project.write(master=[task(1, title="a"), task(1, title="b"), task(1, title="a b")])

    for where in (None, parse("is:open")):
        hits, _ = searching.search(ws, ["b"], where=where)
        assert [hit.task.title for hit in hits] == ["b", "a b"]


def test_no_words_and_a_missing_tag_are_errors(project: Project, ws: Workspace) -> None:
    with pytest.raises(Usage):
        searching.search(ws, [" "])
    with pytest.raises(NotFound):
        searching.search(project.workspace("typo"), ["x"])


def hit(text: str) -> Hit:
    return Hit("master", Task({"id": 1, "details": text}), 1, "details")


def test_a_snippet_shows_the_words_in_the_middle_of_a_long_text() -> None:
    text = "first words " * 20 + "the Café of the  town" + " last words" * 20

    found = searching.snippet(hit(text), ["cafe", "town"], 60)

    assert [found.text[start:end] for start, end in found.spans] == ["Café", "town"]
    assert found.text.startswith("… ")
    assert found.text.endswith(" …")
    assert len(found.text) <= 64


@given(
    st.text(alphabet="aAäßéﬁ \n語x", min_size=1, max_size=60).filter(str.strip),
    st.lists(st.text(alphabet="aäsef語x", min_size=1, max_size=3), min_size=1, max_size=3),
    st.integers(1, 50),
)
def test_the_spans_of_a_snippet_are_the_words(text: str, words: list[str], room: int) -> None:
    found = searching.snippet(hit(text), words, room)

    wanted = [folded(word) for word in words]
    for start, end in found.spans:
        marked = folded(found.text[start:end])
        assert any(word in marked for word in wanted)
    assert list(found.spans) == sorted(found.spans)
    assert all(a[1] <= b[0] for a, b in zip(found.spans, found.spans[1:], strict=False))


@given(st.text())
def test_folding_tells_where_each_character_came_from(text: str) -> None:
    plain, places = folded_with_places(text)

    assert plain == folded(text)
    assert len(plain) == len(places)
    assert places == sorted(places)


def test_what_stands_in_quotes_is_looked_for_as_a_phrase() -> None:
    assert searching.words_of('retry "dead letter" queue') == ["retry", "dead letter", "queue"]
    assert searching.words_of('"" "  " open"quote') == ["open", "quote"]


def test_an_accent_that_stands_alone_is_found_nowhere(ws: Workspace) -> None:
    assert searching.search(ws, ["\N{COMBINING ACUTE ACCENT}"], all_tags=True) == ([], 0)
