"""What happened, as the change log tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence  # noqa: TC003  # annotations are read
from typing import TYPE_CHECKING, Any

import strawberry

from taskmaster import wire
from taskmaster.server.graphql.pages import PAGE, checked_offset, page_size
from taskmaster.server.graphql.terms import JSON, Info, field

if TYPE_CHECKING:
    from taskmaster.domain import changes
    from taskmaster.server.graphql.view import View


@strawberry.type(description="Who made a change.")
class Actor:
    name: str
    kind: str = strawberry.field(description="person, agent or system.")
    session: str | None


@strawberry.type(description="What was done to one task or tag.")
class Change:
    kind: str = strawberry.field(
        description="added, removed, changed, reordered, or one of the same about a tag."
    )
    tag: str
    task: strawberry.ID | None
    fields: JSON | None = strawberry.field(description="`before` and `after` by key.")
    doc: JSON | None = strawberry.field(description="What was added or removed.")
    place: int | None


@strawberry.type(description="Changes that were made together.")
class Transaction:
    first: int
    last: int = strawberry.field(description="What to go on after: the `since` of the next look.")
    at: str
    actor: Actor
    via: str
    operation: str
    note: str | None
    change_count: int
    told: strawberry.Private[Sequence[Mapping[str, Any]]]

    @field("So many of the changes after `offset`; none of those that are too large together.")
    def changes(self, info: Info, first: int = PAGE, offset: int = 0) -> list[Change]:
        end = checked_offset(offset) + page_size(first)
        return [change_of(info.context, one) for one in self.told[offset:end]]


def told(entry: changes.Transaction) -> Transaction:
    return read(wire.transaction_to_json(entry))


def read(shown: Mapping[str, Any]) -> Transaction:
    """The transaction that ``wire.transaction_to_json`` has shown, perhaps cut to a tag."""
    first, last = shown["seq"]
    actor = shown["actor"]
    return Transaction(
        first=first, last=last, at=shown["at"],
        actor=Actor(name=actor["name"], kind=actor["kind"], session=actor.get("session")),
        via=shown["via"], operation=shown["op"], note=shown.get("note"),
        change_count=len(shown["changes"]) + shown.get("omitted", 0), told=shown["changes"],
    )  # fmt: skip


def change_of(view: View, shown: Mapping[str, Any]) -> Change:
    view.spend()
    return Change(
        kind=shown["kind"], tag=shown["tag"], task=shown.get("task"), fields=shown.get("fields"),
        doc=shown.get("doc"), place=shown.get("place"),
    )  # fmt: skip
