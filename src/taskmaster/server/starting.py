"""Starting a server: what must be so before anybody is let in, and what is said about it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from taskmaster import app, config
from taskmaster.domain import keys
from taskmaster.errors import Usage
from taskmaster.server import serving
from taskmaster.server.access import jwt, local
from taskmaster.server.settings import Settings
from taskmaster.usecases.keys import listed

if TYPE_CHECKING:
    from collections.abc import Mapping


def start(given: Mapping[str, Any]) -> None:
    """Serve as is asked. Raises Usage, Invalid and Forbidden where that would not be safe."""
    settings = Settings(**given)
    tokens = jwt.settings(os.environ)
    notes = []
    for name, folder in settings.projects.items():
        place = config.locate(os.environ, folder)
        if settings.local:
            notes += _own_token(place.home)
        elif tokens is None:
            _check_keys(name, place)
    listening = serving.bound(settings.host, settings.port)
    port = listening.getsockname()[1]
    scheme = "https" if settings.tls_cert else "http"
    where = f"{scheme}://{_named(settings.host)}:{port}"
    names = ", ".join(settings.projects)
    _say(f"serving {names} on {where}/api/v1; the API is described at {where}/docs", *notes)
    serving.serve(settings, listening)


def _own_token(home: str) -> list[str]:
    token, created = local.token(home)
    path = os.path.join(home, local.FILE)
    if created:
        return [f"the token for programs on this machine, kept in {path}:", token]
    return [f"the token for programs on this machine is in {path}"]


def _check_keys(name: str, place: config.Project) -> None:
    ws = app.workspace(place, os.environ)
    try:
        now = ws.clock()
        if not any(keys.state(one, now) == "active" for one in listed(ws)[0]):
            raise Usage(
                f"nobody could call {name} from other machines: it has no key",
                hint="`tamp keys create NAME --role=admin` makes one; or set TAMP_JWT_JWKS or"
                " TAMP_JWT_SECRET_FILE",
                code="no-keys",
            )
    finally:
        ws.close()


def _named(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _say(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr, flush=True)  # noqa: T201  # the command's own words
