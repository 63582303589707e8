"""From what a caller sends to an operation that may be carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLError, OperationType, get_operation_ast, parse, validate

from taskmaster.errors import Invalid
from taskmaster.server.graphql import cost
from taskmaster.server.graphql.faults import NotValid
from taskmaster.server.graphql.schema import FORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode, OperationDefinitionNode

    from taskmaster.server.endpoints.graphql import Ask

TOKENS = 2_000
"""Words and signs that a query may have."""


class Operation(NamedTuple):
    document: DocumentNode
    node: OperationDefinitionNode
    name: str | None
    query: str
    variables: Mapping[str, Any]
    cost: int

    @property
    def changes(self) -> bool:
        return self.node.operation is OperationType.MUTATION

    @property
    def listens(self) -> bool:
        return self.node.operation is OperationType.SUBSCRIPTION


def understood(ask: Ask) -> Operation:
    """The operation that is meant. Raises NotValid, and Invalid for one that asks too much."""
    try:
        document = parse(ask.query, max_tokens=TOKENS)
    except GraphQLError as error:
        raise NotValid([error]) from None
    node = get_operation_ast(document, ask.operation_name)
    if node is None:
        raise Invalid(
            "the query has no operation of this name, or several and none is named",
            hint="name one of them: operationName",
            code="no-such-operation",
        )
    variables = ask.variables or {}
    price = cost.check(document, node, variables)
    errors = validate(FORM, document)
    if errors:
        raise NotValid(errors)
    return Operation(document, node, ask.operation_name, ask.query, variables, price)
