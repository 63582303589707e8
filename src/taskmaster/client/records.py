"""Documents of the server as objects: typed, with every key by attribute in either spelling."""

from __future__ import annotations

import copy
import re
import types
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self, Union, get_args, get_origin, get_type_hints

Value = Any
"""Whatever JSON can hold."""
Json = dict[str, Value]
_KNOWN: dict[type, Mapping[str, Value]] = {}
_HUMPS = re.compile(r"(?<!^)(?=[A-Z])")


def camel(name: str) -> str:
    """``created_at`` as documents spell it: ``createdAt``."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def snake(name: str) -> str:
    return _HUMPS.sub("_", name).lower()


def plain(value: object) -> Value:
    """A value as JSON has it: enumerations as words, days and moments as text."""
    if isinstance(value, Record):
        return plain(value.raw)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Sequence | set | frozenset):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


class Word(StrEnum):
    """A word of a few; one that a newer server has invented is a member, too, once it is used."""

    @classmethod
    def usual(cls) -> Self:
        """The word that holds where none is given."""
        return next(iter(cls))

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_, member._value_ = value.upper().replace("-", "_"), value
        return member


class Record:
    """A document. The annotations of a class say which keys are known, and of which types.

    ``raw`` is the document itself, with every key that the server sent; a record inside another one
    is a part of its document. Keys are attributes (``created_at``, ``createdAt``) and items
    (``["createdAt"]``), which are as in ``raw``. A known key that is not there is empty.
    """

    raw: Json

    @classmethod
    def of(cls, document: Json) -> Self:
        """The record that this document is; changing the one changes the other."""
        made = cls.__new__(cls)
        made.__dict__["raw"] = document
        return made

    def __getattr__(self, name: str) -> Value:
        own, raw = snake(name), self.__dict__.get("raw", {})
        if own in known(type(self)):
            return _read(known(type(self))[own], raw.get(camel(own)))
        if own != name and hasattr(type(self), own):
            return getattr(self, own)
        for key in (name, camel(name)):
            if key in raw:
                return raw[key]
        message = f"this {type(self).__name__} has no {name}"
        raise AttributeError(message, name=name, obj=self)

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(type(self), snake(name)):
            object.__setattr__(self, snake(name), value)
        else:
            self.raw[name if name in self.raw else camel(name)] = plain(value)

    def __getitem__(self, key: str) -> Value:
        return self.raw[key if key in self.raw else camel(key)]

    def __contains__(self, key: str) -> bool:
        return key in self.raw or camel(key) in self.raw

    def get(self, key: str, default: Value = None) -> Value:
        return self.raw.get(key, self.raw.get(camel(key), default))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.raw == self.raw

    __hash__ = None  # type: ignore[assignment]  # its keys can be changed

    def __repr__(self) -> str:
        shown = [key for key in known(type(self)) if camel(key) in self.raw]
        pairs = ", ".join(f"{key}={self.raw[camel(key)]!r}" for key in shown[:3])
        return f"{type(self).__name__}({pairs}{', …' if len(shown) > 3 else ''})"

    def to_dict(self) -> Json:
        """A copy of the document."""
        return copy.deepcopy(self.raw)


def known(kind: type) -> Mapping[str, Value]:
    """The types of the keys that are known, by their names in Python."""
    if kind not in _KNOWN:
        hints = get_type_hints(kind).items()
        _KNOWN[kind] = {name: hint for name, hint in hints if name not in ("raw", "etag")}
    return _KNOWN[kind]


def _read(hint: Value, value: Value) -> Value:
    """A value of the document as the type that is promised."""
    origin: Value = get_origin(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _read(get_args(hint)[0], value)
    if value is None:
        return _empty(origin or hint)
    if origin is list:
        return [_read(get_args(hint)[0], one) for one in value]
    return _single(hint, value) if origin is None else value


def _single(kind: Value, value: Value) -> Value:
    if kind is Value:
        return value
    if issubclass(kind, Record):
        return kind.of(value)
    if issubclass(kind, datetime):
        return _moment(value)
    if issubclass(kind, date):
        return None if (moment := _moment(value)) is None else moment.date()
    return kind(value) if issubclass(kind, str) else value


def _empty(kind: Value) -> Value:
    """What stands for a key that is not there."""
    if kind is Value:
        return None
    return kind.usual() if issubclass(kind, Word) else kind()


def _moment(value: object) -> datetime | None:
    """A moment; None for what is none."""
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
