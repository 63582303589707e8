"""Tables of tasks in Markdown, and a part of a document that belongs to us."""

from __future__ import annotations

from collections import Counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from taskmaster.domain.task import Task

START, END = "<!-- TASKMASTER_EXPORT_START -->", "<!-- TASKMASTER_EXPORT_END -->"


class Unpaired(ValueError):
    """The two marks of our part are not there as one pair; the text says what is."""


def overview(heading: str, tasks: Sequence[Task], rows: Iterable[Task]) -> list[str]:
    """A heading, how far the *tasks* are, and a table of *rows*; the same on every day."""
    counts = Counter(task.status for task in tasks)
    done = counts.get("done", 0)
    share = f" ({100 * done // len(tasks)} %)" if tasks else ""
    others = [f"{count} {_cell(one)}" for one, count in sorted(counts.items()) if one != "done"]
    lines = [
        f"## {_cell(heading)}",
        "",
        ", ".join([f"{done} of {len(tasks)} done{share}", *others]),
    ]
    body = [_row(task) for task in rows]
    head = ["", "| ID | Title | Status | Priority | Depends on |", "|---|---|---|---|---|"]
    return [*lines, *head, *body] if body else lines


def _row(task: Task) -> str:
    waits = ", ".join(task.dependencies)
    cells = (task.id, task.title, task.status, task.priority, waits)
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """*text* as it is in one cell: no line ends, no column marks, no markup, no marks of ours."""
    text = " ".join(text.split())
    for sign in ("\\", "|", "`", "*", "_", "[", "]"):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def with_part(text: str, lines: Sequence[str]) -> str:
    """*text* with *lines* between our two marks, which are added at its end where it has none.

    Everything else stays, to the last line end. Raises Unpaired unless there is one pair or none.
    """
    found = text.splitlines(keepends=True)
    ending = "\r\n" if found and found[0].endswith("\r\n") else "\n"
    part = ending.join([START, *lines, END])
    places = [(at, line.strip()) for at, line in enumerate(found) if line.strip() in (START, END)]
    if not places:
        gap = "" if not text else ending if text.endswith(("\n", "\r")) else ending * 2
        return f"{text}{gap}{part}{ending}"
    if [mark for _, mark in places] != [START, END]:
        told = ", ".join(f"line {at + 1}: {mark}" for at, mark in places)
        raise Unpaired(
            f"the marks {START} and {END} must be there once each, in this order: {told}"
        )
    (first, _), (last, _) = places
    rest = found[last].strip("\r\n")
    tail = found[last][len(rest) :]
    return "".join([*found[:first], part, tail, *found[last + 1 :]])
