"""The token of the single developer, who starts a server for himself and configures nothing."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from taskmaster import config
from taskmaster.domain import keys
from taskmaster.domain.keys import Principal
from taskmaster.errors import Forbidden
from taskmaster.server.access.secrets import read_private
from taskmaster.stores.file import disk

if TYPE_CHECKING:
    from taskmaster.domain.changes import Actor

FILE = "token"
_TEXT = re.compile(r"tamp_local_[0-9A-Za-z]{43}")


def token(home: str) -> tuple[str, bool]:
    """The token that is kept in this folder, and whether it was made now, because none was there.

    Raises Forbidden for one that others may read, that is a link or that is no token, and what
    the disk refuses.
    """
    path = os.path.join(home, FILE)
    try:
        found, created = _kept(path), False
        if found is None:
            created = _made(home, path)
            found = _kept(path)
    except OSError as error:
        raise disk.explained(error) from error
    if found is None:
        raise _strange(path, "was taken away while it was made")
    return found, created


def principal(actor: Actor) -> Principal:
    """Who shows the local token: whoever has the project's folder may do everything."""
    may = keys.permissions("admin")
    return Principal(keys.LOCAL, actor.name, actor.kind, "admin", may, "local", actor.session)


def _made(home: str, path: str) -> bool:
    """Make the token, whole from the moment it is there; False when another process was first."""
    config.keep_out_of_git(home)
    fresh = f"{path}.{os.urandom(4).hex()}.new"
    secret = keys.secret_of(int.from_bytes(os.urandom(32)))
    try:
        disk.write(fresh, f"tamp_local_{secret}\n".encode(), mode=0o600)
        return disk.place(fresh, path)
    finally:
        disk.remove(fresh)


def _kept(path: str) -> str | None:
    """The token, None when there is none."""
    if os.path.islink(path):
        raise _strange(path, "is a link")
    try:
        found = read_private(path, getattr(os, "O_NOFOLLOW", 0)).decode(errors="replace").strip()
    except FileNotFoundError:
        return None
    if not _TEXT.fullmatch(found):
        raise _strange(path, "does not hold a token")
    return found


def _strange(path: str, what: str) -> Forbidden:
    return Forbidden(
        f"{path} {what}", hint="remove it, and the next start makes a new one", code="not-private"
    )
