"""Comments and links in words, for people."""

from __future__ import annotations

from taskmaster.cli.answer import printable, safe
from taskmaster.usecases.remarks import entries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskmaster.domain.task import Task


def shown(task: Task, key: str) -> list[str]:
    """The comments or links of a task with the numbers that take them off, a line or more each."""
    lines: list[str] = []
    for number, entry in enumerate(entries(task, key), 1):
        first, *more = _text(entry).split("\n")
        lines.append(
            f"{number}  {first}  ({_origin(entry)})" if _origin(entry) else f"{number}  {first}"
        )
        lines += [f"{' ' * len(str(number))}  {line}" for line in more]
    return lines


def _text(entry: Mapping[str, object]) -> str:
    if "target" in entry:
        return printable(f"{entry.get('kind', 'link')} {entry['target']}")
    return safe(str(entry.get("text", "")))


def _origin(entry: Mapping[str, object]) -> str:
    by, at = str(entry.get("by") or ""), str(entry.get("at") or "")[:16].replace("T", " ")
    return printable(", ".join(part for part in (by, at) if part))


def in_a_line(entry: Mapping[str, object]) -> str:
    """A comment or link on one line."""
    return printable(_text(entry))


def difference(key: str, before: object, after: object) -> str:
    """What became of the comments or links of a task, ``""`` where words cannot say it."""
    old, new = _list(before), _list(after)
    noun = key.removesuffix("s")
    if old is None or new is None:
        return ""
    added = [one for one in new if one not in old]
    gone = [one for one in old if one not in new]
    if len(new) - len(old) != len(added) - len(gone):
        return ""
    parts = [f"{noun} added: {in_a_line(one)}" for one in added]
    parts += [f"{noun} taken off: {in_a_line(one)}" for one in gone]
    return "; ".join(parts)


def _list(value: object) -> list[Mapping[str, object]] | None:
    """The entries; none where the key is absent, None where it holds something else."""
    if not isinstance(value, list):
        return None if isinstance(value, str | int | float | dict) else []
    return value if all(isinstance(one, dict) for one in value) else None
