"""Where a client finds its server and what it shows there: arguments, environment, project."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import quote, urlsplit

from taskmaster.client.exceptions import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "/api/v1"
LOCAL = "http://127.0.0.1:3000"
TOKEN = Path(".taskmaster", "token")
"""Where a server on this machine keeps the token of the project's own developer."""


class Naming(TypedDict, total=False):
    """``api_key`` is another word for the token. ``project`` is one of several that the server
    holds, ``tag`` what methods use that are given none, ``session`` a name under which the server
    can tell this run of a program apart. ``total_timeout``: seconds for all attempts together.
    """

    api_key: str | None
    project: str
    tag: str
    session: str
    total_timeout: float


class Options(Naming, total=False):
    """What a client may be told beside the address and the token.

    In seconds ``timeout`` for one answer, ``retry_backoff`` before the second attempt.
    """

    timeout: float
    max_retries: int
    retry_backoff: float


@dataclass(frozen=True, slots=True)
class Settings:
    """``root`` is the address of the server without ``/api/v1``."""

    root: str
    token: str = field(default="", repr=False)
    project: str = ""
    tag: str = ""
    session: str = ""
    timeout: float = 30.0
    total_timeout: float = 120.0
    max_retries: int = 3
    retry_backoff: float = 1.0

    @property
    def api(self) -> str:
        """Where the paths of the API begin."""
        name = f"/projects/{quote(self.project, safe='')}" if self.project else ""
        return self.root + API + name

    @property
    def local(self) -> bool:
        return _is_loopback(self.root)


def settings_of(url: str, token: str | None, options: Options) -> Settings:
    """What holds for a client. Raises ValidationError for an address that is none.

    Without a token, ``TAMP_TOKEN`` counts, and for a server on this machine the token of the
    project that we are in; without an address, ``TAMP_URL``.
    """
    more = dict(options)
    key = more.pop("api_key", None)
    root, project = _parted((url or os.environ.get("TAMP_URL") or LOCAL).rstrip("/"))
    found = token or key or os.environ.get("TAMP_TOKEN", "")
    if not found and _is_loopback(root):
        found = _kept(os.environ)
    settings = Settings(root, str(found).strip(), **{"project": project, **more})  # type: ignore[arg-type]  # Options says so
    if not settings.token.isascii() or not settings.token.isprintable():
        raise ValidationError("the token has characters that no token has", field="token")
    return settings


def _parted(url: str) -> tuple[str, str]:
    """The address of the server and the name of the project, where the path ends with one."""
    if not _is_address(url):
        raise ValidationError(
            f"{url!r} is no address of a server",
            hint="for example http://127.0.0.1:3000",
            field="url",
        )
    root, found, project = url.partition(API)
    if found and project and not project.startswith("/projects/"):
        raise ValidationError(f"{url!r} goes on after {API}", hint=root + API, field="url")
    return root, project.removeprefix("/projects/")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_loopback(root: str) -> bool:
    host = urlsplit(root).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _kept(environ: Mapping[str, str]) -> str:
    """The token in the nearest project upwards, ``""`` where there is none."""
    here = Path(environ.get("TAMP_PROJECT") or ".").expanduser().resolve()
    for folder in (here, *here.parents):
        try:
            return (folder / TOKEN).read_text("ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise ValidationError(
                f"the token in {folder / TOKEN} cannot be read: {error}",
                hint="give a token, or set TAMP_TOKEN",
                field="token",
            ) from error
    return ""
