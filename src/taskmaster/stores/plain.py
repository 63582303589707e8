"""The answers that need no index: worked out from all tasks of a tag."""

from __future__ import annotations

from taskmaster.domain import graph
from taskmaster.domain.ids import next_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from taskmaster.domain.choice import Page, Tally, Wanted
    from taskmaster.domain.graph import Node
    from taskmaster.domain.schedule import Choice
    from taskmaster.domain.task import Task


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
