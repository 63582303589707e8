"""What each kind of term means: for a term and a scene, a test that a node passes or not."""

from __future__ import annotations

import operator

from taskmaster.domain import fields, ids, schedule, spans
from taskmaster.domain.task import PRIORITIES, priority_of, status_of
from taskmaster.domain.terms import EMPTY, EQUALS, empties, number_of
from taskmaster.domain.words import folded, spaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from taskmaster.domain.fields import Field, Scene
    from taskmaster.domain.graph import Node
    from taskmaster.domain.terms import Term, Value

    Test = Callable[[Node], bool]
    Making = Callable[[Field, str, Sequence[Value], Scene], Test]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ":": operator.eq, "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip


def test(term: Term, scene: Scene) -> Test:
    """What tells whether a node of the scene is meant by the term."""
    field = fields.named(term.field)
    op = "=" if term.op == "!=" else term.op
    plain = [value for value in term.values if not empties(field, value)]
    tests = [
        _filled(field, scene, wanted=EMPTY[value.text.lower()])
        for value in term.values
        if value not in plain
    ]
    if plain:
        tests.append(_TESTS[field.kind](field, op, plain, scene))
    found = either(tests)
    return (lambda node: not found(node)) if term.op == "!=" else found


def either(tests: Sequence[Test]) -> Test:
    """Passed by what passes one of *tests*."""
    if len(tests) == 1:
        return tests[0]
    return lambda node: any(one(node) for one in tests)


def _filled(field: Field, scene: Scene, *, wanted: bool) -> Test:
    read = field.read
    return lambda node: fields.there(read(node, scene)) is wanted


def _status(_field: Field, _op: str, values: Sequence[Value], _scene: Scene) -> Test:
    wanted = frozenset(status_of(value.text) for value in values)
    return lambda node: node.status in wanted


def _priority(_field: Field, op: str, values: Sequence[Value], _scene: Scene) -> Test:
    wanted = [PRIORITIES.index(priority_of(value.text)) for value in values]
    passing = frozenset(
        word
        for place, word in enumerate(PRIORITIES)
        if any(_COMPARE[op](place, one) for one in wanted)
    )
    return lambda node: node.task.priority in passing


def _names(field: Field, _op: str, values: Sequence[Value], scene: Scene) -> Test:
    """The very word, whatever its case and accents; in a list, one of its words."""
    wanted = frozenset(folded(value.text) for value in values)
    read = field.read

    def passes(node: Node) -> bool:
        content = read(node, scene)
        words = (content,) if isinstance(content, str) else content
        return any(folded(word) in wanted for word in words)  # type: ignore[attr-defined]

    return passes


def _text(field: Field, op: str, values: Sequence[Value], scene: Scene) -> Test:
    """With ``:`` the words are somewhere in the text, with ``=`` they are the whole text."""
    wanted = [folded(spaced(value.text)) for value in values]
    read = field.read

    def passes(node: Node) -> bool:
        text = folded(spaced(str(read(node, scene))))
        return text in wanted if op == "=" else any(word in text for word in wanted)

    return passes


def _whole(_field: Field, op: str, values: Sequence[Value], scene: Scene) -> Test:
    """Found anywhere in the node's words, which are folded once for all terms of a query."""
    wanted = [folded(spaced(value.text)) for value in values]

    def passes(node: Node) -> bool:
        text = scene.once(node, _whole_folded)
        return text in wanted if op == "=" else any(word in text for word in wanted)

    return passes


def _whole_folded(node: Node) -> str:
    return folded(spaced(fields.whole_text(node)))


def _dates(field: Field, op: str, values: Sequence[Value], scene: Scene) -> Test:
    texts = [value.text.lower() for value in values]
    read = field.read
    tests: list[Test] = [_overdue(scene)] if "overdue" in texts else []
    for text in texts:
        if text != "overdue":
            compare = spans.comparer(text, scene.today, _COMPARE[op], ago=field.kind == "ago")
            tests.append(lambda node, compare=compare: compare(str(read(node, scene))))  # type: ignore[misc]
    return either(tests)


def _numbers(field: Field, op: str, values: Sequence[Value], scene: Scene) -> Test:
    wanted = [float(value.text) for value in values]
    compare, read = _COMPARE[op], field.read

    def passes(node: Node) -> bool:
        content = read(node, scene)
        return content is not None and any(compare(content, one) for one in wanted)

    return passes


def _ids(field: Field, _op: str, values: Sequence[Value], scene: Scene) -> Test:
    wanted: set[str] = set()
    ranges: list[tuple[str, range]] = []
    for value in values:
        span = ids.interval(value.text)
        wanted.add(ids.normal(value.text.removeprefix("#")))
        ranges += [span] if span else []
    read = field.read

    def passes(node: Node) -> bool:
        found: Iterable[str] = read(node, scene)  # type: ignore[assignment]
        return any(one in wanted or any(ids.inside(one, span) for span in ranges) for one in found)

    return passes


def _key(field: Field, op: str, values: Sequence[Value], scene: Scene) -> Test:
    compares = [_loosely(op, value.text) for value in values]
    read = field.read

    def passes(node: Node) -> bool:
        content = read(node, scene)
        items = content if isinstance(content, list) else (content,)
        return any(compare(item) for item in items for compare in compares)

    return passes


def _loosely(op: str, text: str) -> Callable[[object], bool]:
    """A comparison with a value of any kind: as numbers where both are, as words otherwise."""
    compare, number, word = _COMPARE[op], number_of(text), folded(text)

    def passes(item: object) -> bool:
        if isinstance(item, bool):
            return op in EQUALS and str(item).lower() == word
        if isinstance(item, int | float):
            return number is not None and compare(item, number)
        return isinstance(item, str) and compare(folded(item), word)

    return passes


def _is(_field: Field, _op: str, values: Sequence[Value], scene: Scene) -> Test:
    return either([_STATES[value.text.lower()](scene) for value in values])


def _has(_field: Field, _op: str, values: Sequence[Value], scene: Scene) -> Test:
    return either([_filled(fields.named(value.text), scene, wanted=True) for value in values])


def _overdue(scene: Scene) -> Test:
    late = spans.comparer("today", scene.today, operator.lt, ago=False)
    return lambda node: bool(node.task.due) and not node.task.complete and late(node.task.due)


def _ready(scene: Scene) -> Test:
    return lambda node: schedule.ready(node, scene.nodes, scene.today)


def _blocked(scene: Scene) -> Test:
    """Open, and marked as blocked, or waiting for something, or part of a task that waits."""
    needs = scene.needs()
    return lambda node: (
        not node.task.complete
        and (
            node.status == "blocked"
            or node.id in needs
            or (node.parent != "" and node.parent in needs)
        )
    )


def _blocking(scene: Scene) -> Test:
    waiters = scene.waiters()
    return lambda node: node.id in waiters


_STATES: dict[str, Callable[[Scene], Test]] = {
    "ready": _ready,
    "blocked": _blocked,
    "blocking": _blocking,
    "overdue": _overdue,
    "open": lambda _scene: lambda node: not node.task.complete,
    "complete": lambda _scene: lambda node: node.task.complete,
    "task": lambda _scene: lambda node: not node.parent,
    "subtask": lambda _scene: lambda node: bool(node.parent),
}
_TESTS: dict[str, Making] = {
    "status": _status, "priority": _priority, "names": _names, "text": _text, "whole": _whole,
    "ahead": _dates, "ago": _dates, "number": _numbers, "ids": _ids, "key": _key, "is": _is,
    "has": _has,
}  # fmt: skip
