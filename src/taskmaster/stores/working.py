"""Tasks that are all in memory: what follows from them, and a state that records its changes."""

from __future__ import annotations

from taskmaster.domain import changes, graph, ids
from taskmaster.domain.changes import TagState
from taskmaster.domain.ids import next_number
from taskmaster.domain.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from taskmaster.domain.changes import Change, Transaction
    from taskmaster.domain.choice import Page, Tally, Wanted
    from taskmaster.domain.graph import Node
    from taskmaster.domain.schedule import Choice

DEFAULT_TAG = "master"
_FEW_LOOKS = 4


class PlainAnswers:
    """For a Reader that has ``tasks``: whatever ``ports.Reader`` asks that follows from them."""

    def tasks(self, tag: str) -> list[Task]:
        raise NotImplementedError

    def graph(self, tag: str) -> Mapping[str, Node]:
        """The nodes of the tag, which nobody changes."""
        return graph.nodes(self.tasks(tag))

    def nodes(self, tag: str) -> dict[str, Node]:
        return dict(self.graph(tag))

    def around(self, tag: str, ids: Iterable[str]) -> Mapping[str, Node]:
        del ids
        return self.graph(tag)

    def numbering(self, tag: str) -> tuple[int, object]:
        tasks = self.tasks(tag)
        like = tasks[0].doc.get("id", 0) if tasks else 0
        return next_number(task.id for task in tasks) - 1, like

    def best(self, tag: str, today: str, most: int) -> tuple[Sequence[Choice], int]:
        from taskmaster.domain import schedule

        found = schedule.ranked(self.graph(tag), today)
        return found[:most], len(found)

    def page(self, tag: str, wanted: Wanted, today: str, offset: int, limit: int) -> Page:
        from taskmaster.domain import choice

        tasks = self.tasks(tag)
        nodes = self.graph(tag) if wanted.ready or wanted.blocking else {}
        found = choice.matching(wanted, tasks, nodes, today)
        return choice.Page(choice.cut(found, offset, limit), len(found), len(tasks))

    def tally(self, tag: str, today: str) -> Tally:
        from taskmaster.domain import choice

        return choice.tally(self.graph(tag), today)

    def containing(self, tag: str, words: Sequence[str]) -> Sequence[Task]:
        del words
        return self.tasks(tag)


class Derived:
    """What follows from the tasks of each tag, found out once for all who look at the same ones."""

    def __init__(self, other: Derived | None = None) -> None:
        self.graphs: dict[str, Mapping[str, Node]] = dict(other.graphs) if other else {}
        """The nodes of a tag, until something in it changes."""
        self.places: dict[str, dict[str, int]] = {}
        """Every id of a tag, and where it stood when that was noted."""
        self.looks: dict[str, int] = {}
        """How often a task was looked for in a tag."""
        if other:
            self.places = {tag: dict(places) for tag, places in other.places.items()}


class WorkingCopy(PlainAnswers):
    """Reader and Writer over states that fit in memory; see ``ports`` for the contract.

    The states given are never altered: a tag's entries are copied before the first change.
    ``changes`` collects what was done, in order. Who knows a shorter way than through the whole
    *history* to the transaction of a request, or to the number of the last change, gives *done*
    and *last*. Readers of the same states may share what is *derived* from them; who changes
    something needs his own.
    """

    def __init__(
        self,
        states: Mapping[str, TagState],
        history: Callable[[int], Iterator[Transaction]],
        *,
        done: Callable[[str], Transaction | None] | None = None,
        last: Callable[[], int] | None = None,
        derived: Derived | None = None,
    ) -> None:
        self.states = dict(states) or {DEFAULT_TAG: TagState({}, [])}
        self.changes: list[Change] = []
        self.committed: Transaction | None = None
        self._history = history
        self._done = done or self._sought
        self._last = last or self._counted
        self._own: dict[str, list[object]] = {}
        self._derived = derived or Derived()
        self._graphs = self._derived.graphs
        self._places = self._derived.places

    def tags(self) -> Sequence[str]:
        return tuple(self.states)

    def metadata(self, tag: str) -> Mapping[str, object]:
        return self._state(tag).metadata

    def tasks(self, tag: str) -> list[Task]:
        return [Task(entry) for entry in self._state(tag).entries if isinstance(entry, dict)]

    def get(self, tag: str, task_id: str) -> Task:
        entries = self._state(tag).entries
        place = self._place(tag, task_id)
        if place is None:
            from taskmaster.stores.refusals import missing_task

            raise missing_task(tag, task_id)
        return Task(entries[place])  # type: ignore[arg-type]  # _place only finds objects

    def changes_since(self, number: int) -> Iterator[Transaction]:
        return self._history(number)

    def last_change(self) -> int:
        return self._last()

    def carried_out(self, request: str) -> Transaction | None:
        return self._done(request)

    def _counted(self) -> int:
        number = 0
        for transaction in self._history(0):
            number = changes.last_number(transaction)
        return number

    def _sought(self, request: str) -> Transaction | None:
        found = (one for one in self._history(0) if one.stamp.request == request != "")
        return next(found, None)

    def entries(self, tag: str) -> Sequence[object]:
        return self._state(tag).entries

    def put(self, tag: str, task: Task, *, place: int | None = None) -> Task:
        if tag in self._own:
            self._index(tag)  # The first change may be the only one: a look through is cheaper.
        known = self._place(tag, task.id)
        if known is None:
            self._insert(tag, task, place)
            return task
        old = self._state(tag).entries[known]
        found = list(changes.of_task(tag, Task(old), task))  # type: ignore[arg-type]  # as above
        if found:
            self._entries(tag)[known] = task.doc
            self.changes += found
        return task

    def remove(self, tag: str, task_id: str) -> Task:
        if tag in self._own:
            self._index(tag)
        task = self.get(tag, task_id)
        place = self._place(tag, task_id)
        if place is not None:
            del self._entries(tag)[place]
            self._places.get(tag, {}).pop(task.id, None)
            self.changes.append(changes.removed(tag, task_id, task.doc, place))
        return task

    def reorder(self, tag: str, order: Sequence[str]) -> None:
        entries = self._state(tag).entries
        before = changes.names(entries)
        wanted = changes.around_others(order, entries)
        result = changes.in_order(entries, wanted)
        if result is None:
            from taskmaster.stores.refusals import not_an_order

            raise not_an_order(tag)
        if wanted != before:
            self._entries(tag)[:] = result
            self._places.pop(tag, None)
            self.changes.append(changes.reordered(tag, before, wanted))

    def add_tag(self, tag: str, metadata: Mapping[str, object]) -> None:
        if tag in self.states:
            from taskmaster.stores.refusals import taken_tag

            raise taken_tag(tag)
        self.states[tag] = TagState(metadata, [])
        self.changes.append(changes.tag_change("added", tag, changes.between({}, metadata)))

    def remove_tag(self, tag: str) -> None:
        state = self._state(tag)
        self.changes += changes.between_states({tag: state}, {})
        del self.states[tag]
        self._own.pop(tag, None)
        self._graphs.pop(tag, None)
        self._places.pop(tag, None)

    def rename_tag(self, tag: str, name: str) -> None:
        self._state(tag)
        if name in self.states:
            from taskmaster.stores.refusals import taken_tag

            raise taken_tag(name)
        self.states = {name if key == tag else key: value for key, value in self.states.items()}
        if tag in self._own:
            self._own[name] = self._own.pop(tag)
        self._graphs.clear()
        self._places.clear()
        self.changes.append(changes.tag_change("renamed", tag, {"name": (tag, name)}))

    def describe_tag(self, tag: str, metadata: Mapping[str, object]) -> None:
        state = self._state(tag)
        fields = changes.between(state.metadata, metadata)
        if fields:
            self.states[tag] = state._replace(metadata=metadata)
            self.changes.append(changes.tag_change("changed", tag, fields))

    def _state(self, tag: str) -> TagState:
        try:
            return self.states[tag]
        except KeyError:
            from taskmaster.stores.refusals import missing_tag

            raise missing_tag(tag, self.states) from None

    def graph(self, tag: str) -> Mapping[str, Node]:
        """The nodes of the tag, found out once as long as nothing changes."""
        self._state(tag)
        if tag not in self._graphs:
            self._graphs[tag] = graph.nodes(self.tasks(tag))
        return self._graphs[tag]

    def _entries(self, tag: str) -> list[object]:
        """The entries of the tag, as a list of our own that is about to be changed."""
        state = self._state(tag)
        self._graphs.pop(tag, None)
        if tag not in self._own:
            self._own[tag] = list(state.entries)
            self.states[tag] = state._replace(entries=self._own[tag])
        return self._own[tag]

    def handed_over(self) -> dict[str, TagState]:
        """The states, which nothing done to this copy from now on will touch."""
        self._own.clear()
        return dict(self.states)

    def _insert(self, tag: str, task: Task, place: int | None) -> None:
        self._index(tag)
        entries = self._entries(tag)
        place = len(entries) if place is None else max(0, min(place, len(entries)))
        if tag in self._places:
            self._places[tag][task.id] = place
        entries.insert(place, task.doc)
        self.changes.append(changes.added(tag, task.id, task.doc, place))

    def _index(self, tag: str) -> None:
        """Note where each task stands, so that changing many looks through them once.

        Only where every id is there once: else the place that was noted for one may come to be
        that of its double.
        """
        if tag not in self._places:
            entries = self._state(tag).entries
            found = {
                Task(entry).id: place
                for place, entry in enumerate(entries)
                if isinstance(entry, dict)
            }
            if len(found) == sum(isinstance(entry, dict) for entry in entries):
                self._places[tag] = found

    def _place(self, tag: str, task_id: str) -> int | None:
        """Where the first task with this id stands."""
        wanted = ids.normal(task_id)
        entries = self._state(tag).entries
        looks = self._derived.looks[tag] = self._derived.looks.get(tag, 0) + 1
        if looks == _FEW_LOOKS:
            self._index(tag)
        if tag in self._places:
            noted = self._places[tag].get(wanted)
            if noted is None or (noted < len(entries) and _is(entries[noted], wanted)):
                return noted
        return next((place for place, entry in enumerate(entries) if _is(entry, wanted)), None)


def _is(entry: object, wanted: str) -> bool:
    """Whether this is the task with the id."""
    if not isinstance(entry, dict):
        return False
    raw = entry.get("id")
    return (str(raw) if type(raw) is int else ids.normal(raw)) == wanted
