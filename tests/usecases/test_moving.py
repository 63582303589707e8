"""Moving tasks and subtasks: ids change, and nobody loses or gains anything to wait for."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.usecases.drawn import log, project, raw, step, stored, task, waits

from taskmaster.errors import Conflict, Invalid, NotFound, TampError, Usage
from taskmaster.usecases import history
from taskmaster.usecases.carrying import Terms, carry
from taskmaster.usecases.moving import Moves, move
from taskmaster.workspace import Workspace


@pytest.fixture
def ws() -> Workspace:
    """1 <- 2 <- 3, task 5 with three subtasks in a line, 6 waits for the second of them."""
    return project(
        task(1),
        task(2, 1),
        task(3, "2"),
        task(5, 3, subtasks=[step(1), step(2, 1, parentTaskId=5), step(3, "5.2", 2)]),
        task(6, "5.2"),
        v2=[task(1, title="Other")],
    )


def ids(ws: Workspace, tag: str = "") -> list[str]:
    return list(stored(ws, tag))


def pairs(moves: Moves) -> list[tuple[str, str]]:
    return [(one.before, one.task.id) for one in moves.items]


def titles(ws: Workspace, tag: str = "") -> dict[str, set[str]]:
    """For each title, the titles of what it waits for."""
    found = stored(ws, tag)
    return {
        one.title: {found[name].title if name in found else name for name in one.dependencies}
        for one in found.values()
    }


def test_a_task_gets_a_free_id_and_everyone_waits_for_it_there(ws: Workspace) -> None:
    before = titles(ws)

    moves = move(ws, "2", "9")

    assert pairs(moves) == [("2", "9")]
    assert moves.redirected == ("3",)
    assert ids(ws) == ["1", "9", "3", "5", "5.1", "5.2", "5.3", "6"]
    assert titles(ws) == {**before}
    assert raw(ws, "3") == ["9"]


def test_a_task_takes_its_subtasks_along_and_they_know_their_parent(ws: Workspace) -> None:
    move(ws, "5", "8")

    assert ids(ws) == ["1", "2", "3", "8", "8.1", "8.2", "8.3", "6"]
    assert waits(ws)["6"] == ["8.2"]
    assert waits(ws)["8.2"] == ["8.1"]
    assert stored(ws)["8.2"].doc["parentTaskId"] == 8


def test_subtasks_that_carry_the_number_of_their_parent_are_rewritten() -> None:
    ws = project(task(5, subtasks=[step("5.1"), step("5-2", "5.1", parentId="5")]), task(6, "5.1"))

    move(ws, "5", "8")

    assert ids(ws) == ["8", "8.1", "8.2", "6"]
    assert [one["id"] for one in stored(ws)["8"].doc["subtasks"]] == ["8.1", "8-2"]  # type: ignore[attr-defined]
    assert stored(ws)["8.2"].doc["parentId"] == "8"
    assert waits(ws) == {"8.2": ["8.1"], "6": ["8.1"]}


def test_ids_that_are_text_stay_text() -> None:
    ws = project(task("5"), task("6", "5"))

    move(ws, "5", "7")

    assert stored(ws)["7"].doc["id"] == "7"
    assert raw(ws, "6") == ["7"]


def test_two_tasks_may_change_their_ids_over(ws: Workspace) -> None:
    before = titles(ws)

    moves = move(ws, "1,2", "2,1")

    assert pairs(moves) == [("1", "2"), ("2", "1")]
    assert titles(ws) == before
    assert stored(ws)["1"].title == "Task 2"


def test_an_id_that_is_taken_is_refused_with_those_that_are_free(ws: Workspace) -> None:
    with pytest.raises(Conflict, match="2 is taken already") as told:
        move(ws, "1", "2")

    assert told.value.code == "task-already-exists"
    assert told.value.hint.startswith("free: 7")
    assert log(ws) == []


def test_a_subtask_goes_to_the_place_of_its_sibling_and_keeps_its_id(ws: Workspace) -> None:
    before = waits(ws)

    move(ws, "5.3", "5.1")
    assert ids(ws)[3:7] == ["5", "5.3", "5.1", "5.2"]
    move(ws, "5.3", "5.2")

    assert ids(ws)[3:7] == ["5", "5.1", "5.2", "5.3"]
    assert waits(ws) == before


def test_a_subtask_gets_a_number_that_none_of_its_siblings_has(ws: Workspace) -> None:
    moves = move(ws, "5.2", "5.7")

    assert pairs(moves) == [("5.2", "5.7")]
    assert waits(ws)["5.3"] == ["5.7"]
    assert waits(ws)["6"] == ["5.7"]


def test_a_subtask_goes_to_another_parent_under_a_free_number() -> None:
    ws = project(
        task(5, subtasks=[step(1), step(2, 1), step(3, 2)]),
        task(6, subtasks=[step(1), step(2, 1)]),
        task(7, "5.2"),
    )

    first = move(ws, "5.2", "6.9")
    second = move(ws, "5.1", "6.1")

    assert pairs(first) == [("5.2", "6.9")]
    assert pairs(second) == [("5.1", "6.10")]
    assert ids(ws) == ["5", "5.3", "6", "6.1", "6.10", "6.2", "6.9", "7"]
    assert waits(ws) == {"5.3": ["6.9"], "6.2": ["6.1"], "6.9": ["6.10"], "7": ["6.9"]}


def test_a_subtask_becomes_a_task_and_still_waits_for_its_old_siblings(ws: Workspace) -> None:
    moves = move(ws, "5.2", "4")

    assert pairs(moves) == [("5.2", "4")]
    assert ids(ws) == ["1", "2", "3", "4", "5", "5.1", "5.3", "6"]
    assert waits(ws)["4"] == ["5.1"]
    assert waits(ws)["5.3"] == ["4"]
    assert "parentTaskId" not in stored(ws)["4"].doc


def test_a_task_becomes_a_subtask_and_keeps_its_priority() -> None:
    ws = project(task(1, priority="high"), task(2, 1), task(3, subtasks=[step(1), step(2)]))

    moves = move(ws, "1", "3.1")

    assert pairs(moves) == [("1", "3.3")]
    assert ids(ws) == ["2", "3", "3.1", "3.3", "3.2"]
    assert waits(ws) == {"2": ["3.3"]}
    assert stored(ws)["3.3"].priority == "high"


def test_a_wait_between_a_task_and_its_new_subtask_is_dropped_and_told() -> None:
    ws = project(task(1), task(2, 1), task(3, 2))

    moves = move(ws, "1", "2.1")

    assert moves.dropped == (("2", "2.1"),)
    assert waits(ws) == {"3": ["2"]}


def test_ids_mean_what_they_meant_before_the_move(ws: Workspace) -> None:
    moves = move(ws, "5,5.1,6", "7,8,5.9")

    assert pairs(moves) == [("5", "7"), ("5.1", "8"), ("6", "7.9")]
    assert ids(ws) == ["1", "2", "3", "7", "7.2", "7.3", "7.9", "8"]
    assert waits(ws)["7.2"] == ["8"]
    assert waits(ws)["7.9"] == ["7.2"]


def test_a_wait_that_the_file_could_not_say_is_refused_and_nothing_moves() -> None:
    ws = project(task(1), task(3, subtasks=[step(1, "7"), step(2, 1, "8")]), task(8))

    with pytest.raises(Invalid, match="waits for the whole task 8") as told:
        move(ws, "1", "3.8")

    assert told.value.code == "ambiguous-dependency"
    assert log(ws) == []


def test_a_reference_to_nothing_that_finds_the_task_is_told() -> None:
    ws = project(task(1), task(2, 9))

    moves = move(ws, "1", "9")

    assert moves.found == (("2", "9"),)


def test_a_reference_to_nothing_may_not_close_a_circle() -> None:
    ws = project(task(1, 2), task(2, 9))

    with pytest.raises(Invalid, match="circle would close") as told:
        move(ws, "1", "9")

    assert told.value.code == "circular-dependency"
    assert log(ws) == []


@pytest.mark.parametrize(
    ("source", "target", "kind", "code"),
    [
        ("77", "8", NotFound, "task-not-found"),
        ("5.9", "8", NotFound, "subtask-not-found"),
        ("1.1", "8", NotFound, "parent-task-no-subtasks"),
        ("77.1", "8", NotFound, "parent-task-not-found"),
        ("1", "77.1", NotFound, "destination-task-not-found"),
        ("1", "5.1.1", Invalid, "not-a-task"),
        ("1,2", "8", Usage, "id-count-mismatch"),
        ("1", "8,9", Usage, "id-count-mismatch"),
        ("1,2", "8,8", Conflict, "task-already-exists"),
        ("5.1", "6", Conflict, "task-already-exists"),
        ("1", "1", Usage, "same-place"),
        ("5", "6.1", Invalid, "has-subtasks"),
        ("1", "1.1", Invalid, "own-parent"),
        ("1", "0", Invalid, "bad-id"),
        ("1", "x", Invalid, "bad-id"),
        ("1", "6.x", Invalid, "bad-id"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_moves(
    ws: Workspace, source: str, target: str, kind: type[TampError], code: str
) -> None:
    before = stored(ws)

    with pytest.raises(kind) as told:
        move(ws, source, target)

    assert told.value.code == code
    assert stored(ws) == before
    assert log(ws) == []


def test_one_that_cannot_move_keeps_all_of_them_where_they_are(ws: Workspace) -> None:
    before = stored(ws)

    with pytest.raises(Conflict) as told:
        move(ws, "1,2,5.1", "8,9,6")

    assert told.value.details == {
        "1": "not-moved", "2": "not-moved", "5.1": "task-already-exists",
    }  # fmt: skip
    assert stored(ws) == before


def test_what_is_missing_is_told_for_each_id(ws: Workspace) -> None:
    with pytest.raises(NotFound) as told:
        move(ws, "77,5.9,1", "8,9,10")

    assert told.value.details == {"77": "task-not-found", "5.9": "subtask-not-found"}


# From one tag into another


def test_a_task_goes_to_another_tag_and_says_where_from() -> None:
    ws = project(task(1, tag="master"), task(2), v2=[task(5)])

    moves = carry(ws, "1", "v2", Terms())

    assert pairs(moves) == [("1", "1")]
    assert (ids(ws), ids(ws, "v2")) == (["2"], ["1", "5"])
    doc = stored(ws, "v2")["1"].doc
    assert doc["tag"] == "v2"
    assert doc["metadata"] == {
        "moveHistory": [{"fromTag": "master", "toTag": "v2", "timestamp": ws.clock()}]
    }


def test_a_wait_that_would_span_the_tags_is_refused(ws: Workspace) -> None:
    for source, edges in (("2", [("2", "1"), ("3", "2"), ("5.3", "5.2")]), ("6", [("6", "5.2")])):
        with pytest.raises(Invalid) as told:
            carry(ws, source, "v2", Terms(renumber=True))

        assert told.value.code == "cross-tag-dependency-conflicts"
        assert {"taskId": edges[0][0], "dependency": edges[0][1]} in told.value.details  # type: ignore[operator]
    assert log(ws) == []


def test_what_a_task_waits_for_goes_along_all_the_way(ws: Workspace) -> None:
    before = titles(ws)

    moves = carry(ws, "6", "v2", Terms(with_dependencies=True, renumber=True))

    assert pairs(moves) == [("1", "7"), ("2", "2"), ("3", "3"), ("5", "5"), ("6", "6")]
    assert ids(ws) == []
    after = titles(ws, "v2")
    assert {key: after[key] for key in before} == before
    assert ids(ws, "v2") == ["1", "2", "3", "5", "5.1", "5.2", "5.3", "6", "7"]


def test_waits_across_are_dropped_when_somebody_says_so(ws: Workspace) -> None:
    moves = carry(ws, "2", "v2", Terms(ignore_dependencies=True))

    assert moves.dropped == (("2", "1"), ("3", "2"))
    assert waits(ws, "v2") == {}
    assert "3" not in waits(ws)


def test_an_id_of_the_other_tag_is_never_taken(ws: Workspace) -> None:
    with pytest.raises(Conflict) as told:
        carry(ws, "1", "v2", Terms(ignore_dependencies=True))
    assert told.value.code == "task-already-exists"
    assert "--renumber" in told.value.hint
    assert log(ws) == []

    moves = carry(ws, "1", "v2", Terms(ignore_dependencies=True, targets="4"))

    assert pairs(moves) == [("1", "4")]


@pytest.mark.parametrize(
    ("source", "target", "kind", "code"),
    [
        ("5.1", "v2", Invalid, "cannot-move-subtask"),
        ("1", "typo", NotFound, "invalid-target-tag"),
        ("1", "master", Usage, "source-target-tags-same"),
        ("88", "v2", NotFound, "task-not-found"),
    ],
)
def test_what_cannot_leave_is_refused(
    ws: Workspace, source: str, target: str, kind: type[TampError], code: str
) -> None:
    with pytest.raises(kind) as told:
        carry(ws, source, target, Terms())

    assert told.value.code == code
    assert log(ws) == []


def test_a_source_tag_that_is_not_there_is_refused(ws: Workspace) -> None:
    ws.tag = "typo"

    with pytest.raises(NotFound) as told:
        carry(ws, "1", "v2", Terms())

    assert told.value.code == "invalid-source-tag"


# Whatever is done


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[dict[str, object]], list[tuple[str, str]]]:
    """Tasks with waits among all of them, however they are written, and moves to try."""
    count = draw(st.integers(2, 5))
    sizes = [draw(st.integers(0, 3)) for _ in range(count)]
    names = [str(number + 1) for number in range(count)]
    every = names + [
        f"{number + 1}.{place + 1}" for number in range(count) for place in range(sizes[number])
    ]
    some = st.lists(st.sampled_from(every), max_size=2, unique=True)
    docs = []
    for number in range(count):
        own = f"{number + 1}"
        steps = [
            step(place + 1, *[_local(one, own, draw) for one in draw(some)], title=f"{own}.{place}")
            for place in range(sizes[number])
        ]
        docs.append(task(number + 1, *draw(some), subtasks=steps))
    to = st.sampled_from([*every, "8", "9", "1.8", "2.9", "3.1"])
    moves = draw(st.lists(st.tuples(st.sampled_from([*every, "8", "9"]), to), max_size=5))
    return docs, moves


def _local(one: str, own: str, draw: st.DrawFn) -> object:
    parent, _, number = one.partition(".")
    return int(number) if parent == own and number and draw(st.booleans()) else one


@settings(deadline=None, max_examples=50)
@given(plans())
def test_any_moves_keep_every_task_and_what_it_waits_for(
    plan: tuple[list[dict[str, object]], list[tuple[str, str]]],
) -> None:
    docs, wanted = plan
    ws = project(*docs)
    for source, target in wanted:
        before, tasks = titles(ws), stored(ws)
        try:
            moves = move(ws, source, target)
        except TampError:
            assert stored(ws) == tasks
            continue
        after = stored(ws)
        assert Counter(one.title for one in after.values()) == Counter(dict.fromkeys(before, 1))
        dropped = {(after[one].title, after[name].title) for one, name in moves.dropped}
        assert titles(ws) == {
            title: {one for one in names if (title, one) not in dropped}
            for title, names in before.items()
        }
        assert moves.found == ()
    while True:
        try:
            history.undo(ws)
        except TampError:
            break
    assert [one.doc for one in stored(ws).values() if one.parent is None] == docs


@settings(deadline=None, max_examples=50)
@given(plans(), st.sampled_from(["1", "2", "1,2", "2,1"]), st.booleans())
def test_tasks_that_leave_take_everything_along_that_they_wait_for(
    plan: tuple[list[dict[str, object]], list[tuple[str, str]]],
    sources: str,
    ignore: bool,
) -> None:
    docs, _ = plan
    ws = project(*docs, v2=[task(1, title="Other"), task(2, title="Another")])
    before = titles(ws)
    try:
        moves = carry(ws, sources, "v2", Terms(not ignore, ignore, renumber=True))
    except TampError:
        assert titles(ws) == before
        return
    after = {**titles(ws), **titles(ws, "v2")}
    assert set(after) == {*before, "Other", "Another"}
    if not moves.dropped:
        assert {key: after[key] for key in before} == before
    for title, names in before.items():
        assert after[title] <= names
    history.undo(ws)
    assert [one.doc for one in stored(ws).values() if one.parent is None] == docs
