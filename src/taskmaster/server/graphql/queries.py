"""What can be asked."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import strawberry

from taskmaster.domain import grammar, ids, schedule
from taskmaster.server.cursors import page_of
from taskmaster.server.endpoints.finding import SearchQuery, StatsQuery
from taskmaster.server.forms import ListQuery
from taskmaster.server.graphql import past, standing
from taskmaster.server.graphql.pages import PAGE, filled, page_size
from taskmaster.server.graphql.tasks import Task, TaskConnection, connected, shown
from taskmaster.server.graphql.terms import Id, Info, field
from taskmaster.server.ids import single
from taskmaster.usecases import choosing, history, searching, selection, statistics, tags

_SNIPPET = 160


@strawberry.input(description="Which tasks: all that is given must hold.")
class TaskFilter:
    status: list[str] | None = None
    priority: list[str] | None = None
    labels: list[str] | None = None
    ready: bool = False
    blocking: bool = False
    where: str | None = strawberry.field(
        default=None, description="A query in the language of `tamp list --where`."
    )


Filter = Annotated[TaskFilter | None, strawberry.argument(name="filter")]


@strawberry.type(description="A task that is ready, and why it comes where it comes.")
class Choice:
    task: Task
    score: float
    reasons: list[str]


@strawberry.type(description="A task that was found, and where.")
class Hit:
    task: Task
    score: int
    field: str
    snippet: str


@strawberry.type(description="What was found, the best first.")
class SearchResult:
    total_count: int
    hits: list[Hit]


@strawberry.type
class Query:
    @field(description="Who you are here.")
    def me(self, info: Info) -> standing.Me:
        return standing.me(info.context.principal)

    @field(description="One task or subtask.")
    def task(self, info: Info, task_id: Id, tag: str | None = None) -> Task | None:
        ws = info.context.on(tag)
        with ws.reading() as reader:
            return shown(
                info.context, ws.tag, selection.one(reader, ws.tag, single(task_id, ws.tag))
            )

    @field(
        description="Tasks, a page at a time: `first` after the cursor `after`, or after `offset`."
        " `sort` names fields, backwards with a minus, such as `priority,-due`."
    )
    def tasks(  # as many as there are ways to say which tasks
        self,
        info: Info,
        first: int = PAGE,
        after: str | None = None,
        offset: int = 0,
        chosen: Filter = None,
        sort: str | None = None,
        tag: str | None = None,
    ) -> TaskConnection | None:
        ws = info.context.on(tag)
        wanted = chosen or TaskFilter()
        query = filled(
            ListQuery, status=_words(wanted.status), priority=_words(wanted.priority),
            labels=_words(wanted.labels), ready=wanted.ready, blocking=wanted.blocking,
            where=wanted.where, sort=sort, cursor=after, limit=page_size(first), offset=offset,
        )  # fmt: skip
        return connected(info.context, ws.tag, page_of(ws, query))

    @field(name="next", description="The task to do next, if any is ready.")
    def next_task(self, info: Info, tag: str | None = None) -> Choice | None:
        ws = info.context.on(tag)
        found = choosing.next_task(ws)
        if found.task is None:
            return None
        task = shown(info.context, ws.tag, found.task)
        return Choice(task=task, score=found.score, reasons=list(found.reasons))

    @field(description="What can be worked on now, the best first.")
    def ready(self, info: Info, first: int = PAGE, tag: str | None = None) -> list[Choice] | None:
        ws = info.context.on(tag)
        today = ws.clock()[:10]
        with ws.reading() as reader:
            choices, _count = reader.best(ws.tag, today, page_size(first))
        return [
            Choice(task=shown(info.context, ws.tag, one.node.task), score=one.score,
                   reasons=list(schedule.reasons(one, today)))
            for one in choices
        ]  # fmt: skip

    @field(
        description="Tasks and subtasks that hold all the words of `q`; what is quoted is a phrase."
    )
    def search(  # as tasks
        self,
        info: Info,
        q: str,
        first: int = PAGE,
        where: str | None = None,
        all_tags: bool = False,  # noqa: FBT001, FBT002  # arguments of GraphQL have names
        tag: str | None = None,
    ) -> SearchResult | None:
        ws = info.context.on(tag)
        query = filled(SearchQuery, q=q, where=where, allTags=all_tags, limit=page_size(first))
        wanted = searching.words_of(query.q)
        hits, count = searching.search(
            ws, wanted, where=grammar.parse(query.where) if query.where else None,
            all_tags=query.all_tags, limit=query.limit,
        )  # fmt: skip
        found = [
            Hit(task=shown(info.context, one.tag, one.task), score=one.score, field=one.field,
                snippet=searching.snippet(one, wanted, _SNIPPET).text)
            for one in hits
        ]  # fmt: skip
        return SearchResult(total_count=count, hits=found)

    @field(description="All tags, in stored order.")
    def tags(self, info: Info) -> list[standing.Tag] | None:
        return [standing.tag(one) for one in tags.listed(info.context.on(None))]

    @field(description="What happened, the newest first: to all, to a `tag`, or to a `task` of it.")
    def history(
        self,
        info: Info,
        first: int = PAGE,
        task: strawberry.ID | None = None,
        tag: str | None = None,
    ) -> list[past.Transaction] | None:
        ws = info.context.on(tag)
        task_id = ids.normal(single(task, ws.tag).removeprefix("#")) if task else ""
        found = history.history(ws, task_id=task_id, of_tag=bool(tag), limit=page_size(first))
        if not found and (task or tag):
            history.check_known(ws, task_id)
        return [past.told(one) for one in found]

    @field(
        description="What happened after change `since`, the oldest first: to all, or to a `tag`."
        " The `last` of the last one is the next `since`."
    )
    def changes(
        self, info: Info, since: int = 0, first: int = PAGE, tag: str | None = None
    ) -> list[past.Transaction] | None:
        with info.context.on(None).reading() as reader:
            told = (one for one in reader.changes_since(since) if one.first > since)
            cut = (history.touching(one, tag, "") if tag else one for one in told)
            kept = (one for one in cut if one.changes)
            return [past.told(one) for one in islice(kept, page_size(first))]

    @field(description="The figures of a tag, from what is recorded since a day or a span (`30d`).")
    def stats(
        self, info: Info, since: str | None = None, tag: str | None = None
    ) -> standing.Stats | None:
        return standing.stats(
            statistics.statistics(info.context.on(tag), since=filled(StatsQuery, since=since).since)
        )


def _words(words: list[str] | None) -> str:
    return ",".join(words or ())
