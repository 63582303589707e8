"""Which part of a list is asked for."""

from __future__ import annotations

import msgspec

from taskmaster.server.forms import MOST, ListQuery
from taskmaster.server.request import Faulty

PAGE = 20
"""Entries of a page whose size nobody names."""


def page_size(first: int) -> int:
    """Raises Faulty for more than a page may hold, or less."""
    if not 1 <= first <= MOST:
        raise Faulty(f"first is {first}; a page has 1 to {MOST} entries", "first", code="bad-query")
    return first


def checked_offset(offset: int) -> int:
    """Raises Faulty."""
    return msgspec.convert({"offset": offset}, ListQuery).offset
