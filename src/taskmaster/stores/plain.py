"""The answers that need no index: worked out from all tasks of a tag."""

from __future__ import annotations

from taskmaster.domain import graph

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

    def nodes(self, tag: str) -> dict[str, Node]:
        return graph.nodes(self.tasks(tag))

    def around(self, tag: str, ids: Iterable[str]) -> Mapping[str, Node]:
        del ids
        return self.nodes(tag)

    def best(self, tag: str, today: str, most: int) -> tuple[Sequence[Choice], int]:
        from taskmaster.domain import schedule

        found = schedule.ranked(self.nodes(tag), today)
        return found[:most], len(found)

    def page(self, tag: str, wanted: Wanted, today: str, offset: int, limit: int) -> Page:
        from taskmaster.domain import choice

        tasks = self.tasks(tag)
        found = choice.matching(wanted, tasks, graph.nodes(tasks), today)
        shown = found[offset : offset + limit] if limit else found[offset:]
        return choice.Page(shown, len(found), len(tasks))

    def tally(self, tag: str, today: str) -> Tally:
        from taskmaster.domain import choice

        return choice.tally(self.nodes(tag), today)

    def containing(self, tag: str, words: Sequence[str]) -> Sequence[Task]:
        del words
        return self.tasks(tag)
