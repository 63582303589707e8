"""Applying a plan: proposed without any lock, shown, then one short transaction on fresh data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from taskmaster.domain import ids
from taskmaster.domain.coverage import Claim, Coverage, coverage
from taskmaster.errors import Conflict, Invalid, TampError
from taskmaster.usecases.tasks import append

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskmaster.domain.plan import Draft, DraftStep, Plan, Requirement
    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader, Writer
    from taskmaster.workspace import Workspace

NEW, APPEND, REPLACE = "new", "append", "replace"


@dataclass(frozen=True, slots=True)
class Merge:
    """What applying a plan to a tag does: drafts that become tasks, with the ids they get, drafts
    that are there already, with the tasks that are they, and tasks that are taken away.
    """

    added: tuple[tuple[str, Draft], ...]
    known: tuple[tuple[str, Draft], ...]
    removed: tuple[Task, ...]


def preview(ws: Workspace, plan: Plan, mode: str) -> Merge:
    """What ``apply_plan`` would do now. Raises as it does."""
    with ws.reading() as reader:
        return _merge(reader, ws.tag, plan, mode)


def apply_plan(ws: Workspace, plan: Plan, mode: str) -> tuple[Merge, list[Task]]:
    """Make the plan's drafts tasks of the current tag and return them.

    *mode* is ``new`` (the tag must be empty), ``append`` (drafts that were applied before are
    left out, so that repeating it adds nothing) or ``replace`` (the tag's tasks are taken away
    first). Raises Conflict for ``new`` on a tag with tasks.
    """
    with ws.writing("parse-prd", note=plan.document.path) as writer:
        merge = _merge(writer, ws.tag, plan, mode)
        for task in merge.removed:
            writer.remove(ws.tag, task.id)
        made = _write(writer, ws.tag, plan, merge, ws.clock())
    return merge, made


def _merge(reader: Reader, tag: str, plan: Plan, mode: str) -> Merge:
    if not plan.drafts:
        raise Invalid("the plan holds no tasks", code="empty-plan")
    tasks = reader.tasks(tag)
    if mode == NEW and tasks:
        raise Conflict(
            f"tag {tag} holds {len(tasks)} tasks already; nothing was changed",
            hint="--append adds to them, --force replaces them, --tag names another list",
            code="tag-not-empty",
        )
    removed = tuple(tasks) if mode == REPLACE else ()
    made_before = {} if removed else _made_before(tasks)
    number = ids.next_number(task.id for task in tasks) if not removed else 1
    added, known = [], []
    for draft in plan.drafts:
        task_id = made_before.get(_mark(plan, draft))
        if task_id:
            known.append((task_id, draft))
        else:
            added.append((str(number), draft))
            number += 1
    return Merge(tuple(added), tuple(known), removed)


def _made_before(tasks: Sequence[Task]) -> dict[tuple[str, ...], str]:
    """Tasks that came out of a plan, by the digests of what they cover and their title."""
    return {(*_source_list(task, "digests"), _planned_title(task)): task.id for task in tasks}


def _planned_title(task: Task) -> str:
    """The title that the plan gave; a person may have found a better one since."""
    return str(_source(task).get("title") or task.title)


def _mark(plan: Plan, draft: Draft) -> tuple[str, ...]:
    return (*_digests(plan, draft), draft.title)


def _digests(plan: Plan, draft: Draft) -> list[str]:
    known = {requirement.key: requirement.digest for requirement in plan.requirements}
    return [known[key] for key in draft.covers if key in known]


def _write(writer: Writer, tag: str, plan: Plan, merge: Merge, now: str) -> list[Task]:
    names = {id(draft): task_id for task_id, draft in (*merge.known, *merge.added)}
    made = []
    for task_id, draft in merge.added:
        after = [names[id(plan.drafts[number - 1])] for number in draft.after]
        task = append(writer, tag, _fields(plan, draft) | {"dependencies": after}, now)
        if task.id != task_id:
            raise TampError(f"task {task.id} was made where {task_id} was meant")
        made.append(task)
    return made


def _fields(plan: Plan, draft: Draft) -> dict[str, object]:
    fields: dict[str, object] = {
        "title": draft.title,
        "description": draft.description,
        "details": draft.details,
        "testStrategy": draft.test_strategy,
        "priority": draft.priority,
        "subtasks": [_step(number, step) for number, step in enumerate(draft.steps, 1)],
    }
    if draft.acceptance:
        fields["acceptanceCriteria"] = list(draft.acceptance)
    source = {
        "document": plan.document.path,
        "planner": plan.planner,
        "title": draft.title,
        "lines": [[passage.first, passage.last] for passage in draft.passages],
        "covers": list(draft.covers),
        "digests": _digests(plan, draft),
    }
    return fields | {"metadata": {"source": source}}


def _step(number: int, step: DraftStep) -> dict[str, object]:
    return {
        "id": number,
        "title": step.title,
        "description": step.description,
        "dependencies": [ids.stored(str(one), 0) for one in step.after],
        "details": step.details,
        "status": "pending",
        "testStrategy": "",
    }


def covered(ws: Workspace, requirements: Sequence[Requirement]) -> Coverage:
    """Which requirements the tasks of the current tag cover, and which tasks cover none."""
    with ws.reading() as reader:
        claims = [_claim(task) for task in reader.tasks(ws.tag)]
    return coverage(requirements, claims)


def _claim(task: Task) -> Claim:
    texts = [task.title, task.description, task.details, *(step.title for step in task.subtasks)]
    return Claim(
        task_id=task.id,
        text="\n".join(texts),
        keys=tuple(_source_list(task, "covers")),
        digests=tuple(_source_list(task, "digests")),
    )


def _source(task: Task) -> Mapping[str, object]:
    metadata = task.doc.get("metadata")
    source: object = metadata.get("source") if isinstance(metadata, dict) else None
    return source if isinstance(source, dict) else {}


def _source_list(task: Task, key: str) -> list[str]:
    found = _source(task).get(key)
    return [str(one) for one in found] if isinstance(found, list) else []


def plan_to_json(plan: Plan, merge: Merge) -> dict[str, object]:
    """A plan and what it does, as every face shows it."""
    numbers = {id(draft): task_id for task_id, draft in (*merge.known, *merge.added)}
    return {
        "planner": plan.planner,
        "document": plan.document.path,
        "added": [_draft_to_json(task_id, draft, plan, numbers) for task_id, draft in merge.added],
        "known": [{"id": task_id, "title": draft.title} for task_id, draft in merge.known],
        "removed": [{"id": task.id, "title": task.title} for task in merge.removed],
        "notes": list(plan.notes),
    }


def _draft_to_json(
    task_id: str, draft: Draft, plan: Plan, numbers: Mapping[int, str]
) -> dict[str, object]:
    return {
        "id": task_id,
        "title": draft.title,
        "description": draft.description,
        "priority": draft.priority,
        "dependencies": [numbers[id(plan.drafts[number - 1])] for number in draft.after],
        "subtasks": [step.title for step in draft.steps],
        "acceptanceCriteria": list(draft.acceptance),
        "lines": [[passage.first, passage.last] for passage in draft.passages],
        "covers": list(draft.covers),
    }


def coverage_to_json(found: Coverage) -> dict[str, object]:
    """What the tasks cover of a document, as every face shows it."""
    return {
        "covered": [
            _requirement_to_json(one) | {"tasks": list(tasks)} for one, tasks in found.covered
        ],
        "uncovered": [_requirement_to_json(one) for one in found.uncovered],
        "tasksFromNowhere": list(found.orphans),
    }


def _requirement_to_json(requirement: Requirement) -> dict[str, object]:
    lines = [requirement.passage.first, requirement.passage.last]
    return {"key": requirement.key, "title": requirement.title, "lines": lines}
