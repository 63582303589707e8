"""Taking tasks in: ids, references, circles, what is known already, what follows its origin."""

from __future__ import annotations

import json
import sys

import pytest
from tests.exchange.arriving import parcel_of, sizes, taken_in, tasks_of, told
from tests.usecases.drawn import log, project, raw, step, task, waits

from taskmaster.domain.assembly import nested
from taskmaster.domain.parcel import Item, Losses, Parcel, origin_of
from taskmaster.errors import Invalid, NotFound
from taskmaster.usecases import history, transfer
from taskmaster.usecases.transfer import Wish


def file_of(*tasks: object, **others: object) -> Parcel:
    tags = {"master": {"tasks": list(tasks)}} if tasks else {}
    more = {
        tag: {"tasks": found, "metadata": {"description": tag}} for tag, found in others.items()
    }
    return parcel_of(json.dumps({"schema": "tamp/export.v1", "tags": {**tags, **more}}), "json")


def issues(*entries: dict[str, object]) -> Parcel:
    defaults: dict[str, object] = {"state": "OPEN", "body": ""}
    return parcel_of(json.dumps([defaults | entry for entry in entries]), "github")


def test_ids_that_are_free_are_kept_and_others_numbered_anew() -> None:
    ws = project(task(1), task(3))
    there = file_of(
        {**task(1), "title": "Another"},
        {**task(2, 1), "subtasks": [step(1), step(2, 1)]},
        {**task(3, 2, "2.2", 1), "title": "A third", "subtasks": [{**step("3.1"), "parentId": 3}]},
    )

    outcome = taken_in(ws, there)

    assert [(old, new.id) for old, new in outcome.arrivals[0].added] == [
        ("1", "4"), ("2", "2"), ("3", "5"),
    ]  # fmt: skip
    assert waits(ws) == {"2": ["4"], "2.2": ["2.1"], "5": ["2", "2.2", "4"]}
    assert tasks_of(ws)["5.1"].doc["parentId"] == 5
    assert origin_of(tasks_of(ws)["5"]) == ("taskmaster", "file", "master", "3")
    assert "metadata" not in tasks_of(ws)["2"].doc
    assert sizes(taken_in(ws, there, update=True)) == (0, 0, 3)


def test_all_of_it_is_one_change_that_can_be_undone() -> None:
    ws = project(task(1))
    taken_in(ws, file_of({**task(1), "title": "Another"}, v2=[task(1), task(2)]))
    assert [one.stamp.operation for one in log(ws)] == ["import"]

    history.undo(ws)

    assert list(tasks_of(ws)) == ["1"]
    with ws.reading() as reader:
        assert list(reader.tags()) == ["master"]


def test_a_preview_says_what_is_done_and_changes_nothing() -> None:
    ws = project(task(1))
    there = file_of({**task(1, 2), "title": "Another"}, task(2), v2=[task(1)])
    seen = transfer.preview(ws, there, Wish())
    assert log(ws) == []

    assert taken_in(ws, there) == seen


def test_dependencies_that_cannot_be_are_left_out_and_told() -> None:
    ws = project()
    outcome = taken_in(
        ws,
        file_of(
            task(1, 3, 9),
            task(2, 1),
            task(3, 2, 3),
            task(4, "4.1", subtasks=[step(1, "4")]),
        ),
    )

    assert waits(ws) == {"1": ["3"], "3": ["2"]}
    assert told(outcome) == {
        "dependencies": (1, "1 waits for 9, which is not there"),
        "dependencies within a task": (2, "4 waits for 4.1"),
        "circular dependencies": (2, told(outcome)["circular dependencies"][1]),
    }
    assert "→" in told(outcome)["circular dependencies"][1]


def test_a_subtask_that_cannot_name_a_task_lets_its_own_task_wait() -> None:
    ws = project()
    there = issues(
        {"number": 10, "title": "First"},
        {"number": 20, "title": "Second"},
        {"number": 30, "title": "Big"},
        {"number": 31, "title": "Part", "parent": {"number": 30}},
        {"number": 32, "title": "Part 2", "parent": {"number": 30},
         "body": "blocked by #10, #20"},
    )  # fmt: skip

    outcome = taken_in(ws, there)

    assert waits(ws) == {"3": ["1", "2"]}
    assert told(outcome)["subtask dependencies"][0] == 2


def test_what_changed_at_the_origin_comes_over_only_when_asked() -> None:
    ws = project()
    taken_in(ws, issues({"number": 7, "title": "Old", "body": "- [ ] One\n- [ ] Two"}))
    later = issues(
        {"number": 7, "title": "New", "state": "CLOSED", "body": "- [x] One\n- [ ] Two\n- [ ] Six"},
        {"number": 9, "title": "Fresh", "body": "blocked by #7"},
    )

    first = taken_in(ws, later)

    assert sizes(first) == (1, 0, 1)
    assert told(first)["new subtasks (--update brings them)"] == (1, "Six")
    assert tasks_of(ws)["1"].title == "Old"

    second = taken_in(ws, later, update=True)

    assert sizes(second) == (0, 1, 1)
    assert [(one.id, one.title, one.status) for one in tasks_of(ws).values()] == [
        ("1", "New", "done"),
        ("1.1", "One", "done"),
        ("1.2", "Two", "pending"),
        ("1.3", "Six", "pending"),
        ("2", "Fresh", "pending"),
    ]
    assert sizes(taken_in(ws, later, update=True)) == (0, 0, 2)


def test_an_origin_that_only_knows_open_and_closed_does_not_undo_progress() -> None:
    ws = project()
    taken_in(ws, issues({"number": 7, "title": "A"}))
    with ws.writing("set-status") as writer:
        writer.put("master", writer.get("master", "1").with_fields({"status": "in-progress"}))

    taken_in(ws, issues({"number": 7, "title": "A"}), update=True)
    assert tasks_of(ws)["1"].status == "in-progress"

    taken_in(ws, issues({"number": 7, "title": "A", "state": "CLOSED"}), update=True)
    assert tasks_of(ws)["1"].status == "done"


def test_what_is_gone_at_the_origin_stays_here() -> None:
    ws = project()
    taken_in(
        ws, issues({"number": 7, "title": "A", "body": "- [ ] x"}, {"number": 8, "title": "B"})
    )
    taken_in(ws, issues({"number": 8, "title": "B"}), update=True)
    taken_in(ws, issues({"number": 7, "title": "A"}), update=True)

    assert list(tasks_of(ws)) == ["1", "1.1", "2"]


def test_a_new_subtask_does_not_take_a_number_that_means_a_task() -> None:
    known = {"source": {"system": "github", "id": "7"}}
    ws = project(task(1, subtasks=[step(1, 2)], metadata=known), task(2))
    taken_in(
        ws, issues({"number": 7, "title": "Task 1", "body": "- [ ] Step 1\n- [ ] N"}), update=True
    )

    assert list(tasks_of(ws)) == ["1", "1.1", "1.3", "2"]
    assert waits(ws) == {"1.1": ["2"]}


def test_subtasks_whose_ids_repeat_are_known_by_their_titles() -> None:
    steps = [{**step(1), "title": title} for title in ("One", "Two", "Three", "Two")]
    ws = project()
    there = file_of(task(1, subtasks=steps))
    taken_in(ws, there)

    assert sizes(taken_in(ws, there, update=True)) == (0, 0, 1)


def test_each_tag_goes_to_its_own_and_metadata_that_is_here_stays() -> None:
    ws = project(task(1), v2=[])
    outcome = taken_in(ws, file_of(v2=[task(1)], v3=[task(1)]))

    assert [(one.tag, one.fresh) for one in outcome.arrivals] == [("v2", False), ("v3", True)]
    with ws.reading() as reader:
        assert reader.metadata("v2") == {"description": "v2"}
        assert reader.metadata("master") == {"description": "first"}


def test_a_tag_that_is_named_takes_one_list() -> None:
    ws = project(v2=[])
    both = file_of(task(1), v3=[task(1), task(2)])

    with pytest.raises(Invalid, match="master, v3") as caught:
        taken_in(ws, both, tag="v2")
    assert caught.value.code == "several-tags"
    with pytest.raises(NotFound):
        transfer.take_in(ws, both, Wish(from_tag="typo"))
    with pytest.raises(NotFound):
        transfer.take_in(ws, both, Wish(tag="typo", from_tag="v3"))
    transfer.take_in(ws, both, Wish(tag="v2", from_tag="v3"))

    assert list(tasks_of(ws, "v2")) == ["1", "2"]
    assert log(ws)[-1].changes[0].tag == "v2"


def test_ids_are_written_as_the_list_writes_them() -> None:
    ws = project(task("1"))
    taken_in(
        ws,
        issues({"number": 7, "title": "A"}, {"number": 8, "title": "B", "body": "depends on #7"}),
    )

    assert tasks_of(ws)["2"].doc["id"] == "2"
    assert waits(ws) == {"3": ["2"]}
    assert raw(ws, "3") in ([2], ["2"])


def test_what_lies_deeper_than_subtasks_is_put_beside_them() -> None:
    items = [Item(key, {"title": key}) for key in "abcde"]
    losses = Losses()
    found = nested(items, {"b": "a", "c": "b", "d": "e", "e": "d"}, losses)

    assert [(one.key, [step.key for step in one.steps]) for one in found] == [
        ("a", ["b", "c"]), ("d", []), ("e", []),
    ]  # fmt: skip
    assert [one.field for one in losses.listed()] == ["parent", "nesting"]


def test_a_title_that_is_too_long_or_missing_is_mended_and_told() -> None:
    ws = project()
    outcome = taken_in(ws, issues({"number": 1, "title": "x" * 600}, {"number": 2, "title": " "}))

    assert len(tasks_of(ws)["1"].title) == 500
    assert tasks_of(ws)["1"].description == "x" * 600
    assert tasks_of(ws)["2"].title == "Untitled 2"
    assert told(outcome)["title"][0] == 2


def calls(count: int) -> int:
    """How many calls it takes to import many issues twice, which no other work changes."""
    ws = project(*(task(number) for number in range(1, count)))
    many = issues(
        *(
            {"number": n, "title": f"Issue {n}", "body": f"blocked by #{n - 1}\n\n- [ ] Step"}
            for n in range(2, count + 2)
        )
    )
    made = 0

    def counted(*_: object) -> None:
        nonlocal made
        made += 1

    sys.setprofile(counted)
    try:
        taken_in(ws, many)
        taken_in(ws, many, update=True)
    finally:
        sys.setprofile(None)
    return made


def test_many_issues_cost_no_more_than_their_number() -> None:
    assert calls(2000) < 2.2 * calls(1000)
