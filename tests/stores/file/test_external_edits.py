"""Other programs write the task file too: an editor, git, the tool that was there before."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskmaster.domain.changes import TagState, between_states, inverse, replayed
from taskmaster.errors import Conflict
from taskmaster.stores.file import disk
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import alike, check_log, fill, log_of, stamp, task, whole

Open = Callable[[str | bytes], FileStore]
Rewrite = Callable[[Path, str], None]

DOCUMENT: dict[str, Any] = {
    "master": {
        "tasks": [{"id": n, "title": f"Task {n}", "status": "pending"} for n in (1, 2, 3)],
        "metadata": {"description": "d"},
    }
}
TEXT = json.dumps(DOCUMENT, indent=2)
EDITED = TEXT.replace("Task 2", "Edited elsewhere")


def in_place(path: Path, text: str) -> None:
    with path.open("r+", encoding="utf-8", newline="") as file:
        file.truncate()
        file.write(text)


def by_rename(path: Path, text: str) -> None:
    fresh = path.with_suffix(".editor")
    fresh.write_text(text, encoding="utf-8", newline="")
    fresh.replace(path)


def like_git(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text, encoding="utf-8", newline="")


ways = pytest.mark.parametrize("rewrite", [in_place, by_rename, like_git])


def external(store: FileStore) -> list[list[tuple[str, str]]]:
    return [
        [(change.kind, change.task) for change in one.changes]
        for one in log_of(store)
        if one.stamp.actor.kind == "system"
    ]


def titles(store: FileStore) -> list[Any]:
    return [entry["title"] for entry in whole(store)["master"].entries]  # type: ignore[index]


@ways
def test_an_edit_is_seen_by_the_next_reader_and_enters_the_log(
    project: Open, rewrite: Rewrite
) -> None:
    store = project(TEXT)
    first = whole(store)
    fill(store, task(4))

    rewrite(Path(store.path), Path(store.path).read_text().replace("Task 2", "Edited elsewhere"))

    assert titles(store) == ["Task 1", "Edited elsewhere", "Task 3", "Task 4"]
    assert external(store) == [[("changed", "2")]]
    assert log_of(store)[-1].stamp.operation == "external-edit"
    check_log(first, store)


@ways
def test_an_edit_that_no_reader_saw_enters_the_log_before_the_next_change(
    project: Open, rewrite: Rewrite
) -> None:
    store = project(TEXT)
    first = whole(store)
    fill(store, task(4))
    rewrite(Path(store.path), EDITED)

    fill(store, task(5))

    assert titles(store) == ["Task 1", "Edited elsewhere", "Task 3", "Task 5"]
    assert external(store) == [[("removed", "4"), ("changed", "2")]]
    check_log(first, store)


@ways
@pytest.mark.parametrize(
    "formatted",
    [
        json.dumps(DOCUMENT),
        json.dumps(DOCUMENT, indent="\t").replace("\n", "\r\n") + "\n\n",
        "\ufeff" + TEXT,
        json.dumps(DOCUMENT, indent=2, sort_keys=True),
        TEXT.replace("Task", "\\u0054ask"),
    ],
)
def test_a_new_format_is_no_change(project: Open, rewrite: Rewrite, formatted: str) -> None:
    store = project(TEXT)
    fill(store, task(3, "Task 3!"))
    fill(store, task(3))
    before = log_of(store)

    rewrite(Path(store.path), formatted)

    assert len(whole(store)["master"].entries) == 3
    assert log_of(store) == before
    assert Path(store.path).read_bytes().decode() == formatted


@ways
def test_an_edit_during_a_transaction_wins_and_the_repeat_succeeds(
    project: Open, rewrite: Rewrite
) -> None:
    store = project(TEXT)
    fill(store, task(4))
    log = log_of(store)

    with pytest.raises(Conflict) as told:
        put_while(store, lambda: rewrite(Path(store.path), EDITED))

    assert told.value.code == "changed-meanwhile"
    assert told.value.hint
    assert Path(store.path).read_text() == EDITED
    assert list(store.journal.since(0)) == log
    assert leftovers(store) == []
    fill(store, task(1, "ours"))
    assert titles(store) == ["ours", "Edited elsewhere", "Task 3"]
    assert external(store) == [[("removed", "4"), ("changed", "2")]]
    assert [one.first for one in log_of(store)] == [1, 2, 4]


def put_while(store: FileStore, act: Callable[[], object]) -> None:
    """Change task 1, and let another program act before the commit."""
    with store.writing(stamp()) as writer:
        writer.put("master", task(1, "ours"))
        act()


def leftovers(store: FileStore) -> list[str]:
    """What a finished or refused write must not leave lying about."""
    beside = [path.name for path in Path(store.path).parent.glob(".*")]
    log = Path(store.home, "log")
    return (
        beside
        + [path.name for path in log.glob("*") if path.suffix == ".new"]
        + [path.name for path in log.glob("pending*")]
    )


def test_a_file_deleted_during_a_transaction_stays_deleted(project: Open) -> None:
    store = project(TEXT)

    with pytest.raises(Conflict):
        put_while(store, Path(store.path).unlink)

    assert not Path(store.path).exists()
    assert leftovers(store) == []


def test_a_file_created_during_the_first_transaction_is_kept(project: Open) -> None:
    store = project(TEXT)
    Path(store.path).unlink()

    with pytest.raises(Conflict):
        put_while(store, lambda: Path(store.path).write_text(TEXT))

    assert Path(store.path).read_text() == TEXT
    assert leftovers(store) == []


def at_the_exchange(monkeypatch: pytest.MonkeyPatch, *actions: Callable[[], object]) -> None:
    """Let another program act just before each of the next exchanges."""
    waiting = list(actions)
    real = disk.exchange

    def exchange(one: str, other: str) -> bool:
        if waiting:
            waiting.pop(0)()
        return real(one, other)

    monkeypatch.setattr(disk, "exchange", exchange)


@ways
def test_an_edit_just_before_the_exchange_is_not_lost(
    project: Open, rewrite: Rewrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = project(TEXT)
    at_the_exchange(monkeypatch, lambda: rewrite(Path(store.path), EDITED))

    with pytest.raises(Conflict) as told:
        fill(store, task(1, "ours"))

    assert told.value.code == "changed-meanwhile"
    assert Path(store.path).read_text() == EDITED
    assert leftovers(store) == []
    fill(store, task(1, "ours"))
    assert titles(store) == ["ours", "Edited elsewhere", "Task 3"]


def test_edits_before_and_after_the_exchange_are_both_kept(
    project: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = project(TEXT)
    later = TEXT.replace("Task 3", "Later")
    at_the_exchange(
        monkeypatch,
        lambda: by_rename(Path(store.path), EDITED),
        lambda: by_rename(Path(store.path), later),
    )

    with pytest.raises(Conflict):
        fill(store, task(1, "ours"))

    assert Path(store.path).read_text() == later
    (copy,) = store.backups.all()
    assert store.backups.read(copy.name).decode() == EDITED
    assert leftovers(store) == []


def test_a_file_deleted_just_before_the_exchange_is_a_conflict(
    project: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = project(TEXT)
    at_the_exchange(monkeypatch, lambda: Path(store.path).unlink())

    with pytest.raises(Conflict):
        fill(store, task(1, "ours"))

    assert not Path(store.path).exists()
    assert leftovers(store) == []


@ways
def test_systems_without_an_exchange_notice_an_edit_during_a_transaction(
    project: Open, rewrite: Rewrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "exchange", lambda _one, _other: False)
    store = project(TEXT)
    first = whole(store)
    fill(store, task(4))

    with pytest.raises(Conflict):
        put_while(store, lambda: rewrite(Path(store.path), EDITED))

    assert Path(store.path).read_text() == EDITED
    fill(store, task(1, "ours"))
    assert leftovers(store) == []
    check_log(first, store)


def test_an_edit_of_equal_length_within_the_same_instant_is_found_by_the_next_writer(
    project: Open,
) -> None:
    store = project(TEXT)
    fill(store, task(1, "Task X"))
    moment = Path(store.path).stat().st_mtime_ns
    in_place(Path(store.path), Path(store.path).read_text().replace("Task 2", "Task Y"))
    os.utime(store.path, ns=(moment, moment))

    assert titles(store)[1] == "Task Y"
    fill(store, task(4))

    assert external(store) == [[("changed", "2")]]


def test_a_deleted_file_is_an_edit_that_can_be_taken_back(project: Open) -> None:
    store = project(TEXT)
    first = whole(store)
    fill(store, task(4))
    content = Path(store.path).read_bytes()
    Path(store.path).unlink()

    assert whole(store) == {"master": TagState({}, [])}
    assert whole(store) == {"master": TagState({}, [])}

    kinds = [kind for kind, _ in external(store)[0]]
    assert kinds.count("removed") == 4
    assert len(external(store)) == 1
    check_log(first, store)
    assert content in [store.backups.read(copy.name) for copy in store.backups.all()]
    states = whole(store)
    for change in reversed(log_of(store)[-1].changes):
        states = replayed(states, inverse(change))
    assert len(states["master"].entries) == 4
    fill(store, task(9))
    Path(store.path).write_bytes(content)
    assert titles(store)[3] == "Task 4"
    check_log(first, store)


def test_a_file_that_vanishes_for_a_moment_is_waited_for(
    project: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = project(TEXT)
    fill(store, task(4))
    content = Path(store.path).read_bytes()
    Path(store.path).unlink()
    monkeypatch.setattr("time.sleep", lambda _seconds: Path(store.path).write_bytes(content))

    assert len(titles(store)) == 4
    assert external(store) == []


def test_a_file_that_is_still_being_written_is_waited_for(
    project: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = project(TEXT[:50])
    monkeypatch.setattr("time.sleep", lambda _seconds: Path(store.path).write_text(TEXT))

    assert len(titles(store)) == 3


def test_git_checkout_back_and_forth_is_replayed_from_the_log(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false"]
        subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True
        )

    store = FileStore(str(tmp_path / "t" / "tasks.json"), str(tmp_path / ".tm"))
    fill(store, task(1), task(2), task(3))
    git("init", "-q", "-b", "main")
    git("add", "t")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "other")
    with store.writing(stamp()) as writer:
        writer.reorder("master", ["3", "2", "1"])
        writer.remove("master", "2")
        writer.put("master", task(4, subtasks=[{"id": 1, "title": "s"}]), place=0)
        writer.add_tag("more", {})
    git("commit", "-qam", "two")
    states = {"other": whole(store)}
    for branch in ("main", "other", "main", "other"):
        git("checkout", "-q", branch)
        states.setdefault(branch, whole(store))
        assert alike(whole(store), states[branch])
    assert len(external(store)) == 4
    assert (
        subprocess.run(
            ["git", "status", "--porcelain", "t"], cwd=tmp_path, check=True, capture_output=True
        ).stdout
        == b""
    )
    check_log({}, store)


# Any two states: the records between them give the one from the other.

STEPS = st.lists(
    st.sampled_from([{"id": n, "t": t} for n in (1, 2, "1.2") for t in "ab"]) | st.just("x"),
    max_size=4,
)
ENTRIES = st.lists(
    st.builds(
        lambda number, title, steps: {"id": number, "title": title, "subtasks": steps},
        st.sampled_from([1, 2, 3, "3", "x", 4.0, None]),
        st.sampled_from("ab"),
        STEPS,
    )
    | st.sampled_from(["text", None, 5, ["list"], {}, {"id": 1}]),
    max_size=7,
)
STATES = st.dictionaries(
    st.sampled_from(["master", "a"]),
    st.builds(TagState, st.dictionaries(st.sampled_from("de"), st.integers(0, 2)), ENTRIES),
    max_size=2,
)


@given(STATES, STATES)
@settings(max_examples=600, deadline=None)
def test_records_of_an_edit_turn_what_was_into_what_is(
    old: dict[str, TagState], new: dict[str, TagState]
) -> None:
    check_records(old, new)


@pytest.mark.soak
@pytest.mark.timeout(900)
@given(STATES, STATES)
@settings(max_examples=60_000, deadline=None)
def test_records_of_an_edit_turn_what_was_into_what_is_for_long(
    old: dict[str, TagState], new: dict[str, TagState]
) -> None:
    check_records(old, new)


def check_records(old: dict[str, TagState], new: dict[str, TagState]) -> None:
    states = old
    for change in between_states(old, new):
        after = replayed(states, change)
        assert alike(replayed(after, inverse(change)), states), change
        states = after
    assert alike(states, new)
