"""What people and agents leave on a task: comments, and links to commits, requests, documents.

Both are lists in the task's document, oldest first; every entry says who left it and when.
"""

from __future__ import annotations

import re

from taskmaster.domain.changes import same
from taskmaster.errors import Invalid, NotFound
from taskmaster.usecases import selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from taskmaster.domain.task import Task
    from taskmaster.ports import Writer
    from taskmaster.workspace import Workspace

    Entry = Mapping[str, object]

COMMENTS, LINKS = "comments", "links"
_WEB = re.compile(r"https?://[^\s/?#@]+([/?#]\S*)?", re.IGNORECASE)
_PATTERNS = {
    "commit": (re.compile(r"[0-9a-fA-F]{4,64}"), "the 4 to 64 hexadecimal digits of its id"),
    "pr": (_WEB, "its address, such as https://example.com/pull/12"),
    "doc": (re.compile(r"\S(.*\S)?"), "its path in the project, such as docs/login.md"),
    "url": (_WEB, "an address such as https://example.com/login"),
}
KINDS = tuple(_PATTERNS)


def comment(ws: Workspace, task_ids: str, text: str) -> list[Task]:
    """Leave a comment on every named task. Raises NotFound, and Invalid for an empty text."""
    entry = comment_entry(text, ws.actor.name, ws.clock())
    with ws.writing("comment") as writer:
        return annotate(writer, ws.tag, task_ids, COMMENTS, entry)


def link(ws: Workspace, task_ids: str, targets: Sequence[tuple[str, str]]) -> list[Task]:
    """Link every named task to each (kind, target); a link that is there is not added again.

    A kind is commit, pr, doc or url. Raises NotFound, and Invalid for a target of another form.
    """
    now = ws.clock()
    made = [link_entry(kind, target, ws.actor.name, now) for kind, target in targets]
    with ws.writing("link") as writer:
        for entry in made:
            annotate(writer, ws.tag, task_ids, LINKS, entry)
        return selection.chosen(writer, ws.tag, task_ids)


def take_off(ws: Workspace, task_id: str, key: str, number: int) -> tuple[Task, Entry]:
    """Take the comment or link with this number, counted from 1, off a task; give both.

    Raises NotFound.
    """
    with ws.writing(f"remove-{key.removesuffix('s')}") as writer:
        task = selection.one(writer, ws.tag, task_id)
        kept = _stored(task, key)
        if not 1 <= number <= len(kept):
            raise _no_such(task, key, number, len(kept))
        gone = kept.pop(number - 1)
        changed = task.with_fields({key: kept or None, "updatedAt": ws.clock()})
        selection.save(writer, ws.tag, changed)
    return changed, _entry(gone)


def _no_such(task: Task, key: str, number: int, count: int) -> NotFound:
    noun = key.removesuffix("s")
    return NotFound(
        f"task {task.id} has no {noun} {number}; nothing was changed",
        hint=f"`tamp {noun} {task.id} --list` shows them" if count else f"it has no {key} at all",
        code=f"{noun}-not-found",
    )


def comment_entry(text: str, by: str, now: str) -> Entry:
    """A comment as it is stored. Raises Invalid for an empty one."""
    if not text.strip():
        raise Invalid(
            "a comment needs a text",
            hint='for example: tamp comment 5 "Agreed: JSON only"',
            code="empty-comment",
        )
    return {"at": now, "by": by, "text": text.strip("\n")}


def link_entry(kind: str, target: str, by: str, now: str) -> Entry:
    """A link as it is stored. Raises Invalid for an unknown kind and a target of another form."""
    if kind not in _PATTERNS:
        raise Invalid(
            f"{kind!r} is not a kind of link",
            hint=f"the kinds are: {', '.join(KINDS)}",
            code="unknown-link-kind",
        )
    pattern, form = _PATTERNS[kind]
    target = target.strip()
    if not pattern.fullmatch(target):
        raise Invalid(f"{target!r} is no {kind} to link to", hint=f"give {form}", code="bad-link")
    shown = target.lower() if kind == "commit" else target
    return {"kind": kind, "target": shown, "at": now, "by": by}


def annotate(
    writer: Writer, tag: str, task_ids: str | Iterable[str], key: str, entry: Entry
) -> list[Task]:
    """Add the comment or link to every named task within a transaction that is open already."""
    tasks = selection.chosen(writer, tag, task_ids)
    for task in selection.in_saving_order(tasks):
        current = selection.one(writer, tag, task.id)
        known = _stored(current, key)
        if not any(_says_the_same(one, entry) for one in known):
            fields = {key: [*known, dict(entry)], "updatedAt": entry["at"]}
            selection.save(writer, tag, current.with_fields(fields))
    return selection.chosen(writer, tag, [task.id for task in tasks])


def _says_the_same(one: object, entry: Entry) -> bool:
    """Whether a stored link leads to the same; a comment may be repeated."""
    keys = ("kind", "target")
    return "target" in entry and all(same(_entry(one).get(key), entry[key]) for key in keys)


def _stored(task: Task, key: str) -> list[object]:
    """The stored list. Raises Invalid where the key holds something else of somebody's."""
    raw = task.doc.get(key)
    if raw is not None and not isinstance(raw, list):
        raise Invalid(
            f"{key} of task {task.id} holds no list, so nothing can be added to it",
            hint=f"move it elsewhere first: tamp edit {task.id} --unset {key}",
            code="not-a-list",
        )
    return list(raw or ())


def entries(task: Task, key: str) -> list[Entry]:
    """The comments or links of a task, oldest first; what is of another form is its ``text``."""
    raw = task.doc.get(key)
    return [_entry(one) for one in raw] if isinstance(raw, list) else []


def _entry(raw: object) -> Entry:
    return raw if isinstance(raw, dict) else {"text": str(raw)}


def remarks_to_json(task: Task, key: str) -> dict[str, object]:
    """A task with its comments or links alone, as every face shows it."""
    return {"id": task.id, "title": task.title, key: entries(task, key)}
