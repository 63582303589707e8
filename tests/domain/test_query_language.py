"""Queries against an oracle that looks at the documents by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskmaster.domain import graph
from taskmaster.domain.fields import Scene
from taskmaster.domain.grammar import DEEPEST, parse
from taskmaster.domain.graph import Node
from taskmaster.domain.query import Query
from taskmaster.domain.task import Task
from taskmaster.errors import Invalid

TODAY = "2026-06-15"
STATUSES = ["pending", "in-progress", "done", "review", "deferred", "cancelled", "blocked"]
PRIORITIES = ["low", "medium", "high", "critical"]
LABELS = ["ui", "Backend", "später"]
WORDS = ["retry", "queue", "Café", "login"]
DAYS = {"2026-06-01": -14, "2026-06-14": -1, "2026-06-15": 0, "2026-06-20": 5, "2026-07-15": 30}

Doc = dict[str, Any]
Oracle = Callable[[Doc, list[Doc]], bool]


class Case(NamedTuple):
    text: str
    holds: Oracle


def nodes(docs: list[Doc]) -> dict[str, Node]:
    return graph.nodes(Task(doc) for doc in docs)


def found(query: str, docs: list[Doc]) -> list[str]:
    known = nodes(docs)
    test = parse(query).within(Scene(known, today=TODAY, tag="master"))
    return [name for name, node in known.items() if test(node)]


DOCS = st.lists(
    st.fixed_dictionaries(
        {"status": st.sampled_from(STATUSES)},
        optional={
            "priority": st.sampled_from(PRIORITIES),
            "labels": st.lists(st.sampled_from(LABELS), max_size=2),
            "title": st.lists(st.sampled_from(WORDS), max_size=2).map(" ".join),
            "details": st.lists(st.sampled_from(WORDS), max_size=2).map("\n".join),
            "dueDate": st.sampled_from(list(DAYS)),
            "effort": st.integers(0, 3),
            "dependencies": st.lists(st.integers(1, 7), max_size=3),
            "category": st.sampled_from(["testing", "docs", 3, True, ["docs", "a b"]]),
        },
    ),
    max_size=6,
).map(lambda docs: [{"id": place, **doc} for place, doc in enumerate(docs, 1)])

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ":": lambda a, b: a == b, "=": lambda a, b: a == b, "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}  # fmt: skip


def _fold(text: str) -> str:
    for accented, plain in (("é", "e"), ("ä", "a")):
        text = text.replace(accented, plain)
    return " ".join(text.lower().split())


def _open_needs(doc: Doc, docs: list[Doc]) -> set[int]:
    if doc["status"] in ("done", "cancelled"):
        return set()
    still = {one["id"] for one in docs if one["status"] not in ("done", "cancelled")}
    return still & set(doc.get("dependencies", []))


def _ready(doc: Doc, docs: list[Doc]) -> bool:
    return doc["status"] in ("pending", "in-progress") and not _open_needs(doc, docs)


def status_case(words: list[str]) -> Case:
    return Case(f"status:{','.join(words)}", lambda doc, _: doc["status"] in words)


def not_status_case(words: list[str]) -> Case:
    return Case(f"status!={','.join(words)}", lambda doc, _: doc["status"] not in words)


def priority_case(op: str, word: str) -> Case:
    def holds(doc: Doc, _docs: list[Doc]) -> bool:
        own = PRIORITIES.index(doc.get("priority", "medium"))
        return COMPARISONS[op](own, PRIORITIES.index(word))

    return Case(f"priority{op}{word}", holds)


def due_case(op: str, day: str) -> Case:
    def holds(doc: Doc, _docs: list[Doc]) -> bool:
        own = doc.get("dueDate")
        if own is None:
            return op == "!="
        return COMPARISONS[op](DAYS[own], DAYS[day])

    return Case(f"due{op}{day}", holds)


def span_case(op: str, days: int) -> Case:
    def holds(doc: Doc, _docs: list[Doc]) -> bool:
        own = doc.get("dueDate")
        return (own is None and op == "!=") or (
            own is not None and COMPARISONS[op](DAYS[own], days)
        )

    return Case(f"due{op}{days}d", holds)


def effort_case(op: str, number: int) -> Case:
    def holds(doc: Doc, _docs: list[Doc]) -> bool:
        own = doc.get("effort")
        return op == "!=" if own is None else COMPARISONS[op](own, number)

    return Case(f"estimate{op}{number}", holds)


def word_case(word: str) -> Case:
    def holds(doc: Doc, _docs: list[Doc]) -> bool:
        return _fold(word) in _fold(f"{doc.get('title', '')}\n{doc.get('details', '')}")

    return Case(word if " " not in word else f'"{word}"', holds)


def label_case(word: str) -> Case:
    return Case(
        f"label:{word}",
        lambda doc, _: _fold(word) in [_fold(one) for one in doc.get("labels", [])],
    )


def blocked_by_case(number: int) -> Case:
    return Case(f"blocked-by:{number}", lambda doc, docs: number in _open_needs(doc, docs))


def blocks_case(number: int) -> Case:
    def holds(doc: Doc, docs: list[Doc]) -> bool:
        return any(one["id"] == number and doc["id"] in _open_needs(one, docs) for one in docs)

    return Case(f"blocks:{number}", holds)


def id_case(low: int, more: int) -> Case:
    return Case(f"id:{low}-{low + more}", lambda doc, _: low <= doc["id"] <= low + more)


def category_case(text: str) -> Case:
    def holds(doc: Doc, _docs: list[Doc]) -> bool:
        own = doc.get("category")
        items = own if isinstance(own, list) else [own]
        return text in [str(one).lower() for one in items]

    return Case(f'category:"{text}"', holds)


PLAIN = [
    Case("is:ready", _ready),
    Case("is:open", lambda doc, _: doc["status"] not in ("done", "cancelled")),
    Case("is:complete", lambda doc, _: doc["status"] in ("done", "cancelled")),
    Case("is:blocked", lambda doc, docs: bool(_open_needs(doc, docs))
         or doc["status"] == "blocked"),
    Case("is:blocking", lambda doc, docs: any(doc["id"] in _open_needs(one, docs) for one in docs)),
    Case("is:overdue", lambda doc, _: DAYS.get(doc.get("dueDate", ""), 0) < 0
         and doc["status"] not in ("done", "cancelled")),
    Case("due:none", lambda doc, _: "dueDate" not in doc),
    Case("has:due", lambda doc, _: "dueDate" in doc),
    Case("label:any", lambda doc, _: bool(doc.get("labels"))),
    Case("category:none", lambda doc, _: "category" not in doc),
    Case("estimate:none", lambda doc, _: "effort" not in doc),
    Case("is:task", lambda _doc, _docs: True),
    Case("has:subtasks", lambda _doc, _docs: False),
]  # fmt: skip
ORDERS = st.sampled_from(list(COMPARISONS))
SOME_STATUSES = st.lists(st.sampled_from(STATUSES), min_size=1, max_size=3)
TERMS = st.one_of(
    st.sampled_from(PLAIN),
    st.builds(status_case, SOME_STATUSES),
    st.builds(not_status_case, SOME_STATUSES),
    st.builds(priority_case, ORDERS, st.sampled_from(PRIORITIES)),
    st.builds(due_case, ORDERS, st.sampled_from(list(DAYS))),
    st.builds(span_case, ORDERS, st.sampled_from([-14, 0, 5, 7])),
    st.builds(effort_case, ORDERS, st.integers(0, 3)),
    st.builds(word_case, st.sampled_from(["cafe", "RETRY", "log", "retry queue", "que"])),
    st.builds(label_case, st.sampled_from(["ui", "UI", "backend", "spater", "u"])),
    st.builds(blocked_by_case, st.integers(1, 7)),
    st.builds(blocks_case, st.integers(1, 7)),
    st.builds(id_case, st.integers(1, 5), st.integers(0, 3)),
    st.builds(category_case, st.sampled_from(["testing", "docs", "a b", "3", "true"])),
)


def both(one: Case, other: Case) -> Case:
    return Case(
        f"({one.text}) {other.text}",
        lambda doc, docs: one.holds(doc, docs) and other.holds(doc, docs),
    )


def either(one: Case, other: Case) -> Case:
    return Case(
        f"({one.text} or {other.text})",
        lambda doc, docs: one.holds(doc, docs) or other.holds(doc, docs),
    )


def opposite(one: Case, mark: str) -> Case:
    return Case(f"{mark}({one.text})", lambda doc, docs: not one.holds(doc, docs))


def enclosed(inner: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    return st.one_of(
        st.builds(either, inner, inner),
        st.builds(opposite, inner, st.sampled_from(["-", "not ", "NOT"])),
        st.builds(both, inner, inner).map(lambda case: case._replace(text=f"({case.text})")),
    )


CASES = st.recursive(TERMS, enclosed, max_leaves=6)


@given(CASES, DOCS)
def test_a_query_finds_exactly_what_a_look_at_every_task_finds(case: Case, docs: list[Doc]) -> None:
    expected = [str(doc["id"]) for doc in docs if case.holds(doc, docs)]

    assert found(case.text, docs) == expected


@given(CASES)
def test_a_query_is_written_as_it_is_read(case: Case) -> None:
    query = parse(case.text)
    again = parse(str(query))

    assert again == query
    assert hash(again) == hash(query)
    assert str(again) == str(query)


def read(text: str) -> Query | Invalid:
    try:
        return parse(text)
    except Invalid as error:
        return error


PIECES = st.sampled_from(
    ["status:", "pending", "due<", "2w", "-", "not", "or", "and", "(", ")", '"', "\\", ",", " ",
     "  ", "=", "!=", "<=", ":", "id:3-5", "none", "is:", "has:", "x.y:", "estimate>", "1e999",
     "é", "\n", "\0", "९", "#5", "http://", "doc.", "text:", "any", "0" * 250, "nan", "priority"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join)))
@example("id:" + "9" * 5000)
@example("id:" + "9" * 150 + "-" + "9" * 160)
@example("due<99999999999999y")
@example("(" * 2000)
@example("-" * 2000 + "x")
@example("not " * 2000)
@example("created:2026-02-30")
@example('a"b"c')
@example("text:or text:-x text=and")
def test_any_text_is_a_query_or_is_refused_with_its_place(text: str) -> None:
    query = read(text)
    if isinstance(query, Invalid):
        assert query.code == "bad-query"
        assert query.hint
        assert isinstance(query.details, dict)
        assert query.details["expected"]
        assert 1 <= query.details["position"] <= len(text) + 1
    else:
        assert parse(str(query)) == query
        docs = [{"id": 1, "title": "x", "x": {"y": 2}, "effort": 1, "dueDate": "soon"}]
        found(text, docs)  # Whatever it means, it can be asked.


@pytest.mark.parametrize(
    ("text", "position", "near"),
    [
        ("", 1, None),
        ("  ", 3, None),
        ("status:pending prioritty:high", 16, "priority"),
        ("status:pending,pendng", 16, "pending"),
        ("priority>=hihg", 11, "high"),
        ("is:redy", 4, "ready"),
        ("has:labell", 5, "label"),
        ("status:", 8, None),
        ("status: pending", 8, None),
        ("status:a,", 10, None),
        ("status:done,", 13, None),
        ("priority >= high", 10, None),
        ("status<done", 1, None),
        ("priority<low,high", 1, None),
        ("due<none", 1, None),
        ("due:soon", 5, None),
        ("due:2026-02-30", 5, None),
        ("estimate>much", 10, None),
        ("id:5-3", 4, None),
        ("id:2.1-3.4", 4, None),
        ("subtasks:2", 10, None),
        ("a or", 5, None),
        ("or a", 1, None),
        ("a and and b", 7, None),
        ("not", 4, None),
        ("- a", 2, None),
        ("(a b", 1, None),
        ("a) b", 2, None),
        ("()", 2, None),
        ('a "b', 3, None),
        ('""', 1, None),
        ("-" * (DEEPEST + 1) + "a", DEEPEST + 1, None),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, position: int, near: str | None) -> None:
    with pytest.raises(Invalid) as caught:
        parse(text)

    assert isinstance(caught.value.details, dict)
    assert caught.value.details["position"] == position
    assert caught.value.details.get("near") == near
    assert f"at character {position}:" in caught.value.message
    assert near is None or f"did you mean {near}?" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a AND b", "a b"),
        ("Not a OR b", "-a or b"),
        ("((a b) c)", "a b c"),
        ("(a or b) or c", "a or b or c"),
        ('"word"', "word"),
        ('"two words"', '"two words"'),
        ("labels:ui Due<1w blocked_by:3", "label:ui due<1w blocked-by:3"),
        ("not not a", "--a"),
        ("-(a b)", "-(a b)"),
        ("http://x.org/?a=b", '"http://x.org/?a=b"'),
        ("Category:x doc.Due:y", "Category:x doc.Due:y"),
        ('title:"a \\"b\\" \\\\"', 'title:"a \\"b\\" \\\\"'),
    ],
)
def test_a_query_has_one_way_of_being_written(text: str, same: str) -> None:
    assert str(parse(text)) == same


def test_or_is_weaker_than_and() -> None:
    docs = [{"id": 1, "title": "a"}, {"id": 2, "title": "b c"}, {"id": 3, "title": "b"}]

    assert found("a or b c", docs) == ["1", "2"]
    assert found("(a or b) c", docs) == ["2"]


def test_quotes_take_their_own_meaning_from_words() -> None:
    docs = [{"id": 1, "assignee": "none"}, {"id": 2, "title": "this or that"}]

    assert found("assignee:none", docs) == ["2"]
    assert found('assignee:"None"', docs) == ["1"]
    assert found('"or"', docs) == ["2"]


def test_a_document_key_may_have_the_name_of_a_field_or_a_dot() -> None:
    docs: list[Doc] = [
        {"id": 1, "due": "x", "a.b": 1},
        {"id": 2, "a": {"b": [2, {"c": 3}]}},
        {"id": 3},
    ]

    assert found("doc.due:x", docs) == ["1"]
    assert found("a.b>=1", docs) == ["1", "2"]
    assert found("has:a.b", docs) == ["1", "2"]
    assert found("a.b:none", docs) == ["3"]
    assert parse("category:x -doc.due:y status:done").document_keys() == ["category", "due"]


def test_tasks_with_the_same_id_are_each_asked_for_themselves() -> None:
    first, second = Task({"id": 1, "title": "a"}), Task({"id": 1, "title": "b"})
    known = graph.nodes([first, second])

    node = graph.node_of(second, known)

    assert parse("b").matches(node, known, today=TODAY)
    assert not parse("a").matches(node, known, today=TODAY)


def test_subtasks_take_part_in_their_task() -> None:
    docs = [
        {"id": 1, "dependencies": [2], "subtasks": [{"id": 1, "title": "deep"}]},
        {"id": 2, "subtasks": [{"id": 1, "status": "done"}, {"id": 2, "dependencies": [1]}]},
    ]

    assert found("is:ready", docs) == ["2", "2.2"]
    assert found("is:blocked", docs) == ["1", "1.1"]
    assert found("deep", docs) == ["1", "1.1"]
    assert found("parent:2", docs) == ["2.1", "2.2"]
    assert found("id:2.1-2.2", docs) == ["2.1", "2.2"]
    assert found("depends-on:2.1", docs) == ["2.2"]
    assert found("parent:none", docs) == ["1", "2"]


@pytest.mark.parametrize("text", ["is:subtask", "parent:5", "-id:5.2", "a (b or parent:any)"])
def test_a_query_may_be_about_subtasks(text: str) -> None:
    assert parse(text).about_subtasks()


@pytest.mark.parametrize("text", ["is:task", "parent:none", "id:5", "has:subtasks", "a.b:5.2"])
def test_most_queries_are_not(text: str) -> None:
    assert not parse(text).about_subtasks()
