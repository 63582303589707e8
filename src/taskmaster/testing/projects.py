"""Tasks, projects and logs as the contracts' tests make them and look at them."""

from __future__ import annotations

from taskmaster.domain.changes import Actor, Stamp, TagState, inverse, last_number, replayed, same
from taskmaster.domain.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from taskmaster.domain.changes import Transaction
    from taskmaster.errors import TampError
    from taskmaster.ports import Reader, Store

    Json = dict[str, object]

TIME = "2026-01-31T08:15:30.123Z"
WAIT = 60
"""Seconds after which a test gives up on a thread or process; nothing ever takes that long."""

# fmt: off
ODD_TEXTS = (
    "\N{PILE OF POO}\N{FAMILY}\N{ZERO WIDTH JOINER}", "\ud83d", "\udc80 alone",
    "\u05e9\u05dc\u05d5\u05dd \u202e\u0627\u0644\u0639\u0631\u0628\u064a\u0629\u202c",
    "line\u2028and\u2029paragraph", "quotes \" and ' and \\ and \\u0041",
    "one\ntwo\r\nthree\rfour\ttab", "nothing \x00 and \x1f and \x7f",
    "<<<<<<< HEAD\n=======\n>>>>>>> theirs", "\ufeffmark", "e\u0301 is not \u00e9", "", " ",
)
WHOLE_TASK: Json = {
    "id": 1, "title": "Everything", "description": "A task with every field",
    "status": "in-progress", "priority": "high", "dependencies": [2, "3", "4.1"],
    "details": "Line one\nline two", "testStrategy": "Look at it", "assignee": "ann",
    "labels": ["a", "b"], "dueDate": "2026-02-01", "effort": 1.5,
    "acceptanceCriteria": ["it works"],
    "subtasks": [
        {"id": 1, "title": "Step", "status": "done", "dependencies": []},
        {"id": "1.2", "title": "Step", "x": {"deep": [None, True]}, "dependencies": [1]},
    ],
    "unknown": None, "x-object": {"z": 1, "a": {"": []}},
    "x-numbers": [0, -1, 1.0, 1e300, 12345678901234567890, True, False, ""],
}
# fmt: on


def stamp(operation: str = "test", name: str = "ann", time: str = TIME) -> Stamp:
    return Stamp(Actor(name, "agent", "s-1"), "test", operation, "a note", time)


def task(number: int | str, title: str = "", **fields: object) -> Task:
    return Task({"id": number, "title": title or f"Task {number}", "status": "pending", **fields})


def states_of(reader: Reader) -> dict[str, TagState]:
    """Everything a reader shows, in the form that change records apply to."""
    return {
        tag: TagState(dict(reader.metadata(tag)), [one.doc for one in reader.tasks(tag)])
        for tag in reader.tags()
    }


def whole(store: Store) -> dict[str, TagState]:
    with store.reading() as reader:
        return states_of(reader)


def log_of(store: Store, number: int = 0) -> list[Transaction]:
    with store.reading() as reader:
        return list(reader.changes_since(number))


def alike(one: Mapping[str, TagState], other: Mapping[str, TagState]) -> bool:
    """Whether two states are the same JSON, but for metadata that follows from the tasks."""
    return same(_plain(one), _plain(other))


def _plain(states: Mapping[str, TagState]) -> Json:
    follows = ("updated", "lastModified", "taskCount", "completedCount")
    return {
        tag: [{k: v for k, v in state.metadata.items() if k not in follows}, list(state.entries)]
        for tag, state in (states or {"master": TagState({}, [])}).items()
    }


def check_log(first: Mapping[str, TagState], store: Store) -> None:
    """The numbers have no gap, and the records turn *first* into what is stored, and back."""
    with store.reading() as reader:
        final, log = states_of(reader), list(reader.changes_since(0))
    number = 0
    states = dict(first)
    for transaction in log:
        assert transaction.first == number + 1, f"change {number + 1} is missing from the log"
        assert transaction.changes, "a transaction without changes is in the log"
        number = last_number(transaction)
        states = states or {"master": TagState({}, [])}
        for change in transaction.changes:
            after = replayed(states, change)
            back = replayed(after, inverse(change))
            assert alike(back, states), f"taking back {change.kind} does not give what was before"
            states = after
    assert alike(states, final), "replaying the log does not give what is stored"


def fill(store: Store, *tasks: Task, tag: str = "master") -> None:
    with store.writing(stamp("fill")) as writer:
        for one in tasks:
            writer.put(tag, one)


def refusal(kind: type[TampError], work: Callable[[], object]) -> TampError:
    """The error of this kind that *work* must end with; it says something."""
    found: TampError | None = None
    try:
        work()
    except kind as error:
        found = error
    assert found is not None, f"there was no {kind.__name__}"
    assert found.message
    return found
