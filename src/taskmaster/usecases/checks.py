"""Everything that can be wrong with the tasks of one tag. Linear in tasks and dependencies."""

from __future__ import annotations

import json
from collections import Counter, namedtuple

from taskmaster.domain import graph, ids
from taskmaster.domain.faults import problems_of
from taskmaster.domain.task import PRIORITIES, STATUSES, Task, priority_of, status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    class Finding(NamedTuple):
        """One thing that is wrong or unusual.

        ``severity`` is error, warning or info; ``tag`` and ``task`` are ``""`` where it is about
        more than one. ``fix`` says what a repair would do, ``""`` where a person must decide;
        ``by_hand`` then says how.
        """

        code: str
        severity: str
        tag: str
        task: str
        message: str
        fix: str = ""
        by_hand: str = ""

else:
    Finding = namedtuple("Finding", "code severity tag task message fix by_hand", defaults=("", ""))

ERROR, WARNING, INFO = "error", "warning", "info"
_LONGEST_CIRCLE = 8
_LONGEST_VALUE = 40


def of_tag(tag: str, tasks: Sequence[Task], metadata: Mapping[str, object]) -> list[Finding]:
    """What is wrong with the tasks of this tag, in their order, graph and numbering first."""
    found = [*_ids(tag, tasks), *_references(tag, tasks)]
    for task in tasks:
        found += _form(tag, task)
        for step in task.subtasks:
            found += _form(tag, step)
        found += _subtasks(tag, task)
    return [*found, *_counts(tag, tasks, metadata)]


def strangers(tag: str, entries: Iterable[object]) -> Iterator[Finding]:
    """What stands in the task list and is none."""
    for place, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            shown = json.dumps(entry, ensure_ascii=False)[:_LONGEST_VALUE]
            yield Finding(
                "no-task", WARNING, tag, "", f"entry {place} of the task list is no task: {shown}",
                by_hand="take it out of the task file; `tamp storage move --to=file` makes one",
            )  # fmt: skip


def wrong_counts(tasks: Sequence[Task], metadata: Mapping[str, object]) -> dict[str, int]:
    """The right numbers for those kept in the tag's metadata that are wrong."""
    right = {
        "taskCount": len(tasks),
        "completedCount": sum(task.status == "done" for task in tasks),
    }
    return {key: value for key, value in right.items() if metadata.get(key, value) != value}


def odd_words(task: Task) -> dict[str, str]:
    """Today's words for the status and the priority, where the task uses other ones for them."""
    found = {}
    status, priority = task.doc.get("status"), task.doc.get("priority")
    if status is not None and status not in STATUSES and task.status in STATUSES:
        found["status"] = task.status
    if priority is not None and priority not in PRIORITIES and (known := priority_of(priority, "")):
        found["priority"] = known
    return found


def _ids(tag: str, tasks: Sequence[Task]) -> Iterator[Finding]:
    yield from _repeated_ids(tag, tasks, "task")
    for task in tasks:
        yield from _repeated_ids(tag, task.subtasks, "subtask")
    whole = {task.id for task in tasks if "." in task.id}
    for task in tasks if whole else ():
        for step in task.subtasks:
            if step.id in whole:
                yield Finding(
                    "ambiguous-id", WARNING, tag, step.id,
                    f"a task and a subtask are both called {step.id}; the first one is meant",
                    by_hand="give the task another id in the file",
                )  # fmt: skip


def _repeated_ids(tag: str, tasks: Sequence[Task], noun: str) -> Iterator[Finding]:
    counts = Counter(task.id for task in tasks)
    nameless = {task.id for task in tasks if not ids.normal(task.doc.get("id"))}
    for name, count in counts.items():
        if name in nameless:
            yield Finding(
                "missing-id", ERROR, tag, name.rstrip("."),
                f"{count} {noun}{'s have' if count > 1 else ' has'} no id",
                "give the next free number",
            )  # fmt: skip
        elif count > 1:
            yield Finding(
                "duplicate-id", ERROR, tag, name, f"{count} {noun}s have the id {name}",
                "the first keeps it and every reference; the others get the next free number",
            )  # fmt: skip


_REFERENCES = {
    "duplicate": (WARNING, "name it once"),
    "self": (ERROR, "take that dependency away"),
    "missing": (ERROR, "take that dependency away"),
    "circular": (ERROR, "take that dependency away, which opens the circle"),
    "unreadable": (WARNING, ""),
}


def _references(tag: str, tasks: Sequence[Task]) -> Iterator[Finding]:
    for one in problems_of(tag, graph.nodes(tasks)):
        severity, fix = _REFERENCES[one.kind]
        by_hand = "" if fix else f"tamp edit {one.task} --dependencies=IDS"
        code = f"{one.kind}-dependency"
        message = _short(one.message.removeprefix(f"{one.task} "))
        yield Finding(code, severity, tag, one.task, message, fix, by_hand)


def _brief(raw: object) -> str:
    shown = repr(raw)
    return shown if len(shown) <= _LONGEST_VALUE else f"{shown[:_LONGEST_VALUE]}…"


def _short(message: str) -> str:
    """The message without the middle of a long circle."""
    names = message.split(" → ")
    if len(names) <= _LONGEST_CIRCLE:
        return message
    left_out = len(names) - _LONGEST_CIRCLE
    return " → ".join([*names[: _LONGEST_CIRCLE - 2], f"… {left_out} more …", *names[-2:]])


def _form(tag: str, one: Task) -> Iterator[Finding]:
    """What is odd about one task or subtask by itself."""
    if not one.title.strip():
        yield Finding(
            "missing-title", WARNING, tag, one.id, "has no title",
            by_hand=f'tamp edit {one.id} --title="…"',
        )  # fmt: skip
    yield from _words(tag, one)


def _words(tag: str, one: Task) -> Iterator[Finding]:
    odd = odd_words(one)
    for key, word in odd.items():
        message = f"the {key} {_brief(one.doc[key])} is read as {word}"
        yield Finding(f"odd-{key}", WARNING, tag, one.id, message, f"write {word}")
    status, priority = one.doc.get("status"), one.doc.get("priority")
    if status is None:
        yield Finding("missing-status", INFO, tag, one.id, "has no status; read as pending")
    elif "status" not in odd and status_of(status) not in STATUSES:
        yield Finding(
            "unknown-status", WARNING, tag, one.id,
            f"the status {_brief(status)} is none of ours; the task is never offered as next",
            by_hand=f"tamp set-status {one.id} pending",
        )  # fmt: skip
    if priority is not None and "priority" not in odd and priority not in PRIORITIES:
        yield Finding(
            "unknown-priority", WARNING, tag, one.id,
            f"the priority {_brief(priority)} is none of ours; read as {one.priority}",
            by_hand=f"tamp edit {one.id} --priority={one.priority}",
        )  # fmt: skip


def _subtasks(tag: str, task: Task) -> Iterator[Finding]:
    raw = task.doc.get("subtasks")
    if raw is not None and not isinstance(raw, list):
        yield Finding(
            "unreadable-subtasks", WARNING, tag, task.id,
            "its subtasks are no list; they are hidden",
            by_hand="correct it in the file",
        )  # fmt: skip
        return
    for entry in raw or ():
        if not isinstance(entry, dict):
            yield Finding(
                "unreadable-subtask", WARNING, tag, task.id,
                f"the subtask {_brief(entry)} is no object; it is kept but not shown",
                by_hand=f"tamp add-subtask {task.id} TITLE, then take the entry out of the file",
            )  # fmt: skip
    for step in task.subtasks:
        if step.doc.get("subtasks"):
            yield Finding(
                "nested-subtasks", WARNING, tag, step.id,
                "has subtasks of its own; they are kept but not shown",
                by_hand=f"add them to task {task.id} with `tamp add-subtask`",
            )  # fmt: skip
    open_steps = [step.id for step in task.subtasks if not step.complete]
    if task.status == "done" and open_steps:
        yield Finding(
            "open-subtasks", INFO, tag, task.id,
            f"is done with open subtasks: {', '.join(open_steps[:5])}"
            + ("…" if len(open_steps) > 5 else ""),
            by_hand=f"tamp set-status {task.id} done --with-subtasks",
        )  # fmt: skip


def _counts(tag: str, tasks: Sequence[Task], metadata: Mapping[str, object]) -> Iterator[Finding]:
    for key, right in wrong_counts(tasks, metadata).items():
        message = f"the tag's metadata says {key} {metadata[key]}, there are {right}"
        yield Finding("wrong-count", WARNING, tag, "", message, f"write {right}")
