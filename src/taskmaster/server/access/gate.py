"""The way into one project: from what a caller shows to who that is."""

from __future__ import annotations

import hmac
import time
from hashlib import sha256
from typing import TYPE_CHECKING

from taskmaster.domain import keys, moments
from taskmaster.usecases.keys import check

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from taskmaster.domain.keys import Principal
    from taskmaster.server.access.jwt import Tokens

REMEMBERED = 4_096
"""Callers that a gate remembers for sure; it never holds more than twice as many."""

LONGEST = 16_384
_KEY_HEADER = "x-api-key"


def presented(authorization: str, api_key: str = "") -> str:
    """What a request shows, from its headers ``Authorization`` and ``X-API-Key``, as one text.

    Raises Unauthenticated for both at once: nobody could say who is meant.
    """
    if authorization and api_key:
        raise keys.refused()
    return f"{_KEY_HEADER} {api_key}" if api_key else authorization


class Gate:
    """Tells who calls. One for each project of a server, for all its threads.

    *entries* reads the project's keyring, *project* is its name in tokens of others, *local* the
    token of the developer and who that is. Whoever was told once is remembered, by the digest of
    what was shown, for as long as the keyring has the same version; a refusal never is.
    """

    def __init__(
        self,
        entries: Callable[[], Mapping[str, Mapping[str, object]]],
        *,
        project: str = "",
        local: tuple[str, Principal] | None = None,
        tokens: Tokens | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._entries = entries
        self._project = project
        self._local = (keys.digest(local[0]), local[1]) if local else None
        self._tokens = tokens
        self._clock = clock
        self._recent: dict[bytes, tuple[Principal, Hashable]] = {}
        self._older: dict[bytes, tuple[Principal, Hashable]] = {}

    def known(self, authorization: str, keys_version: Hashable) -> Principal | None:
        """Who shows this, as ``presented`` says it, from memory alone; None says to ``check``.

        *keys_version* is that of the keyring as the store tells it now.
        """
        if len(authorization) > LONGEST:
            return None
        shown = sha256(authorization.encode("utf-8", "surrogatepass")).digest()
        found = self._recent.get(shown) or self._older.get(shown)
        if found is None or found[1] != keys_version or self._clock() >= found[0].until:
            return None
        if shown not in self._recent:
            self._remember(shown, found)
        return found[0]

    def check(self, authorization: str, keys_version: Hashable) -> Principal:
        """Who shows this; may read the keyring, and wait for the keys of an issuer of tokens.

        *keys_version* must be from before the call. Raises Unauthenticated, Forbidden for a
        bearer without a role here, and as the keyring and ``Tokens.verify``.
        """
        found = self.known(authorization, keys_version)
        if found is None:
            found = self._looked_up(authorization)
            shown = sha256(authorization.encode("utf-8", "surrogatepass")).digest()
            self._remember(shown, (found, keys_version))
        return found

    def _looked_up(self, authorization: str) -> Principal:
        scheme, _, rest = authorization[:LONGEST].partition(" ")
        token, now = rest.strip(" "), self._clock()
        known = scheme.lower() in ("bearer", _KEY_HEADER)
        if not known or not token or len(authorization) > LONGEST:
            raise keys.refused()
        if self._local and hmac.compare_digest(self._local[0], keys.digest(token)):
            return self._local[1]
        if keys.id_in(token):
            return check(self._entries(), token, moments.at(now))
        if self._tokens is None or scheme.lower() == _KEY_HEADER:
            raise keys.refused()
        return self._tokens.verify(token, now, project=self._project, entries=self._entries)

    def _remember(self, shown: bytes, found: tuple[Principal, Hashable]) -> None:
        if len(self._recent) >= REMEMBERED:
            self._older, self._recent = self._recent, {}
        self._recent[shown] = found
