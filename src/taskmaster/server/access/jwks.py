"""The public keys of whoever issues tokens, from an address or a file, by their ids."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from taskmaster.errors import Unavailable, Usage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from jwt import PyJWK

PATIENCE = 5.0
"""Seconds in which the keys must have come."""

FRESH, PAUSE, SHORT_PAUSE = 600.0, 60.0, 5.0
"""Seconds after which keys are asked for again: those that are known, those that were missing,
and all of them when there was no answer.
"""

_LONGEST = 1 << 20
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class KeySet:
    """Keys that were published at *source*, for these algorithms only.

    Keys that are known stay good while the source does not answer; *trouble* says what is wrong
    with it, for whoever runs the server. For many threads.
    """

    def __init__(self, source: str, algorithms: Collection[str]) -> None:
        check_source(source)
        self._source = source
        self._algorithms = algorithms
        self._keys: Mapping[str, PyJWK] = {}
        self._asked = float("-inf")
        self.trouble = ""
        self._asking = threading.Lock()

    def find(self, key_id: str, now: float) -> PyJWK | None:
        """The key with this id at *now*, in seconds since 1970; None when there is none.

        Raises Unavailable while no key at all is known.
        """
        key = self._keys.get(key_id)
        if self._is_due(key, now) and self._asking.acquire(blocking=key is None):
            try:
                if self._is_due(self._keys.get(key_id), now):
                    self._ask(now)
            finally:
                self._asking.release()
            key = self._keys.get(key_id)
        if not self._keys:
            raise Unavailable(
                "the keys that tokens are checked with cannot be had",
                hint="try again in a few seconds; the server asks for them again by itself",
                code="no-signing-keys",
            )
        return key

    def _is_due(self, key: PyJWK | None, now: float) -> bool:
        pause = FRESH if key else SHORT_PAUSE if self.trouble else PAUSE
        return not 0 <= now - self._asked < pause

    def _ask(self, now: float) -> None:
        try:
            self._keys = found = _usable(_content(self._source), self._algorithms)
        except (OSError, ValueError) as error:
            self.trouble = f"{self._source}: {error}"
        else:
            names = ", ".join(self._algorithms)
            self.trouble = "" if found else f"{self._source} holds no key for {names}"
        self._asked = now  # Last: until then others wait for the answer.


def check_source(source: str) -> None:
    """Raise Usage for an address over which anybody on the way could hand out keys of their own."""
    parts = urlsplit(source)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Usage(
            f"the keys at {parts.hostname} would come over plain http",
            hint="say https:// in TAMP_JWT_JWKS, or the path of a file",
            code="insecure-address",
        )


def _content(source: str) -> bytes:
    if urlsplit(source).scheme in ("http", "https"):
        return _fetched(source)
    with open(source, "rb") as file:
        return file.read(_LONGEST)


def _fetched(url: str) -> bytes:
    """What is at the address itself: nobody may send us elsewhere."""
    import urllib.request
    from http.client import HTTPException

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_told: object) -> None:
            return None

    opener = urllib.request.build_opener(Stay)
    end = time.monotonic() + PATIENCE
    found = b""
    try:
        with opener.open(url, timeout=PATIENCE) as answer:
            while piece := answer.read1(_LONGEST):
                found += piece
                if time.monotonic() > end or len(found) > _LONGEST:
                    raise ValueError("the answer takes too long, or is too long")
    except HTTPException as error:
        raise ValueError(f"no answer in HTTP ({type(error).__name__})") from error
    return found


def _usable(data: bytes, algorithms: Collection[str]) -> dict[str, PyJWK]:
    """The keys by id. Raises ValueError for what is no set of keys."""
    try:
        whole = json.loads(data)
    except RecursionError:
        whole = None
    listed = whole.get("keys") if isinstance(whole, dict) else None
    if not isinstance(listed, list):
        raise ValueError("this is no set of keys")  # noqa: TRY004  # text of somebody else
    found: dict[str, PyJWK] = {}
    for entry in listed:
        key = _key(entry) if _is_public(entry) else None
        if key is not None and key.algorithm_name in algorithms:
            found.setdefault(str(entry.get("kid", "")), key)
    return found


def _is_public(entry: Any) -> bool:  # noqa: ANN401  # JSON of somebody else
    """Whether this is a key to check signatures with, and not also one to make them with."""
    return (
        isinstance(entry, dict)
        and entry.get("kty") in ("RSA", "EC")
        and entry.get("use", "sig") == "sig"
        and "d" not in entry
    )


def _key(entry: dict[str, Any]) -> PyJWK | None:
    """The key, None for one of a kind that is not known here: others in the set may be."""
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    try:
        return PyJWK(entry)
    except PyJWTError:
        return None
