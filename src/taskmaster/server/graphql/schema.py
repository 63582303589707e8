"""The schema, which takes a while to load: nothing imports it before somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry
from graphql import build_schema
from strawberry.extensions import SchemaExtension

from taskmaster.server.graphql.mutations import Mutation
from taskmaster.server.graphql.queries import Query
from taskmaster.server.graphql.subscriptions import Subscription

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import GraphQLError
    from strawberry.types.execution import ExecutionContext


class _Understood(SchemaExtension):
    """Takes the document of the view: it was parsed and found valid before."""

    def on_operation(self) -> Iterator[None]:
        self.execution_context.graphql_document = self.execution_context.context.document
        self.execution_context.validation_rules = ()
        yield


class Schema(strawberry.Schema):
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: whoever carries the operation out tells the faults from the refusals."""


SCHEMA = Schema(Query, Mutation, Subscription, extensions=[_Understood])
TEXT = SCHEMA.as_str() + "\n"
FORM = build_schema(TEXT)
"""The same once more, for looking at operations before anything is carried out."""
