"""The gate of a project, put together from what its store and the environment say."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from taskmaster import config
from taskmaster.server.access import jwt, local
from taskmaster.server.access.gate import Gate

if TYPE_CHECKING:
    from taskmaster.config import Project
    from taskmaster.workspace import Workspace


def gate(name: str, place: Project, ws: Workspace, *, alone: bool) -> Gate:
    """*alone*: only programs on this machine can call, so that the developer's own token counts.

    Raises Usage, Invalid and Forbidden for secrets that cannot be used.
    """
    given = jwt.settings(os.environ)
    own = None
    if alone:
        own = (local.token(place.home)[0], local.principal(config.actor(os.environ)))
    return Gate(
        ws.log.keyring().entries,
        project=name,
        local=own,
        tokens=_tokens(given) if given else None,
    )


@cache
def _tokens(given: jwt.Settings) -> jwt.Tokens:
    """One for all projects, so that the issuer's keys are fetched once."""
    return jwt.Tokens(given)
