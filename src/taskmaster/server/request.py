"""A request as it comes in: its head at once, its body when it is asked for."""

from __future__ import annotations

import itertools
import os
import re
import time
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from taskmaster.errors import Invalid, TampError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskmaster.domain.keys import Principal
    from taskmaster.server.endpoint import Body, Query
    from taskmaster.server.limits import Allowance
    from taskmaster.server.routes import Route

    Scope = Mapping[str, Any]

B = TypeVar("B", bound="Body")
Q = TypeVar("Q", bound="Query")
DEPTH = 64
"""How deep objects and lists may be nested in a body."""
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_MARK = os.urandom(5).hex()
_NUMBERS = itertools.count(1)
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])', re.DOTALL)
_FLOAT = "got `float`"
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")


class Faulty(Invalid):
    """What was sent is not of the form that is asked for; ``field`` is the part at fault."""

    def __init__(self, message: str, field: str = "", hint: str = "", code: str = "") -> None:
        super().__init__(message, hint=hint, code=code)
        self.field = field


class TooLarge(TampError):
    code = "too-large"


class Request:
    """The head of a request; of a header that is repeated, the last one counts.

    What is found out about it on its way, it carries with it. ``began`` is when it was there, its
    body included.
    """

    __slots__ = (
        "allowance", "began", "headers", "id", "method", "path", "principal", "query", "route",
        "scope", "taken_on",
    )  # fmt: skip

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.began = time.perf_counter()
        self.method: str = scope["method"]
        self.path: bytes = scope["raw_path"]
        self.query: bytes = scope["query_string"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.id = _id_of(self.headers.get(b"x-request-id"))
        self.route: Route | None = None
        self.principal: Principal | None = None
        self.allowance: Allowance | None = None
        self.taken_on = ""


def _id_of(given: bytes | None) -> str:
    if given is not None and _ID.fullmatch(given):
        return given.decode()
    return f"req-{_MARK}-{next(_NUMBERS)}"


def asked(raw: bytes, form: type[Q]) -> Q:
    """What stands after the ``?``, checked. Raises Faulty."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict",
                          max_num_fields=100)  # fmt: skip
    except (UnicodeDecodeError, ValueError) as error:
        raise Faulty(f"what stands after the ? cannot be read: {error}", code="bad-query") from None
    given = dict(pairs)
    if len(given) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Faulty(f"{twice} is given more than once", twice, code="bad-query")
    try:
        return msgspec.convert(given, form, strict=False)
    except msgspec.ValidationError as error:
        raise _explained(error, form, "bad-query") from None


def carried(raw: bytes, kind: bytes, form: type[B]) -> B:
    """What the body says, checked. Raises Faulty, and another error for what is not JSON."""
    if kind.partition(b";")[0].strip().lower() not in (b"application/json", b""):
        raise _foreign(kind)
    if not raw:
        raw = b"{}"
    if _deep(raw):
        raise Faulty(f"the body is nested more than {DEPTH} deep", code="too-deep")
    try:
        try:
            return msgspec.json.decode(raw, type=form)
        except msgspec.ValidationError as error:
            if _FLOAT not in str(error):
                raise
            # To JSON, 5.0 is a whole number as well.
            return msgspec.convert(_whole(msgspec.json.decode(raw)), form)
    except msgspec.ValidationError as error:
        raise _explained(error, form, "invalid") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Faulty(f"the body is not JSON: {error}", code="not-json") from None


def _whole(value: object) -> object:
    """The same with integers for numbers that are written as fractions and are none."""
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _deep(raw: bytes) -> bool:
    depth = 0
    if raw.count(b"[") + raw.count(b"{") <= DEPTH:
        return False
    for match in _BRACKETS.finditer(raw):
        depth += bool(match[1]) - bool(match[2])
        if depth > DEPTH:
            return True
    return False


def _foreign(kind: bytes) -> TampError:
    return TampError(
        f"a body of type {kind.decode('latin-1')[:100]} is not understood",
        hint="send JSON with Content-Type: application/json",
        code="unsupported-media-type",
    )


def _explained(error: msgspec.ValidationError, form: type, code: str) -> Faulty:
    text = str(error)
    place = _PLACE.search(text)
    field = place[1] if place else ""
    message = text[: place.start()] if place else text
    unknown = re.search(r"unknown field `([^`]*)`", message)
    missing = re.search(r"missing required field `([^`]*)`", message)
    if unknown or missing:
        name = (unknown or missing)[1]  # type: ignore[index]
        field = f"{field}.{name}".lstrip(".")
    hint = ""
    if unknown and not place and isinstance(form, type):
        known = ", ".join(one.encode_name for one in msgspec.structs.fields(form))
        hint = f"the fields are: {known}"
    shown = message[:1].lower() + message[1:]
    return Faulty(f"{field}: {shown}" if field else shown, field, hint, code)
