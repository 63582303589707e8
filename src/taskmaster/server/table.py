"""All endpoints, in the order in which they are shown."""

from __future__ import annotations

from taskmaster.server.endpoints import documents, streams, tasks

GROUPS = (tasks.GROUP, streams.GROUP, documents.GROUP)
ENDPOINTS = tuple(endpoint for group in GROUPS for endpoint in group.endpoints)
