"""All endpoints, in the order in which they are shown."""

from __future__ import annotations

from taskmaster.server.endpoints import (
    batch,
    documents,
    edges,
    finding,
    graphql,
    past,
    planning,
    projects,
    remarks,
    streams,
    tags,
    tasks,
    work,
)

GROUPS = (
    tasks.GROUP, work.GROUP, remarks.GROUP, edges.GROUP, batch.GROUP, tags.GROUP, finding.GROUP,
    past.GROUP, planning.GROUP, streams.GROUP, graphql.GROUP, projects.GROUP, documents.GROUP,
)  # fmt: skip
ENDPOINTS = tuple(endpoint for group in GROUPS for endpoint in group.endpoints)
