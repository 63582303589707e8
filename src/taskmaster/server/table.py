"""All endpoints, in the order in which they are shown."""

from __future__ import annotations

from taskmaster.server.endpoints import (
    batch,
    changes,
    documents,
    edges,
    exchange,
    finding,
    graphql,
    keys,
    operations,
    past,
    planning,
    projects,
    remarks,
    tags,
    tasks,
    work,
)

GROUPS = (
    tasks.GROUP, work.GROUP, remarks.GROUP, edges.GROUP, batch.GROUP, tags.GROUP, finding.GROUP,
    past.GROUP, planning.GROUP, exchange.GROUP, changes.GROUP, projects.GROUP,
    keys.GROUP, graphql.GROUP, operations.GROUP, documents.GROUP,
)  # fmt: skip
ENDPOINTS = tuple(endpoint for group in GROUPS for endpoint in group.endpoints)
