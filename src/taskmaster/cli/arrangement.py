"""What ``list`` was asked to choose, sort, group, cut and show beyond the plain list."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.cli import columns
from taskmaster.cli.answer import painted, printable
from taskmaster.domain import fields, grammar
from taskmaster.errors import Usage
from taskmaster.usecases import arranging, views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence
    from typing import NamedTuple

    from taskmaster.config import Project
    from taskmaster.domain.fields import Field
    from taskmaster.domain.query import Query
    from taskmaster.domain.task import Task
    from taskmaster.usecases.arranging import Key
    from taskmaster.usecases.listing import Listing, Wanted

    Json = dict[str, object]

    class Arrangement(NamedTuple):
        where: Query | None
        sort: Sequence[Key]
        group: Field | None
        columns: Sequence[Field]
        offset: int
        limit: int
        today: str

else:
    Arrangement = namedtuple("Arrangement", "where sort group columns offset limit today")


def arrangement(args: Namespace, project: Project, today: str) -> Arrangement:
    """What the arguments ask for; they go before the saved view, whose query must hold as well.

    Raises NotFound for an unknown view, Invalid for a query or field that means nothing.
    """
    if args.offset < 0 or args.limit < 0:
        raise Usage("--offset and --limit take numbers from 0")
    view = views.View() if args.view is None else views.find(project, args.view)
    group = view.group if args.group is None else args.group
    return Arrangement(
        _query(args.where, view.where or None),
        arranging.sort_keys(view.sort if args.sort is None else args.sort),
        arranging.group_field(group) if group else None,
        arranging.named_fields(view.columns if args.columns is None else args.columns),
        args.offset,
        args.limit,
        today,
    )


def _query(*texts: str | None) -> Query | None:
    """A query for what all of the texts mean, None when there is none."""
    whole: Query | None = None
    for text in texts:
        if text is not None:
            query = grammar.parse(text)
            whole = query if whole is None else whole & query
    return whole


def asked(plan: Arrangement, wanted: Wanted) -> Wanted:
    """What the tasks are to be read by: only what is not sorted can be cut beforehand."""
    wanted = wanted._replace(where=plan.where)
    return wanted if plan.sort else wanted._replace(offset=plan.offset, limit=plan.limit)


def applied(plan: Arrangement, found: Sequence[Listing]) -> list[Listing]:
    """The tasks in their order, on the page that is asked for."""
    if not plan.sort:
        return list(found)
    found = [arranging.ordered(one, plan.sort, plan.today) for one in found]
    return arranging.page(found, plan.offset, plan.limit)


def notes(plan: Arrangement, found: Sequence[Listing]) -> list[str]:
    """Names in a query without any answer that no task knows: probably misspelt."""
    if plan.where is None or any(one.matching for one in found):
        return []
    return [
        f"no task has a key {printable(key)}"
        for key in plan.where.document_keys()
        if not any(_has(one, key) for one in found)
    ]


def _has(one: Listing, key: str) -> bool:
    read = fields.named(f"{fields.DOC}{key}").read
    scene = fields.Scene(one.nodes, today="")
    return any(read(node, scene) is not None for node in one.nodes.values())


def sections(plan: Arrangement, one: Listing) -> Iterator[tuple[str, Sequence[Task]]]:
    """The tasks under the headings of their groups; under an empty one without groups."""
    if plan.group is None:
        yield "", one.tasks
        return
    for group in arranging.grouped(one, plan.group, plan.today):
        name = printable(group.name) or f"no {plan.group.name}"
        parent = one.nodes.get(group.name) if plan.group.name == "parent" else None
        title = f"{name}  {printable(parent.task.title)}" if parent else name
        yield f"{painted(title, 'bold')} ({len(group.tasks)})", group.tasks


def table(plan: Arrangement, one: Listing, rows: Sequence[Task]) -> Iterator[str]:
    """The rows in the columns that were asked for."""
    return columns.table(one, rows, plan.columns, plan.today)


def entry(plan: Arrangement, one: Listing, task: Task) -> Json:
    """The task as JSON, in the columns that were asked for."""
    return columns.entry(one, task, plan.columns, plan.today)


def more_data(plan: Arrangement, found: Sequence[Listing]) -> tuple[Json, Json]:
    """What the JSON answer says besides, at its top and among its metadata."""
    top: Json = {}
    if plan.group is not None:
        top["groups"] = [
            {"name": group.name or None, "tag": one.tag, "tasks": [task.id for task in group.tasks]}
            for one in found
            for group in arranging.grouped(one, plan.group, plan.today)
        ]
    metadata: Json = {"shown": sum(len(one.tasks) for one in found)}
    if plan.where is not None:
        metadata["where"] = str(plan.where)
    if plan.offset or plan.limit:
        metadata |= {"offset": plan.offset, "limit": plan.limit}
    return top, metadata
