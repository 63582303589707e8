"""Texts in the languages that the description of the API names; loaded by schemathesis."""

from __future__ import annotations

import schemathesis
from hypothesis import strategies

from taskmaster.server.cursors import cursor_after

QUERIES = (
    "", "status:pending", "priority:high or ready", '-label:"a b"', "title:Task (id:1 or id:2)"
)  # fmt: skip

schemathesis.openapi.format("tamp-query", strategies.sampled_from(QUERIES))
schemathesis.openapi.format(
    "cursor", strategies.sampled_from(["", *(cursor_after(one, str(one)) for one in (1, 2, 3))])
)
