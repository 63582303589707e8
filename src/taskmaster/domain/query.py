"""A query: which tasks and subtasks are meant, as a value. ``grammar`` reads one from text."""

from __future__ import annotations

import re
from collections import namedtuple

from taskmaster.domain import fields, meanings
from taskmaster.domain.fields import Scene
from taskmaster.domain.terms import Term

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.domain.meanings import Test
    from taskmaster.domain.terms import Value

    class Group(NamedTuple):
        """``word`` is and, or, not; a not has one part, the others have two or more."""

        word: str
        parts: tuple[Term | Group, ...]

    Part = Term | Group

else:
    Group = namedtuple("Group", "word parts")

_BARE = re.compile(r"\w+(?:['.-]\w+)*")
_KEYWORDS = ("and", "or", "not")


class Query:
    """Which nodes are meant. Two queries are equal when they say the same in the same order.

    ``str(query)`` is the query as text; reading it gives an equal query.
    """

    __slots__ = ("root",)

    def __init__(self, root: Part) -> None:
        self.root = root

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self.root == other.root

    def __hash__(self) -> int:
        return hash(self.root)

    def __repr__(self) -> str:
        return f"<Query {self}>"

    def __str__(self) -> str:
        return _text(self.root)

    def within(self, scene: Scene) -> Test:
        """What tells for any node of the scene whether it is meant."""
        return _test(self.root, scene)

    def matches(
        self, node: Node, nodes: Mapping[str, Node], *, today: str, tag: str = "master"
    ) -> bool:
        """Whether *node* is meant; for many nodes ``within`` looks at their graph only once."""
        return self.within(Scene(nodes, today=today, tag=tag))(node)

    def terms(self) -> Iterator[Term]:
        """Every term, from left to right."""
        waiting = [self.root]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Term):
                yield part
            else:
                waiting += part.parts[::-1]

    def document_keys(self) -> list[str]:
        """The document keys asked for: names that are no fields, each once."""
        named = [fields.named(term.field) for term in self.terms()]
        return list(dict.fromkeys(field.key for field in named if field.kind == "key"))

    def about_subtasks(self) -> bool:
        """Whether some term can only mean subtasks: ``is:subtask``, ``parent:5``, ``id:5.2``."""
        return any(map(_about_subtasks, self.terms()))

    def __and__(self, other: Query) -> Query:
        return Query(joined("and", [self.root, other.root]))


def joined(word: str, parts: list[Part]) -> Part:
    """One part as it is, several as a group; groups of the same word become one."""
    flat: list[Part] = []
    for part in parts:
        if isinstance(part, Group) and part.word == word:
            flat += part.parts
        else:
            flat.append(part)
    return flat[0] if len(flat) == 1 else Group(word, tuple(flat))


def _test(part: Part, scene: Scene) -> Test:
    if isinstance(part, Term):
        return meanings.test(part, scene)
    tests = [_test(one, scene) for one in part.parts]
    if part.word == "or":
        return meanings.either(tests)
    if part.word == "not":
        return lambda node: not tests[0](node)
    return lambda node: all(one(node) for one in tests)


def _text(part: Part) -> str:
    if isinstance(part, Term):
        return _term_text(part)
    if part.word == "not":
        return f"-{_enclosed(part.parts[0], 'and', 'or')}"
    if part.word == "or":
        return " or ".join(map(_text, part.parts))
    return " ".join(_enclosed(one, "or") for one in part.parts)


def _enclosed(part: Part, *words: str) -> str:
    """In parentheses when it is a group of one of these words."""
    inside = isinstance(part, Group) and part.word in words
    return f"({_text(part)})" if inside else _text(part)


def _term_text(term: Term) -> str:
    values = ",".join(map(_value_text, term.values))
    if term.field != "text" or term.op != ":" or len(term.values) > 1:
        return f"{term.field}{term.op}{values}"
    word = term.values[0].text
    return word if _BARE.fullmatch(word) and word.lower() not in _KEYWORDS else values


def _value_text(value: Value) -> str:
    if not value.quoted:
        return value.text
    escaped = value.text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _about_subtasks(term: Term) -> bool:
    words = [value.text.lower() for value in term.values]
    if term.field == "parent":
        return words != ["none"]
    if term.field == "id":
        return any("." in word for word in words)
    return term.field == "is" and "subtask" in words
