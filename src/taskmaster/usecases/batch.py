"""Many operations as one transaction: all of them, or none."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain import ids
from taskmaster.errors import Invalid, NotFound, TampError
from taskmaster.usecases import (
    deferral,
    dependencies,
    operations,
    remarks,
    selection,
    status,
    subtasks,
    tasks,
)
from taskmaster.usecases.rehearsal import rehearsed
from taskmaster.usecases.wiring import Wiring

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.changes import Change
    from taskmaster.domain.task import Task
    from taskmaster.ports import Writer
    from taskmaster.usecases.operations import Operation
    from taskmaster.workspace import Workspace

    Ids = Sequence[str]

    class Result(NamedTuple):
        """What came of one operation: the ids it was about, or the error that ended the batch."""

        place: int
        op: str
        ids: Ids
        error: TampError | None

    class Applied(NamedTuple):
        """What a batch did: a result for each operation, the ids its names stand for, changes."""

        results: tuple[Result, ...]
        names: Mapping[str, str]
        changes: tuple[Change, ...]

else:
    Result = namedtuple("Result", "place op ids error")
    Applied = namedtuple("Applied", "results names changes")

OPERATION = "apply"


def apply(
    ws: Workspace, raw: Sequence[object], *, dry_run: bool = False, note: str = ""
) -> Applied:
    """Carry the operations out on the current tag, in their order, as one transaction.

    They are objects as ``operations`` describes them. Whoever waits for whom is judged when all
    are made, so their order does not matter there. With *dry_run* nothing is changed.

    Raises Invalid for operations of a wrong form; where one fails, an error of the same kind and
    code, whose ``details`` hold its ``index`` and the ``results`` so far. Nothing is changed then.
    """
    wanted = operations.checked(raw)
    now = ws.clock()
    if dry_run:
        run, found = rehearsed(ws, OPERATION, lambda writer: _carried_out(ws, writer, wanted, now))
        return Applied(tuple(run.results), run.names, found)
    with ws.writing(OPERATION, note) as writer:
        run = _carried_out(ws, writer, wanted, now)
    made = writer.committed
    return Applied(tuple(run.results), run.names, made.changes if made else ())


def _carried_out(ws: Workspace, writer: Writer, wanted: Sequence[Operation], now: str) -> _Run:
    run = _Run(writer, ws.tag, ws.actor.name, now)
    for operation in wanted:
        run.take(operation)
    run.judge()
    return run


class _Run:
    """A batch while it is carried out, on the state that the operations before have left."""

    def __init__(self, writer: Writer, tag: str, actor: str, now: str) -> None:
        self.writer, self.tag, self.actor, self.now = writer, tag, actor, now
        self.results: list[Result] = []
        self.names: dict[str, str] = {}
        self.wiring = Wiring(writer, tag)
        highest, self._like = writer.numbering(tag)
        self._number = highest + 1

    def take(self, operation: Operation) -> None:
        """Carry one operation out. Raises what it fails with, told as the batch's failure."""
        index = len(self.results)
        self.wiring.index = index
        try:
            keys = {key: self._meant(operation.op, key, value)
                    for key, value in operation.keys.items()}  # fmt: skip
            touched = _ACTIONS[operation.op](self, keys)
        except TampError as error:
            raise self._failure(index, operation.op, error) from error
        self.results.append(Result(index, operation.op, touched, None))

    def judge(self) -> None:
        """Raises Invalid, as a failure of the operation to blame, for a circle that was closed."""
        try:
            self.wiring.judge()
        except Invalid as error:
            index = self.wiring.index
            raise self._failure(index, self.results[index].op, error) from error

    def _meant(self, op: str, key: str, value: object) -> object:
        """The value of a key, with ids in place of the names that stand for them."""
        if operations.OPERATIONS[op].takes[key] == "ids" and "$" in str(value):
            return operations.NAME.sub(self._id_of, str(value))
        return value

    def _id_of(self, match: re.Match[str]) -> str:
        if match[0] not in self.names:
            known = ", ".join(self.names)
            raise NotFound(
                f"no operation before this one is named {match[0]}",
                hint=f"the names so far are: {known}" if known else 'an "add" gets one with "as"',
                code="unknown-name",
            )
        return f"#{self.names[match[0]]}"  # A bare number could mean a sibling of a subtask.

    def named(self, name: object, task_id: str) -> str:
        """The id, which the name stands for from now on. Raises Invalid for a name in use."""
        if name in self.names:
            raise Invalid(f"{name} stands for task {self.names[str(name)]} already",
                          hint="use another name", code="repeated-name")  # fmt: skip
        if name:
            self.names[str(name)] = task_id
        return task_id

    def number(self) -> object:
        """The stored form of the next free id: found out once, not once for every task."""
        while selection.find(self.writer, self.tag, str(self._number)):
            self._number += 1
        number = ids.stored(str(self._number), self._like)
        self._number += 1
        return number

    def _failure(self, index: int, op: str, error: TampError) -> TampError:
        results = [*self.results[:index], Result(index, op, (), error)]
        details: dict[str, object] = {
            "index": index, "op": op, "results": [result_to_json(one) for one in results]
        }  # fmt: skip
        if error.details is not None:
            details["of"] = error.details
        said = error.message.removesuffix("; nothing was changed")
        return type(error)(
            f"operation {index} ({op}): {said}; nothing was changed",
            hint=error.hint, code=error.code, details=details,
        )  # fmt: skip


def result_to_json(result: Result) -> dict[str, object]:
    """What came of one operation, as every face shows it."""
    shown: dict[str, object] = {
        "index": result.place, "op": result.op, "ok": result.error is None
    }  # fmt: skip
    if result.error is not None:
        return shown | {"error": result.error.as_json()}
    return shown | {"id": next(iter(result.ids), None), "ids": list(result.ids)}


def _fields(keys: Mapping[str, object]) -> dict[str, object]:
    """The document keys among the keys of an operation."""
    fields = {key: value for key, value in keys.items() if key in operations.FIELDS}
    extra = fields.pop("set", {})
    return {**fields, **extra}  # type: ignore[dict-item]  # its form has been checked


def _add(run: _Run, keys: Mapping[str, object]) -> Ids:
    task = tasks.drafted(run.writer, run.tag, run.number(), _fields(keys), run.now)
    run.writer.put(run.tag, task)
    for one in task.dependencies:
        run.wiring.add(task.id, one)
    return [run.named(keys.get("as"), task.id)]


def _add_subtask(run: _Run, keys: Mapping[str, object]) -> Ids:
    parent = subtasks.whole(run.writer, run.tag, str(keys["parent"]))
    step = subtasks.attach(run.writer, run.tag, parent, _fields(keys), run.now, edges=run.wiring)
    return [run.named(keys.get("as"), step.id)]


def _edit(run: _Run, keys: Mapping[str, object]) -> Ids:
    fields = _fields(keys) | dict.fromkeys(_list(keys, "unset"))
    labels = _list(keys, "addLabels"), _list(keys, "removeLabels")
    change = tasks.Edit(fields, keys.get("note"), keys.get("replace"), *labels)
    if not any(change):
        raise Invalid(
            "edit says nothing to change",
            hint="give a field, a note or labels",
            code="nothing-to-change",
        )
    chosen = selection.chosen(run.writer, run.tag, str(keys["id"]))
    tasks.check_revision(chosen, str(keys.get("ifRevision") or ""))
    return _ids(tasks.amend(run.writer, run.tag, chosen, change, run.now, edges=run.wiring))


def _list(keys: Mapping[str, object], key: str) -> Sequence[str]:
    found = keys.get(key)
    return found if isinstance(found, list) else ()


def _ids(found: Sequence[Task]) -> Ids:
    return [task.id for task in found]


def _note(run: _Run, keys: Mapping[str, object]) -> Ids:
    return _edit(run, {"id": keys["id"], "note": keys["text"]})


def _status(run: _Run, keys: Mapping[str, object]) -> Ids:
    chosen = selection.chosen(run.writer, run.tag, str(keys["id"]))
    moved = status.give(
        run.writer, run.tag, chosen, str(keys["status"]), run.now,
        with_subtasks=bool(keys.get("withSubtasks")),
    )  # fmt: skip
    return [one.task.id for one in moved if not one.follows]


def _remove(run: _Run, keys: Mapping[str, object]) -> Ids:
    gone = selection.chosen(run.writer, run.tag, str(keys["id"]))
    among = run.wiring.waiting_for(tasks.with_steps(gone))
    return _ids(tasks.drop(run.writer, run.tag, gone, among).tasks)


def _connect(run: _Run, keys: Mapping[str, object]) -> Ids:
    named, awaited = str(keys["id"]), str(keys["dependsOn"])
    dependencies.connect(run.writer, run.tag, named, awaited, run.now, edges=run.wiring)
    return _ids(selection.chosen(run.writer, run.tag, named))


def _disconnect(run: _Run, keys: Mapping[str, object]) -> Ids:
    named, awaited = str(keys["id"]), str(keys["dependsOn"])
    gone = dependencies.disconnect(run.writer, run.tag, named, awaited, run.now)
    return list(dict.fromkeys(task for task, _ in gone))


def _defer(run: _Run, keys: Mapping[str, object]) -> Ids:
    until = str(keys["until"])
    return _ids(deferral.put_off(run.writer, run.tag, str(keys["id"]), until, run.now))


def _comment(run: _Run, keys: Mapping[str, object]) -> Ids:
    entry = remarks.comment_entry(str(keys["text"]), run.actor, run.now)
    return _annotated(run, keys, remarks.COMMENTS, entry)


def _link(run: _Run, keys: Mapping[str, object]) -> Ids:
    kind, target = str(keys["kind"]), str(keys["target"])
    entry = remarks.link_entry(kind, target, run.actor, run.now)
    return _annotated(run, keys, remarks.LINKS, entry)


def _annotated(run: _Run, keys: Mapping[str, object], key: str, entry: remarks.Entry) -> Ids:
    return _ids(remarks.annotate(run.writer, run.tag, str(keys["id"]), key, entry))


_ACTIONS: Mapping[str, Callable[[_Run, Mapping[str, object]], Ids]] = {
    "add": _add, "add-subtask": _add_subtask, "edit": _edit, "status": _status, "note": _note,
    "remove": _remove, "add-dependency": _connect, "remove-dependency": _disconnect,
    "defer": _defer, "comment": _comment, "link": _link,
}  # fmt: skip
