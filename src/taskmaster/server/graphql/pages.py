"""Which part of a list is asked for; the forms of REST say what may be asked."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlencode

from taskmaster.server.endpoint import Query
from taskmaster.server.forms import MOST, ListQuery
from taskmaster.server.request import Faulty, asked

Q = TypeVar("Q", bound=Query)
PAGE = 20
"""Entries of a page whose size nobody names."""


def page_size(first: int) -> int:
    """Raises Faulty for more than a page may hold, or less."""
    if not 1 <= first <= MOST:
        raise Faulty(f"first is {first}; a page has 1 to {MOST} entries", "first", code="bad-query")
    return first


def checked_offset(offset: int) -> int:
    """Raises Faulty."""
    return filled(ListQuery, offset=offset).offset


def filled(form: type[Q], **words: object) -> Q:
    """The form with the words that are given. Raises Faulty."""
    given = {key: str(word).lower() if isinstance(word, bool) else word
             for key, word in words.items() if word not in (None, "")}  # fmt: skip
    return asked(urlencode(given).encode(), form)
