"""Secrets that a server needs: from the environment, a file or a command, never from an option.

For a secret called NAME these are the variables NAME, NAME_FILE and NAME_COMMAND. No message here
quotes a secret, or what a command printed.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from taskmaster.errors import Forbidden, Invalid, Unavailable, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORTEST = 32
"""Bytes below which a secret can be guessed from a token that was signed with it."""

PATIENCE = 10.0
"""Seconds that a command may take."""

_LONGEST = 65_536
_FEWEST_SIGNS = 8
# From documentation, examples and other programs' defaults, folded; the shorter ones also repeated.
_WELL_KNOWN = frozenset(
    (
        "changeme",
        "dev-secret-key",
        "jwt-secret",
        "jwtsecret",
        "password",
        "secret",
        "secret-key",
        "supabase",
        "test",
        "your-secret-key",
        "your-256-bit-secret",
        "a-string-secret-at-least-256-bits-long",
        "super-secret-jwt-token-with-at-least-32-characters-long",
        "your-super-secret-jwt-token-with-at-least-32-characters-long",
        "your-super-secret-and-long-postgres-password",
    )
)


def secret(environ: Mapping[str, str], *names: str) -> str:
    """The secret called by the first of *names* that the environment says anything about.

    ``""`` where it says nothing. Raises Usage when it says it twice, NotFound, Forbidden for a
    file that others may read, Invalid for an empty one, Unavailable for a command that fails.
    """
    for name in names:
        asked = {end: environ[name + end] for end in _FROM if environ.get(name + end)}
        if len(asked) > 1:
            raise Usage(
                f"{' and '.join(name + end for end in asked)} are both set",
                hint="leave one of them: a secret has one place",
                code="two-secrets",
            )
        for end, value in asked.items():
            return _FROM[end](name + end, value)
    return ""


def check_strength(what: str, value: str) -> None:
    """Raise Invalid where anybody can guess the secret that tokens are signed with."""
    folded = value.strip().lower()
    short = len(value.encode()) < SHORTEST
    known = any(folded.replace(one, "").strip("-_ !.0123456789") == "" for one in _WELL_KNOWN)
    if short or known or len(set(value)) < _FEWEST_SIGNS:
        why = "is shorter than 32 bytes" if short else "is one that is easily guessed"
        raise Invalid(
            f"{what} {why}, so anybody could sign tokens with it",
            hint="make one with `openssl rand -base64 48`, for whoever issues the tokens too",
            code="weak-secret",
        )


def _given(_name: str, value: str) -> str:
    return value


def _in_file(name: str, path: str) -> str:
    try:
        found = read_private(path)
    except OSError as error:
        raise Unavailable(
            f"{name} names {path}, which cannot be read: {error.strerror}",
            hint="say where the secret is, and let this user read it",
            code="no-secret",
        ) from error
    return _whole(name, found)


def read_private(path: str, how: int = 0) -> bytes:
    """The content of a file that only its owner may read, opened with the flags *how* as well.

    Raises Forbidden for any other, and OSError.
    """
    for flag in ("O_CLOEXEC", "O_NONBLOCK", "O_BINARY"):
        how |= getattr(os, flag, 0)
    handle = os.open(path, os.O_RDONLY | how)
    try:
        _check_private(path, os.fstat(handle))
        return os.read(handle, _LONGEST)
    finally:
        os.close(handle)


def _check_private(path: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise Forbidden(f"{path} is no file", hint="name a file", code="not-private")
    if os.name != "nt" and found.st_mode & 0o077:
        raise Forbidden(
            f"others than its owner may read or change {path}, which holds a secret",
            hint=f"chmod 600 {path}",
            code="not-private",
        )


def _printed(name: str, command: str) -> str:
    """What the command prints; there is no shell, so nothing is expanded."""
    import shlex
    import subprocess

    try:
        ran = subprocess.run(  # noqa: S603  # whoever starts the server says what it runs
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise _failed(name, error) from None
    return _whole(name, ran.stdout[:_LONGEST])


def _failed(name: str, error: Exception) -> Unavailable:
    """Why there is no secret; the error itself may quote what the command was told."""
    import subprocess

    why = "cannot be started"
    if isinstance(error, subprocess.TimeoutExpired):
        why = f"took longer than {PATIENCE:g} s"
    elif isinstance(error, subprocess.CalledProcessError):
        why = f"ended with {error.returncode}"
    return Unavailable(
        f"the command in {name} {why}",
        hint="run it by hand: it has to print the secret, and ask nothing",
        code="no-secret",
    )


def _whole(name: str, data: bytes) -> str:
    """The secret without the end of its line."""
    try:
        found = data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        found = ""
    if not found:
        raise Invalid(
            f"{name} leads to no secret: there is nothing, or no text",
            hint="it has to be one line of text",
            code="no-secret",
        )
    return found


_FROM = {"": _given, "_FILE": _in_file, "_COMMAND": _printed}
