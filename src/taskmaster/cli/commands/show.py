"""``tamp show``"""

from __future__ import annotations

from taskmaster import wire
from taskmaster.cli import session
from taskmaster.cli.answer import COLOURS, ICONS, Answer, painted, printable, safe
from taskmaster.cli.parser import form_arguments
from taskmaster.domain import ids
from taskmaster.domain.task import text_of
from taskmaster.errors import NotFound, Usage
from taskmaster.usecases import listing, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence

    from taskmaster.domain.graph import Node
    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader
    from taskmaster.workspace import Workspace

EXAMPLES = ("tamp show 5", "tamp show 5,7.2,9-11", "tamp show 5 --status=pending --json")
_SHOWN_ELSEWHERE = frozenset(
    ("id", "title", "description", "status", "priority", "dependencies", "details", "testStrategy",
     "subtasks", "acceptanceCriteria", "dueDate", "effort", "assignee", "labels", "updatedAt",
     "createdAt", "parentId", "parentTaskId", "metadata", "deferUntil", "repeat", "comments",
     "links")
)  # fmt: skip

_TOLD_ELSEWHERE = ("source", "repeats")
_OCCURRENCES = (("previous", "after"), ("next", "the next is"))


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="ID", help="tasks and subtasks: 5 or 5,7.2,9-11"
    )
    parser.add_argument("-i", "--id", metavar="IDS", help="the same")
    parser.add_argument("-s", "--status", metavar="A,B", help="only subtasks with these statuses")
    form_arguments(parser)
    parser.add_argument("--silent", action="store_true", help="print nothing but errors")


def run(args: Namespace) -> Answer:
    words = [*([args.id] if args.id else []), *args.words]
    if not words:
        raise Usage("show needs an id", hint="for example: tamp show 5")
    ws = session.workspace(args)
    statuses = listing.statuses_of(args.status or "")
    with ws.reading() as reader:
        wanted = ids.select(words, lambda: list(reader.nodes(ws.tag)))
        found = [task for one in wanted if (task := selection.find(reader, ws.tag, one))]
        missing = sorted({*wanted} - {task.id for task in found}, key=wanted.index)
        if not found:
            selection.chosen(reader, ws.tag, missing)
        texts = [line for task in found for line in _text(reader, ws.tag, task, statuses)]
    answer = _data(ws, found, missing, statuses, single=len(wanted) == 1)
    code = NotFound.exit_code if missing else 0
    notes = [f"there is no task {', '.join(missing)} in tag {ws.tag}"] if missing else []
    return Answer("task.v1", answer, [] if args.silent else texts, code, notes)


def _data(
    ws: Workspace,
    found: Sequence[Task],
    missing: Sequence[str],
    statuses: frozenset[str],
    *,
    single: bool,
) -> dict[str, object]:
    entries = [_entry(task, statuses) for task in found]
    common = {"tag": ws.tag, "storageType": ws.store.kind}
    if single:
        return {"task": entries[0], "found": True, **common}
    return {"tasks": entries, "notFound": list(missing), **common}


def _entry(task: Task, statuses: frozenset[str]) -> dict[str, object]:
    entry = wire.task_to_json(task)
    entry["revision"] = wire.revision_of(task)
    if statuses and task.parent is None:
        steps = [step for step in task.subtasks if step.status in statuses]
        entry["subtasks"] = [wire.task_to_json(step) for step in steps]
    return entry


def _text(reader: Reader, tag: str, task: Task, statuses: frozenset[str]) -> list[str]:
    nodes = reader.around(tag, [task.id])
    status = painted(printable(task.status), COLOURS.get(task.status, ""))
    head = printable(f"{task.id}  {task.title}")
    lines = [painted(head, "bold"), f"  status    {status}    priority  {task.priority}"]
    if task.parent:
        lines.append(f"  part of   {task.parent.id}  {printable(task.parent.title)}")
    for name, value in (
        ("after", _references(task.dependencies, nodes)),
        ("before", _references([n.id for n in nodes.values() if task.id in n.dependencies], nodes)),
        ("due", task.due),
        ("not until", task.defer_until),
        ("repeats", _repeats(task)),
        ("estimate", f"{task.estimate:g} h" if task.estimate else ""),
        ("assignee", task.assignee),
        ("labels", ", ".join(task.labels)),
        ("from", _source(task)),
    ):
        if value:
            lines.append(f"  {name:<8}  {printable(value)}")
    lines += _prose(task)
    lines += _steps(task, statuses)
    lines += _remarks(task)
    return [*lines, f"  revision  {wire.revision_of(task)}", ""]


def _references(wanted: Sequence[str], nodes: Mapping[str, Node]) -> str:
    return ", ".join(
        f"{one} {ICONS.get(nodes[one].status, '?')}" if one in nodes else f"{one} (missing)"
        for one in wanted
    )


def _prose(task: Task) -> list[str]:
    lines = []
    for name, text in (
        ("description", task.description),
        ("details", task.details),
        ("done when", "\n".join(f"- {line}" for line in task.acceptance)),
        ("test", task.test_strategy),
        *((key, _plain(value)) for key, value in task.doc.items() if key not in _SHOWN_ELSEWHERE),
        ("metadata", _plain(_own_metadata(task))),
    ):
        if text:
            lines += ["", f"  {painted(printable(name), 'dim')}"]
            lines += [f"    {line}" for line in safe(text).split("\n")]
    return lines


def _own_metadata(task: Task) -> object:
    metadata = task.doc.get("metadata")
    if isinstance(metadata, dict):
        return {key: value for key, value in metadata.items() if key not in _TOLD_ELSEWHERE}
    return metadata


def _source(task: Task) -> str:
    """The document and the lines that the task was planned from."""
    metadata = task.doc.get("metadata")
    source = metadata.get("source") if isinstance(metadata, dict) else None
    if not isinstance(source, dict):
        return ""
    lines = source.get("lines")
    spans = [f"{pair[0]}-{pair[-1]}" for pair in lines if pair] if isinstance(lines, list) else []
    return f"{source.get('document', '')} lines {', '.join(spans)}"


def _repeats(task: Task) -> str:
    """How often the task comes again, and which occurrences are before and after it."""
    metadata = task.doc.get("metadata")
    found = metadata.get("repeats") if isinstance(metadata, dict) else None
    link = found if isinstance(found, dict) else {}
    parts = [text_of(task.doc.get("repeat"))]
    parts += [f"{word} {link[key]}" for key, word in _OCCURRENCES if link.get(key)]
    return ", ".join(part for part in parts if part)


def _remarks(task: Task) -> list[str]:
    if "comments" not in task.doc and "links" not in task.doc:
        return []
    from taskmaster.cli.remarks import shown

    return [
        line
        for key in ("links", "comments")
        if (rows := shown(task, key))
        for line in ("", f"  {painted(key, 'dim')}", *(f"    {row}" for row in rows))
    ]


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value, ensure_ascii=False) if value not in (None, [], {}) else ""


def _steps(task: Task, statuses: frozenset[str]) -> list[str]:
    steps = [step for step in task.subtasks if not statuses or step.status in statuses]
    lines = ["", f"  {painted('subtasks', 'dim')}"] if steps else []
    for step in steps:
        after = f"  after {', '.join(step.dependencies)}" if step.dependencies else ""
        icon = ICONS.get(step.status, "?")
        lines.append(printable(f"    {step.id}  {icon} {step.status}  {step.title}{after}"))
    return lines
