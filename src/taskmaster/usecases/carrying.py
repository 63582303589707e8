"""Moving tasks from one tag into another, with their subtasks and without loose ends.

Tags share no ids, so no wait can reach from one tag into another: it is carried along with what it
is for, or dropped because somebody said so, or the move is refused.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.domain.ids import next_number
from taskmaster.domain.task import Task
from taskmaster.errors import Conflict, Invalid, NotFound, Usage
from taskmaster.usecases.moving import Moved, Moves, counted, named
from taskmaster.usecases.numbering import check_free, in_order
from taskmaster.usecases.references import found_now, rewritten, under_id
from taskmaster.usecases.tasks import forget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.ports import Reader, Writer
    from taskmaster.workspace import Workspace

    Edge = tuple[str, str]

    class Terms(NamedTuple):
        """On what terms tasks may leave: ``with_dependencies`` takes along what they wait for,
        ``ignore_dependencies`` drops waits that would span the tags, ``renumber`` gives a task
        whose id is taken a free one, ``targets`` names new ids.
        """

        with_dependencies: bool = False
        ignore_dependencies: bool = False
        renumber: bool = False
        targets: str = ""

else:
    Terms = namedtuple(
        "Terms",
        "with_dependencies ignore_dependencies renumber targets",
        defaults=(False, False, False, ""),
    )


def carry(ws: Workspace, sources: str, target: str, terms: Terms) -> Moves:
    """Move whole tasks from the workspace's tag into the tag *target*; all of them or none.

    Raises NotFound, Usage for the same tag twice, Invalid for a subtask and for waits that would
    span the tags, Conflict for ids that are taken there.
    """
    with ws.writing("move", f"{sources} from {ws.tag} to {target}") as writer:
        _check_tags(writer, ws.tag, target)
        tasks = _whole(named(writer, ws.tag, sources))
        nodes = writer.nodes(ws.tag)
        if terms.with_dependencies:
            tasks = _with_what_they_need(tasks, nodes)
        going = {task.id for task in tasks}
        broken = list(_spanning(nodes, going))
        if broken and not terms.ignore_dependencies:
            raise _conflicts(broken, ws.tag, terms)
        numbers = _numbers(writer, target, tasks, terms)
        gone = {one for one, node in nodes.items() if (node.parent or one) in going}
        forget(writer, ws.tag, gone)
        before = writer.nodes(target)
        fresh, names = _under_new_ids(tasks, numbers, gone)
        for task in tasks:
            writer.remove(ws.tag, task.id)
        items = [
            Moved(old.id, _arrived(writer, target, task, ws))
            for old, task in zip(tasks, fresh, strict=True)
        ]
        found = found_now(before, writer, target, {})
    redirected = _redirected(nodes, names)
    return Moves(tuple(items), redirected, tuple(broken), found)


def _check_tags(reader: Reader, source: str, target: str) -> None:
    for tag, code in ((source, "invalid-source-tag"), (target, "invalid-target-tag")):
        if tag not in reader.tags():
            raise NotFound(
                f"there is no tag {tag}; nothing was moved",
                hint=f"the tags are: {', '.join(reader.tags())}; `tamp tags add NAME` makes one",
                code=code,
            )
    if source == target:
        raise Usage(
            f"the tasks are in tag {target} already",
            hint="--to=ID gives them other ids there",
            code="source-target-tags-same",
        )


def _whole(tasks: Sequence[Task]) -> list[Task]:
    steps = [task.id for task in tasks if task.parent is not None]
    if steps:
        raise Invalid(
            f"{', '.join(steps)}: a subtask cannot leave its tag without its task;"
            " nothing was moved",
            hint=f"make it a task first: tamp remove-subtask {','.join(steps)} --convert",
            code="cannot-move-subtask",
            details=dict.fromkeys(steps, "cannot-move-subtask"),
        )
    return list(tasks)


def _with_what_they_need(tasks: Sequence[Task], nodes: Mapping[str, Node]) -> list[Task]:
    """The tasks and, step by step, every whole task that one of them waits for."""
    found = {task.id: task for task in tasks}
    queue = list(found)
    while queue:
        node = nodes[queue.pop()]
        for part in (node, *(nodes[one] for one in node.children)):
            for name in part.dependencies:
                owner = nodes[name].parent or name if name in nodes else ""
                if owner and owner not in found:
                    found[owner] = nodes[owner].task
                    queue.append(owner)
    return [nodes[one].task for one in nodes if one in found]


def _spanning(nodes: Mapping[str, Node], going: Collection[str]) -> Iterator[Edge]:
    """The waits of which one end goes and the other stays, or is nowhere."""
    for one, node in nodes.items():
        leaves = (node.parent or one) in going
        for name in node.dependencies:
            owner = nodes[name].parent or name if name in nodes else ""
            if (owner in going) != leaves:
                yield one, name


def _conflicts(broken: Sequence[Edge], tag: str, terms: Terms) -> Invalid:
    waiting, awaited = broken[0]
    more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
    along = (
        "" if terms.with_dependencies else "--with-dependencies takes along what they wait for; "
    )
    return Invalid(
        f"{waiting} waits for {awaited} in tag {tag}, and only one of them would go{more};"
        " nothing was moved",
        hint=f"{along}--ignore-dependencies lets them no longer wait",
        code="cross-tag-dependency-conflicts",
        details=[{"taskId": one, "dependency": name} for one, name in broken],
    )


def _numbers(reader: Reader, target: str, tasks: Sequence[Task], terms: Terms) -> dict[str, str]:
    """The id of each task in the target tag. Raises Conflict, Usage."""
    used = [task.id for task in reader.tasks(target)]
    if terms.targets:
        if terms.with_dependencies:
            raise Usage(
                "--to and --with-dependencies exclude each other: how many will go is not known",
                hint="use --renumber, which gives new ids where they are needed",
            )
        wanted = counted(tasks, terms.targets)
    elif terms.renumber:
        wanted = _free(used, tasks)
    else:
        wanted = [task.id for task in tasks]
    numbers = {task.id: new for task, new in zip(tasks, wanted, strict=True)}
    try:
        check_free(used, numbers.items())
    except Conflict as error:
        free = error.hint.partition(" (")[0]
        error.hint = f"--renumber gives them others, --to names them; {free} in tag {target}"
        raise
    return numbers


def _free(used: Sequence[str], tasks: Sequence[Task]) -> list[str]:
    """Each task's own id where nothing has it, else the next number that is nobody's."""
    taken, found = set(used), []
    number = next_number([*used, *(task.id for task in tasks)])
    for task in tasks:
        found.append(str(number) if task.id in taken else task.id)
        number += task.id in taken
        taken.add(found[-1])
    return found


def _under_new_ids(
    tasks: Sequence[Task], numbers: Mapping[str, str], gone: Collection[str]
) -> tuple[list[Task], dict[str, str]]:
    """The tasks as they will be, waiting for those of each other that they waited for."""
    made: list[tuple[Task, Task]] = []
    names: dict[str, str] = {}
    for task in tasks:
        changed, own = under_id(task, numbers[task.id])
        made.append((task, changed))
        names |= own
    fresh = []
    for task, changed in made:
        waits = {
            names[one.id]: [names[name] for name in one.dependencies if name in gone]
            for one in (task, *task.subtasks)
        }
        fresh.append(rewritten(changed, waits))
    return fresh, names


def _arrived(writer: Writer, target: str, task: Task, ws: Workspace) -> Task:
    """Store the task in its new tag, with a word about where it came from, as others expect."""
    doc = dict(task.doc)
    own = doc.get("metadata") or {}
    if isinstance(own, dict):
        earlier = own.get("moveHistory")
        entry = {"fromTag": ws.tag, "toTag": target, "timestamp": ws.clock()}
        kept = earlier if isinstance(earlier, list) else []
        doc["metadata"] = {**own, "moveHistory": [*kept, entry]}
    if "tag" in doc:
        doc["tag"] = target
    return writer.put(target, Task(doc), place=in_order(writer, target, task.id))


def _redirected(nodes: Mapping[str, Node], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        [
            names[one]
            for one, node in nodes.items()
            if one in names and any(names.get(name, name) != name for name in node.dependencies)
        ]
    )
