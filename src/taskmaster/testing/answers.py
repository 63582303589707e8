"""The part of the contract of ``ports`` that is about asking a reader for less than everything.

Whatever an engine answers from its indexes must be what the plain functions of the domain say
about all the tasks it holds. ``testing.StoreContract`` includes this; ``check_answers`` can be used
alone, after whatever a test has done to a store.
"""

from __future__ import annotations

from contextlib import suppress

from taskmaster.domain import choice, graph, ids, schedule
from taskmaster.domain.changes import Actor, Stamp, last_number, same
from taskmaster.domain.task import Task
from taskmaster.domain.words import folded, texts_of
from taskmaster.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from taskmaster.domain.graph import Node
    from taskmaster.domain.schedule import Choice
    from taskmaster.ports import Reader, Store, Writer

    Json = dict[str, object]
    Act = Callable[[Writer], object]

DAYS = ("2026-06-15", "2026-07-10")
"""Two days on which different tasks are put off, due soon and overdue."""

# fmt: off
WANTED = (
    choice.Wanted(),
    choice.Wanted(statuses=frozenset({"pending", "in-progress"})),
    choice.Wanted(statuses=frozenset({"done", "on-fire"}), priorities=frozenset({"medium"})),
    choice.Wanted(priorities=frozenset({"high", "critical"})),
    choice.Wanted(ready=True),
    choice.Wanted(blocking=True),
    choice.Wanted(frozenset({"pending"}), frozenset({"low", "medium"}), ready=True, blocking=True),
)
CUTS = ((0, 0), (0, 1), (1, 3), (2, 0), (900, 5))
WORDS = (
    ("retry",), ("retry", "queue"), ("retry queue",), ("e",), ("cafe",), ("strasse",), ("",), (),
    ("one, two",), ("first. second",), ("100%",), ("_",), ("it's",), ('"',), ("\\",), ("*",),
    ("no such word",), ("\u0434\u0435\u043b\u043e",), ("\U0001f600",), ("ann",), ("retry", "step"),
)
_STEPS_OF_X: list[object] = [
    {"id": "x-1.1", "title": "\u0414\u0435\u043b\u043e", "dependencies": ["x-1"]},
    {"id": "x-1-2", "title": "\U0001f600", "status": "done", "dependencies": [1, 2]},
]
DOCUMENTS: tuple[Json, ...] = (
    {"id": 1, "title": "Begun and done", "status": "done", "createdAt": "2026-01-01",
     "subtasks": [{"id": 1, "title": "Left open", "status": "pending", "dependencies": [99]}]},
    {"id": 2, "title": "Retry the queue", "status": "pending", "priority": "high",
     "dependencies": [1], "createdAt": "2026-05-01T10:00:00.000Z"},
    {"id": 3, "title": "Waits for what is nowhere", "status": "todo", "dependencies": [99, "98.1"],
     "dueDate": "2026-06-01", "description": "retry\n  queue"},
    {"id": 4, "title": "In progress with steps", "status": "in-progress", "priority": "low",
     "createdAt": "2026-03-01", "dueDate": "2026-06-20", "subtasks": [
        {"id": 1, "title": "a step", "status": "completed"},
        {"id": "4.2", "title": "retry", "status": "pending", "dependencies": [1], "priority": "p0"},
        {"id": 3, "title": "queue", "status": "pending", "dependencies": [2]},
        {"id": 4, "title": "later", "status": "in-progress", "deferUntil": "2026-07-01"},
        {"id": 5, "title": "due", "status": "in-progress", "dueDate": "2026-06-10",
         "createdAt": "2026-02-01"}]},
    {"id": 5, "title": "In progress, no step ready", "status": "in-progress", "subtasks": [
        {"id": 1, "title": "Waits for a task", "status": "pending", "dependencies": [3, "2"]},
        {"id": 2, "title": "Waits for its own task", "dependencies": [5, "5.1", "5.2"]},
        "no subtask", {"id": 1, "title": "The same number again", "dependencies": [4]}]},
    {"id": 6, "title": "Waits for itself", "status": "pending", "dependencies": [6, 6]},
    {"id": "07", "title": "On a circle", "status": "pending", "dependencies": [8]},
    {"id": 8, "title": "On a circle", "status": "review", "dependencies": ["7", 9]},
    {"id": 9, "title": "Needed by a circle", "status": "pending", "priority": "critical"},
    {"id": 10, "title": "Behind a circle", "status": "pending", "dependencies": ["07"]},
    *({"id": number, "title": f"In line {number}", "status": "pending",
       "dependencies": [number - 1] if number > 11 else []} for number in range(11, 23)),
    {"id": 23, "title": "Branches off", "status": "blocked", "dependencies": [12, 4, "4.3"]},
    {"id": 24, "title": "Put off for long", "status": "pending", "deferUntil": "2026-07-10"},
    {"id": 25, "title": "Put off until yesterday", "deferUntil": "2026-06-14", "priority": "HAUTE"},
    {"id": 26, "title": "Put off by a garbled day", "deferUntil": "soon", "dueDate": "then"},
    {"id": 27, "title": "Due much later", "dueDate": "2027-01-01T08:00:00Z", "created": "yesterday",
     "labels": ["one", "two"]},
    {"id": 28, "title": "Of the future", "createdAt": "2031-01-01", "priority": None,
     "dependsOn": [25], "acceptanceCriteria": ["first.", "second"]},
    {"id": "x-1", "title": "Caf\u00e9, 100% it's a \"stra\u00dfe\" \\ _ *", "status": "on fire",
     "subtasks": _STEPS_OF_X},
    {"id": "1.1", "title": "Has a subtask's id", "dependencies": [11], "subtasks": [{"id": 1}]},
    {"title": "Has no id", "status": "in-progress", "dependencies": [24], "subtasks": [{"id": 3}]},
    {"id": 30.0, "title": ["Has", "lines"], "assignee": "ann", "subtasks": "none", "status": 5,
     "dependencies": ["2", 4.3, " 4.4 ", None, {}, 2, 2.0, "x-1.1", "1.1", -1]},
    {"id": -1, "title": "Below nothing", "status": "cancelled", "dependencies": "2"},
)
# fmt: on


def _put(doc: Json, place: int | None = None, tag: str = "master") -> Act:
    return lambda writer: writer.put(tag, Task(doc), place=place)


def _change(task_id: str, fields: Json, tag: str = "master") -> Act:
    return lambda writer: writer.put(tag, writer.get(tag, task_id).with_fields(fields))


def _remove(task_id: str, tag: str = "master") -> Act:
    return lambda writer: writer.remove(tag, task_id)


def _reverse(tag: str = "master") -> Act:
    return lambda writer: writer.reorder(tag, [task.id for task in writer.tasks(tag)][::-1])


# fmt: off
STEPS: tuple[tuple[Act, ...], ...] = (
    tuple(_put(document) for document in DOCUMENTS),
    (_change("12", {"status": "done"}), _change("4", {"status": "done"})),
    (_change("12", {"status": "pending"}), _change("4", {"status": "in-progress"})),
    (_change("3", {"status": "cancelled"}), _change("9", {"status": "in-progress"})),
    (_put({"id": 99, "title": "There at last", "subtasks": [{"id": 1}]}, 0),),
    (_put({"id": 98, "title": "With a step", "subtasks": [{"id": 1}], "priority": "low"}),),
    (_change("3", {"status": "pending", "dependencies": [98, 30, "x-1.2"]}),),
    (_change("8", {"dependencies": []}), _change("6", {"dependencies": [11]})),
    (_remove("11"), _remove("98")),
    (_put({"id": 11, "title": "Back again", "dependencies": ["4.3"]}, 5), _remove("1")),
    (_put({"id": 1, "title": "A new one", "subtasks": [{"id": 2, "dependencies": [1]}]}, 2),),
    (_reverse(),),
    (_change("4", {"subtasks": [{"id": 9, "title": "only this"}, {"id": 3}]}),),
    (_change("4", {"subtasks": None}), _change("5", {"priority": "high", "dueDate": None})),
    (_put({"id": 12345678901234567890, "title": "Out of all bounds"}), _remove("30")),
    (lambda writer: writer.add_tag("other", {}),
     lambda writer: writer.rename_tag("master", "main"),
     lambda writer: writer.add_tag("master", {}),
     _put({"id": 3, "title": "Elsewhere", "dependencies": [2]}, 0, "other"),
     _put({"id": 2, "title": "Elsewhere", "subtasks": [{"id": 1}]}, 0, "other")),
    (lambda writer: writer.remove_tag("master"),
     _remove("2", "main"), _change("3", {"dependencies": [2, "2.1"]}, "other")),
    (_reverse("main"), _put({"id": 2, "title": "Here"}, None, "main"), _reverse("main"),
     _remove("12345678901234567890", "main"), _change("2", {"status": "done"}, "other")),
    (lambda writer: writer.remove_tag("other"), lambda writer: writer.rename_tag("main", "other")),
    tuple(_remove(str(number), "other") for number in range(12, 22)),
    (lambda writer: writer.remove_tag("other"), lambda writer: writer.add_tag("other", {})),
    (lambda writer: writer.add_tag("last", {}), lambda writer: writer.remove_tag("other")),
)
"""Transactions that follow upon one another, from an empty store on."""
# fmt: on


def check_answers(reader: Reader, *tags: str) -> None:
    """What this reader answers about these tags (none: all) is what follows from their tasks."""
    log = list(reader.changes_since(0))
    assert reader.last_change() == (last_number(log[-1]) if log else 0)
    for tag in tags or reader.tags():
        tasks = reader.tasks(tag)
        nodes = graph.nodes(tasks)
        entries = [entry for entry in reader.entries(tag) if isinstance(entry, dict)]
        assert same(entries, [task.doc for task in tasks])
        assert _facts(reader.nodes(tag)) == _facts(nodes)
        _check_numbering(reader, tag, tasks)
        _check_best(reader, tag, nodes)
        _check_pages(reader, tag, tasks, nodes)
        for wanted in _groups(list(nodes)):
            check_around(reader, tag, wanted, tasks)
        for words in WORDS:
            check_containing(reader, tag, words, tasks)


def _check_numbering(reader: Reader, tag: str, tasks: Sequence[Task]) -> None:
    highest = ids.next_number(task.id for task in tasks) - 1
    first = tasks[0].doc.get("id", 0) if tasks else 0
    assert same(list(reader.numbering(tag)), [highest, first])


def _check_best(reader: Reader, tag: str, nodes: Mapping[str, Node]) -> None:
    for today in DAYS:
        expected = [_choice(one, today) for one in schedule.ranked(nodes, today)]
        for most in (1, 3, 1000):
            found, count = reader.best(tag, today, most)
            assert [_choice(one, today) for one in found] == expected[:most]
            assert count == len(expected)


def _choice(one: Choice, today: str) -> tuple[object, ...]:
    """What a choice says, as values that can be compared and read."""
    reasons = schedule.reasons(one, today)
    return (*_fact(one.node), one.score, one.waiters, one.chain, one.since, reasons)


def _check_pages(
    reader: Reader, tag: str, tasks: Sequence[Task], nodes: Mapping[str, Node]
) -> None:
    for today in DAYS:
        assert reader.tally(tag, today) == choice.tally(nodes, today)
        for place, wanted in enumerate(WANTED):
            expected = choice.matching(wanted, tasks, nodes, today)
            for offset, limit in {(0, 0), CUTS[place % len(CUTS)], CUTS[-1 - place % len(CUTS)]}:
                page = reader.page(tag, wanted, today, offset, limit)
                shown = [task.doc for task in choice.cut(expected, offset, limit)]
                assert same([task.doc for task in page.tasks], shown), (wanted, offset, limit)
                assert (page.matching, page.total) == (len(expected), len(tasks))
    assert reader.page(tag, choice.Wanted(), "", 0, 1).total == len(tasks)


def _groups(known: Sequence[str]) -> Iterable[Sequence[str]]:
    """Ids to ask for what is around them: alone, some together, all, none, one that is nowhere."""
    yield from ([one] for one in known[:: max(len(known) // 12, 1)])
    yield from (known[1::3], known, (), ("nowhere",), ("99", "98.1", *known[:1]))


def check_around(reader: Reader, tag: str, wanted: Sequence[str], tasks: Sequence[Task]) -> None:
    """What is around these ids is in order, is true, and is enough."""
    nodes = graph.nodes(tasks)
    found = reader.around(tag, wanted)
    assert list(found) == [one for one in nodes if one in found]
    assert _facts(found) == _facts({one: nodes[one] for one in found})
    missing = promised(wanted, tasks) - found.keys()
    assert not missing, f"around {wanted} there is no {missing}"
    for one in wanted:
        assert graph.dependents(found).get(one) == graph.dependents(nodes).get(one)
        for today in DAYS if one in nodes else ():
            obstacles = schedule.obstacles(nodes[one], nodes, today)
            assert schedule.obstacles(found[one], found, today) == obstacles
            assert schedule.ready(found[one], found, today) == (not obstacles)


def promised(wanted: Iterable[str], tasks: Sequence[Task]) -> set[str]:
    """The ids that ``Reader.around`` must give for those that are wanted."""
    nodes = graph.nodes(tasks)
    asked = set(wanted)
    families = [(task, *task.subtasks) for task in tasks]
    near = [family for family in families if any(step.id in asked for step in family)]
    own = {step.id for family in near for step in family}
    awaited = {one for family in near for step in family for one in step.dependencies}
    awaited.update(one for name in own for one in nodes[name].dependencies)
    waiting = {
        one for one, node in nodes.items() if not (own | asked).isdisjoint(node.dependencies)
    }
    return {one for one in own | awaited | waiting if one in nodes}


def check_containing(reader: Reader, tag: str, words: Sequence[str], tasks: Sequence[Task]) -> None:
    """What is found for these words is in order, and nothing that holds them is left out."""
    found = [task.doc for task in reader.containing(tag, words)]
    for task in tasks:
        if found and same(found[0], task.doc):
            del found[0]
        else:
            assert not holds(task, words), f"{task} holds {words}"
    assert not found


def holds(task: Task, words: Sequence[str]) -> bool:
    """Whether all of the words are in the task, or all of them in the same subtask."""
    for one in (task, *task.subtasks):
        texts = [folded(text) for text in texts_of(one).values()]
        if all(any(word in text for text in texts) for word in words):
            return True
    return False


def _facts(nodes: Mapping[str, Node]) -> list[tuple[object, ...]]:
    return [_fact(node) for node in nodes.values()]


def _fact(node: Node) -> tuple[object, ...]:
    """A node as values; ``repr`` tells 1, 1.0 and true apart, and lets NaN be equal to itself."""
    owner = node.task.parent
    return (*node[:5], repr(node.task.doc), repr(owner.doc) if owner else "")


class AnswersContract:
    """What a reader answers, after one change and another; a part of ``testing.StoreContract``."""

    def make_store(self) -> Store:
        """A new, empty store that nothing else uses."""
        raise NotImplementedError

    def test_an_empty_store_answers(self) -> None:
        with self.make_store().reading() as reader:
            check_answers(reader)

    def test_answers_follow_from_the_tasks_whatever_is_done_to_them(self) -> None:
        store = self.make_store()
        for step in STEPS:
            with store.writing(_STAMP) as writer:
                _do(writer, step)
                check_answers(writer)
            with store.reading() as reader:
                check_answers(reader)

    def test_a_failed_change_leaves_the_answers_as_they_were(self) -> None:
        store = self.make_store()
        with store.writing(_STAMP) as writer:
            _do(writer, STEPS[0])
        for step in STEPS[1:]:
            with suppress(NotFound), store.writing(_STAMP) as writer:
                _do(writer, step)
                check_answers(writer)
                writer.remove("nowhere", "so that all of it fails")
            with store.reading() as reader:
                check_answers(reader)
                assert len(reader.tasks("master")) == len(DOCUMENTS)

    def test_an_open_view_goes_on_answering_for_what_it_shows(self) -> None:
        store = self.make_store()
        for step in STEPS:
            with store.reading() as early:
                shown = [task.doc for task in early.tasks(early.tags()[0])]
                with store.writing(_STAMP) as writer:
                    _do(writer, step)
                again = early.page(early.tags()[0], choice.Wanted(), DAYS[0], 0, 0)
                assert same([task.doc for task in again.tasks], shown)
                _check_best(early, early.tags()[0], early.nodes(early.tags()[0]))

    def test_nothing_is_answered_about_a_tag_that_is_not_there(self) -> None:
        with self.make_store().reading() as reader:
            for ask in _questions(reader):
                missing = False
                try:
                    ask("nowhere")
                except NotFound as error:
                    missing = error.code == "tag-not-found"
                assert missing, f"{ask} did not say that the tag is not there"


def _do(writer: Writer, step: Iterable[Act]) -> None:
    """Change something, having looked: whatever an engine remembers of that must be forgotten."""
    for tag in writer.tags():
        _check_best(writer, tag, graph.nodes(writer.tasks(tag)))
    for act in step:
        act(writer)


def _questions(reader: Reader) -> Iterable[Callable[[str], object]]:
    yield reader.numbering
    yield lambda tag: list(reader.entries(tag))
    yield lambda tag: reader.around(tag, ["1"])
    yield lambda tag: reader.best(tag, DAYS[0], 1)
    yield lambda tag: reader.page(tag, choice.Wanted(), DAYS[0], 0, 0)
    yield lambda tag: reader.tally(tag, DAYS[0])
    yield lambda tag: reader.containing(tag, ["retry"])


_STAMP = Stamp(Actor("ann", "agent", "s-1"), "test", "test", "", "2026-06-15T10:00:00.000Z")
