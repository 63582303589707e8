"""The operations that a batch may hold, as data: which keys each takes, and what a key takes.

``docs/reference/batch.md`` describes them for readers; a test compares.
"""

from __future__ import annotations

import json
import re
from collections import namedtuple

from taskmaster.errors import Invalid, TampError, Usage
from taskmaster.usecases.remarks import KINDS
from taskmaster.usecases.status import known_status
from taskmaster.usecases.tasks import checked_date, checked_estimate, checked_priority

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    Check = Callable[[object], object]

    class Operation(NamedTuple):
        """One operation whose keys are known and whose values have the right form."""

        op: str
        keys: Mapping[str, object]

    class Form(NamedTuple):
        """What an operation must have and may have: keys, each with what its value must be."""

        needs: tuple[str, ...]
        takes: Mapping[str, str]

else:
    Operation = namedtuple("Operation", "op keys")
    Form = namedtuple("Form", "needs takes")

NAME = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
OPTIONAL = frozenset(
    ("dueDate", "deferUntil", "repeat", "effort", "assignee", "labels", "acceptanceCriteria",
     "metadata")
)  # fmt: skip
"""Fields that an edit takes away where their value is null."""
_STEP_FIELDS = {
    "title": "text", "description": "text", "details": "text", "testStrategy": "text",
    "status": "status", "priority": "priority", "dependencies": "ids", "dueDate": "date",
    "deferUntil": "text", "effort": "effort", "assignee": "text", "labels": "words",
    "acceptanceCriteria": "words", "metadata": "metadata", "set": "object",
}  # fmt: skip
FIELDS = {**_STEP_FIELDS, "repeat": "text"}
OPERATIONS = {
    "add": Form(("title",), {**FIELDS, "as": "name"}),
    "add-subtask": Form(
        ("parent", "title"), {"parent": "ids", **_STEP_FIELDS, "as": "name"}
    ),
    "edit": Form(
        ("id",),
        {"id": "ids", **FIELDS, "note": "text", "replace": "replace", "addLabels": "words",
         "removeLabels": "words", "unset": "unset", "ifRevision": "text"},
    ),
    "status": Form(("id", "status"), {"id": "ids", "status": "status", "withSubtasks": "flag"}),
    "note": Form(("id", "text"), {"id": "ids", "text": "text"}),
    "remove": Form(("id",), {"id": "ids"}),
    "add-dependency": Form(("id", "dependsOn"), {"id": "ids", "dependsOn": "ids"}),
    "remove-dependency": Form(("id", "dependsOn"), {"id": "ids", "dependsOn": "ids"}),
    "defer": Form(("id", "until"), {"id": "ids", "until": "day"}),
    "comment": Form(("id", "text"), {"id": "ids", "text": "text"}),
    "link": Form(("id", "kind", "target"), {"id": "ids", "kind": "kind", "target": "text"}),
}  # fmt: skip
_OWN = frozenset({"id", "subtasks", "comments", "links", "dependsOn", *FIELDS})


def of_text(text: str) -> list[object]:
    """The operations in a JSON list, in an object with the list ``operations``, or in JSON Lines.

    Raises Invalid, naming line and column, for text that is none of these.
    """
    try:
        found = _parsed(text)
    except ValueError as error:
        if text.lstrip().startswith("["):
            raise Invalid(f"the batch is not JSON: {error}", code="not-json", hint=_HINT) from None
        return [_of_line(number, line) for number, line in enumerate(text.split("\n"), 1)
                if line.strip()]  # fmt: skip
    if isinstance(found, dict) and isinstance(found.get("operations"), list):
        found = found["operations"]
    return found if isinstance(found, list) else [found]


_HINT = "write a JSON list of operations, or one operation a line; see `tamp apply --help`"


def _parsed(text: str) -> object:
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is no JSON value")


def _of_line(number: int, line: str) -> object:
    try:
        return _parsed(line)
    except ValueError as error:
        raise Invalid(
            f"line {number} of the batch is not JSON: {error}", code="not-json", hint=_HINT
        ) from None


def checked(raw: Sequence[object]) -> list[Operation]:
    """The operations, their values in the form that use cases take.

    Raises Usage when there is none, and Invalid for those of a wrong form; ``details`` names each
    fault by ``index`` (from 0) and ``key``.
    """
    if not raw:
        raise Usage("the batch holds no operation", hint=_HINT)
    found: list[Operation] = []
    faults: list[dict[str, object]] = []
    for index, one in enumerate(raw):
        keys: dict[str, object] = {}
        own = list(_faults(one, keys))
        faults += [{"index": index, "key": key, "message": words} for key, words in own]
        if not own and isinstance(one, dict):
            found.append(Operation(one["op"], keys))
    if faults:
        raise _refusal(faults)
    return found


def _refusal(faults: Sequence[Mapping[str, object]]) -> Invalid:
    first = faults[0]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return Invalid(
        f"operation {first['index']}: {first['message']}{more}; nothing was changed",
        hint="operations are counted from 0; `tamp apply --help` shows their forms",
        code="bad-operation",
        details={"index": first["index"], "key": first["key"], "faults": list(faults)},
    )


def _faults(one: object, keys: dict[str, object]) -> Iterator[tuple[str, str]]:
    """What is wrong with the form of an operation, as (key, sentence); fills *keys*."""
    if not isinstance(one, dict):
        yield "", 'an operation is an object such as {"op": "note", "id": "5", …}'
        return
    op = one.get("op")
    form = OPERATIONS.get(op) if isinstance(op, str) else None
    if form is None:
        known = ", ".join(OPERATIONS)
        yield "op", f"{op!r} is no operation; there are {known}" if op else f"it lacks op: {known}"
        return
    yield from ((key, f"{op} needs {key}") for key in form.needs if key not in one)
    for key, value in one.items():
        if key == "op":
            continue
        if key not in form.takes:
            yield key, f"{op} takes no {key}{_near(key, form)}"
        elif value is None and op == "edit" and key in OPTIONAL:
            keys[key] = None
        else:
            yield from _put(keys, key, value, form.takes[key])


def _near(key: str, form: Form) -> str:
    import difflib

    near = difflib.get_close_matches(key, form.takes, 1)
    return f" (did you mean {near[0]}?)" if near else f"; it takes {', '.join(form.takes)}"


def _put(keys: dict[str, object], key: str, value: object, kind: str) -> Iterator[tuple[str, str]]:
    try:
        keys[key] = _CHECKS[kind](value)
    except TampError as error:
        yield key, f"{key}: {error.message}"


def _wrong(value: object, expected: str) -> Invalid:
    return Invalid(f"{json.dumps(value, ensure_ascii=False)} is not {expected}")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(value, "text")
    return value


def _day(value: object) -> str:
    return "" if value is None else _text(value)


def _ids(value: object) -> str:
    """Ids as text: one, a list, or a text of several."""
    single = [value] if isinstance(value, str | int) and not isinstance(value, bool) else value
    if not isinstance(single, list) or not all(
        isinstance(one, str | int) and not isinstance(one, bool) for one in single
    ):
        raise _wrong(value, "an id, or a list of ids")
    return ",".join(str(one) for one in single)


def _words(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _wrong(value, "a list of texts")
    return value


def _unset(value: object) -> list[str]:
    kept = [one for one in _words(value) if one in _OWN - OPTIONAL]
    if kept:
        raise Invalid(f"{kept[0]} cannot be taken away; give it another value")
    return _words(value)


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _wrong(value, "an object")
    taken = sorted(_OWN & value.keys())
    if taken:
        raise Invalid(f"{taken[0]} cannot be set this way; it has a key or an operation of its own")
    return value


def _metadata(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _wrong(value, "an object")
    return value


def _replace(value: object) -> tuple[str, str, str]:
    keys = ("field", "old", "new")
    if not isinstance(value, dict) or set(value) != set(keys):
        raise _wrong(value, "an object with field, old and new")
    field, old, new = (_text(value[key]) for key in keys)
    return field, old, new


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(value, "true or false")
    return value


def _effort(value: object) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int | float)
        or (not isinstance(value, str) and value < 0)
    ):
        raise _wrong(value, "a number of hours, or text such as 90m, 3h, 2d, 1w")
    return checked_estimate(value) if isinstance(value, str) else value


def _name(value: object) -> str:
    if not NAME.fullmatch(_text(value)):
        raise _wrong(value, "a name such as $parser")
    return _text(value)


def _kind(value: object) -> str:
    if value not in KINDS:
        raise _wrong(value, f"a kind of link: {', '.join(KINDS)}")
    return str(value)


_CHECKS: Mapping[str, Check] = {
    "text": _text, "ids": _ids, "words": _words, "unset": _unset, "object": _object,
    "metadata": _metadata, "replace": _replace, "flag": _flag, "effort": _effort, "name": _name,
    "kind": _kind, "day": _day,
    "status": lambda value: known_status(_text(value)),
    "priority": lambda value: checked_priority(_text(value)),
    "date": lambda value: checked_date(_text(value)),
}  # fmt: skip
