"""Starting a server: what must be so before anybody is let in, and what is said about it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from taskmaster import app, config
from taskmaster.domain import keys
from taskmaster.errors import Usage
from taskmaster.server import serving
from taskmaster.server.access import jwt, local
from taskmaster.server.headers import Hosts, Origins, Proxies
from taskmaster.server.settings import Settings
from taskmaster.usecases.keys import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from taskmaster.workspace import Workspace

_BOUNDS = {
    "port": (0, 65_535),
    "workers": (1, 256),
    "pool": (1, 1_000),
    "grace": (0, 3_600),
    "largest": (1_000, 1_000_000_000),
}
_OPTIONS = {"largest": "max-body"}
"""Settings whose option is called otherwise."""


def start(
    given: Mapping[str, Any],
    tell: Callable[[Mapping[str, object], Sequence[str]], None],
    *,
    check: bool = False,
) -> Mapping[str, object]:
    """Serve as is asked until somebody asks the process to stop, and return the facts of it.

    *tell* gets the facts, and lines that say them, once the port is open. With *check* nothing is
    begun. Raises Usage for values that make no sense, Invalid and Forbidden for secrets that
    protect nothing, Unavailable for a port that is taken, and what keeps a project from being read.
    """
    settings = Settings(**given)
    _check(settings)
    if check:
        return _facts(settings, settings.port)
    notes = [] if settings.local else _notes_beyond(settings)
    if settings.local:
        for folder in settings.projects.values():
            notes += _own_token(config.locate(os.environ, folder).home)
    listening = serving.bound(settings.host, settings.port)
    facts = _facts(settings, listening.getsockname()[1])
    names, url = ", ".join(settings.projects), facts["url"]
    tell(facts, [f"serving {names} on {url}/api/v1; the API is described at {url}/docs", *notes])
    serving.serve(settings, listening)
    return facts


def _facts(settings: Settings, port: int) -> Mapping[str, object]:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"{'https' if settings.tls_cert else 'http'}://{host}:{port}"
    shown = {"projects": settings.projects, "workers": settings.workers}
    return {"success": True, "url": url, **shown}


def _check(settings: Settings) -> None:
    """Raise what is wrong with them, or with a project."""
    _check_numbers(settings)
    Hosts(settings.names)
    Origins(settings.origins)
    Proxies(settings.proxies, header=settings.proxy_header)
    _check_tls(settings.tls_cert, settings.tls_key)
    keyed = jwt.settings(os.environ) is None and not settings.local
    for name, folder in settings.projects.items():
        ws = app.workspace(config.locate(os.environ, folder), os.environ, tag=settings.tag)
        try:
            _check_project(name, ws, keyed=keyed)
        finally:
            ws.close()


def _check_numbers(settings: Settings) -> None:
    for name, (least, most) in _BOUNDS.items():
        value = getattr(settings, name)
        if not least <= value <= most:
            option = _OPTIONS.get(name, name)
            raise Usage(
                f"--{option}={value} is out of bounds",
                hint=f"give a number from {least} to {most}",
            )


def _check_tls(cert: str, key: str) -> None:
    """Raise Usage where these files make no https."""
    if key and not cert:
        raise Usage(
            "--tls-key is given without --tls-cert", hint="name the file of the certificate too"
        )
    for path in filter(None, (cert, key)):
        try:
            with open(path, "rb"):
                pass
        except OSError as error:
            raise Usage(
                f"{path} cannot be read: {error.strerror}",
                hint="name a file in PEM form that this user may read",
            ) from error
    if cert:
        _check_pair(cert, key)


def _check_pair(cert: str, key: str) -> None:
    import ssl

    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Without an answer prepared, somebody would be asked for the passphrase at every start.
        context.load_cert_chain(cert, key or None, password=str)
    except ssl.SSLError as error:
        why = (error.reason or "it is not in PEM form").replace("_", " ").lower()
        raise Usage(
            f"{' with '.join(filter(None, (cert, key)))} makes no https: {why}",
            hint="--tls-cert takes the certificate and those above it, --tls-key its key without"
            " a passphrase",
        ) from error


def _check_project(name: str, ws: Workspace, *, keyed: bool) -> None:
    """Raises NotFound for a tag that is not there, Usage for a project that nobody could call."""
    with ws.reading() as reader:
        reader.metadata(ws.tag)
    now = ws.clock()
    if keyed and not any(keys.state(one, now) == "active" for one in listed(ws)[0]):
        raise Usage(
            f"nobody could call {name}: it has no key",
            hint="`tamp keys create NAME --role=admin` makes one; or set TAMP_JWT_JWKS or"
            " TAMP_JWT_SECRET_FILE",
            code="no-keys",
        )


def _own_token(home: str) -> list[str]:
    token, created = local.token(home)
    path = os.path.join(home, local.FILE)
    if created:
        return [f"the token for programs on this machine, kept in {path}:", token]
    return [f"the token for programs on this machine is in {path}"]


def _notes_beyond(settings: Settings) -> list[str]:
    """What somebody should know who lets other machines in."""
    found = []
    if not settings.names:
        found.append("it answers to localhost alone; --allow-host=NAME says what others call it")
    if not settings.tls_cert and not settings.proxies:
        found.append("keys go over the network as they are; --tls-cert or a proxy hides them")
    return found
