"""All endpoints, in the order in which they are shown."""

from __future__ import annotations

from taskmaster.server.endpoints import documents, edges, finding, past, streams, tasks, work

GROUPS = (
    tasks.GROUP, work.GROUP, edges.GROUP, finding.GROUP, past.GROUP, streams.GROUP,
    documents.GROUP,
)  # fmt: skip
ENDPOINTS = tuple(endpoint for group in GROUPS for endpoint in group.endpoints)
