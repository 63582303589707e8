"""Who calls, and what there is to call for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from taskmaster.domain.keys import LOCAL
from taskmaster.server.endpoint import Group, Query
from taskmaster.server.shapes import Shape

if TYPE_CHECKING:
    from taskmaster.server.call import Call

GROUP = Group("projects")


class ProjectEntry(Shape):
    """``path`` is where its own endpoints are; ``current`` whether this answer is from there."""

    name: str
    path: str
    current: bool


class Projects(Shape):
    projects: list[ProjectEntry]


@GROUP.get("/projects", Projects, query=Query, kept=False)
def list_projects(call: Call) -> object:
    """List the projects that the caller may see: with a key, the one that it belongs to."""
    local = call.principal.id == LOCAL
    names = [name for name, served in call.house.projects.items()
             if local or served is call.served]  # fmt: skip
    shown = [
        {
            "name": name,
            "path": f"/api/v1/projects/{quote(name, safe='')}",
            "current": call.house.projects[name] is call.served,
        }
        for name in names
    ]
    return {"projects": shown}


class Me(Shape):
    """``id`` is ``key:ID``, ``sub:SUBJECT`` or ``local``; ``notice`` says what to do soon about
    the key.
    """

    id: str
    name: str
    kind: str
    role: str
    permissions: list[str]
    tier: str
    notice: str
    project: str


@GROUP.get("/me", Me, query=Query, kept=False)
def show_caller(call: Call) -> object:
    """Tell whom the server takes the caller for, and what that one may do."""
    caller = call.principal
    return {
        "id": caller.id,
        "name": caller.name,
        "kind": caller.kind,
        "role": caller.role,
        "permissions": sorted(caller.permissions),
        "tier": caller.tier,
        "notice": caller.notice,
        "project": call.served.name,
    }
