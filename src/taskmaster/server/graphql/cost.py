"""How deep an operation goes and how much it may give, found out before anything is read.

A field costs 1, some more (``PRICES``). What is selected of the entries of a list counts once for
each entry that the list may have: as many as ``first`` says of the list, or of the page that it
is of, and ``LIST`` where nobody says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from taskmaster.errors import Invalid
from taskmaster.server.forms import MOST
from taskmaster.server.graphql.schema import FORM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphql import (
        DocumentNode,
        GraphQLField,
        GraphQLNamedType,
        OperationDefinitionNode,
        SelectionNode,
        SelectionSetNode,
    )

DEPTH, COST, ALIASES, FIELDS = 10, 5_000, 30, 200
LIST = 10
PRICES = {
    "Query.stats": 1_000, "Query.search": 250, "Query.history": 200, "Query.changes": 200,
    "Query.tags": 50, "Query.tasks": 10, "Query.ready": 10, "Query.next": 10,
    "Query.__schema": 500, "Query.__type": 100,
}  # fmt: skip
"""Of fields that take more than what they show; below those of GraphQL itself nothing counts."""
CHANGE = 50
"""The price of each field of a mutation."""


class Measure(NamedTuple):
    cost: int
    depth: int


_ENOUGH = 1_000_000
"""What costs more is not told apart."""
_NOTHING = Measure(0, 0)


def check(
    document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """The cost. Raises Invalid for a query that is too large, too deep or costs too much."""
    selected = list(_selections(document))
    apart = "send what is left as a request of its own"
    _hold("fields", len(selected), FIELDS, "too-many-fields", apart)
    _hold("aliases", sum(map(_renamed, selected)), ALIASES, "too-many-aliases", apart)
    found = _Walk(document, operation, variables).measured()
    _hold("depth", found.depth, DEPTH, "too-deep", "ask from the task that matters")
    less = "ask for smaller pages (first), for fewer fields, or for less of what hangs together"
    _hold("cost", found.cost, COST, "too-costly", less)
    return found.cost


def _hold(what: str, found: int, limit: int, code: str, hint: str) -> None:
    if found > limit:
        raise Invalid(
            f"the {what} of the query: {found}; {limit} is the most", hint=hint, code=code,
            details={what: found, "limit": limit},
        )  # fmt: skip


def _selections(document: DocumentNode) -> Iterator[SelectionNode]:
    """Every field, and every use of a fragment, that the query has."""
    waiting: list[Any] = list(document.definitions)
    while waiting:
        below = getattr(waiting.pop(), "selection_set", None)
        for one in below.selections if below else ():
            yield one
            waiting.append(one)


def _renamed(node: SelectionNode) -> bool:
    return getattr(node, "alias", None) is not None


class _Walk:
    """One operation with its fragments, each of which is measured once."""

    def __init__(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._operation = operation
        self._fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[tuple[str, int], Measure] = {}
        given = {one.variable.name.value: one.default_value
                 for one in operation.variable_definitions or ()}  # fmt: skip
        self._variables = {**given, **variables}

    def measured(self) -> Measure:
        root = FORM.get_root_type(self._operation.operation)
        return self._selected(self._operation.selection_set, root, 0)

    def _selected(
        self, selected: SelectionSetNode | None, kind: GraphQLNamedType | None, page: int
    ) -> Measure:
        """*page* is how many entries a list has that is of a page, 0 outside of one."""
        cost = depth = 0
        for one in selected.selections if selected else ():
            if isinstance(one, FieldNode):
                found = self._field(one, kind, page)
            elif isinstance(one, FragmentSpreadNode):
                found = self._spread(one.name.value, page)
            elif isinstance(one, InlineFragmentNode):
                found = self._fragment(one, kind, page)
            else:
                continue
            cost, depth = min(cost + found.cost, _ENOUGH), max(depth, found.depth)
        return Measure(cost, depth)

    def _spread(self, name: str, page: int) -> Measure:
        key = name, page
        if key not in self._known:
            self._known[key] = _NOTHING  # So much for a circle, which is refused later on.
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._known[key] = self._fragment(fragment, None, page)
        return self._known[key]

    def _fragment(
        self,
        node: InlineFragmentNode | FragmentDefinitionNode,
        kind: GraphQLNamedType | None,
        page: int,
    ) -> Measure:
        on = node.type_condition
        return self._selected(
            node.selection_set, FORM.get_type(on.name.value) if on else kind, page
        )

    def _field(self, node: FieldNode, kind: GraphQLNamedType | None, page: int) -> Measure:
        name = node.name.value
        price = PRICES.get(f"{kind}.{name}", CHANGE if kind is FORM.mutation_type else 1)
        definition = kind.fields.get(name) if isinstance(kind, GraphQLObjectType) else None
        if definition is None:  # One of GraphQL's own, or unknown and refused later on.
            return Measure(price, 1)
        first = self._first(node, definition)
        many = is_list_type(get_nullable_type(definition.type))
        times = (first or page or LIST) if many else 1
        of = get_named_type(definition.type)
        below = self._selected(node.selection_set, of, 0 if many else first)
        return Measure(price + times * below.cost, 1 + below.depth)

    def _first(self, node: FieldNode, definition: GraphQLField) -> int:
        """How many entries are asked for, 0 of a field that does not take that."""
        if "first" not in definition.args:
            return 0
        asked = definition.args["first"].ast_node
        value: Any = asked.default_value if asked else None
        for argument in node.arguments or ():
            if argument.name.value == "first":
                value = argument.value
        if isinstance(value, VariableNode):
            value = self._variables.get(value.name.value)
        if isinstance(value, IntValueNode):
            value = int(value.value)
        # Any other value is refused later on.
        return min(max(value, 1), MOST) if isinstance(value, int) else MOST
