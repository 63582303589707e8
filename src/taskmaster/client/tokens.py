"""Tokens of one's own making, for servers that trust the secret they are signed with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from taskmaster.client.exceptions import InvalidTokenError, MissingExtraError, TokenExpiredError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType


class JWTHandler:
    """Signs claims and reads them again.

    *secret* is the shared secret, or a key in PEM form for RS256 and ES256. Without *verify*
    ``decode`` believes whatever it reads.
    """

    def __init__(
        self, secret: str, algorithms: Sequence[str] = ("HS256",), *, verify: bool = True
    ) -> None:
        self.secret = secret
        self.algorithms = list(algorithms)
        self.verify = verify
        self._jwt = _library()

    def encode(
        self, payload: Mapping[str, Any], algorithm: str = "", expires_in: float | None = None
    ) -> str:
        """A token with these claims, valid for *expires_in* seconds where that is given.

        Raises InvalidTokenError for a key or algorithm that cannot sign.
        """
        claims = dict(payload)
        if expires_in is not None:
            claims["exp"] = datetime.now(UTC) + timedelta(seconds=expires_in)
        try:
            token: str = self._jwt.encode(claims, self.secret, algorithm or self.algorithms[0])
        except (self._jwt.PyJWTError, NotImplementedError, TypeError, ValueError) as error:
            raise InvalidTokenError(f"no token can be made: {error}") from error
        return token

    def decode(self, token: str) -> dict[str, Any]:
        """The claims. Raises TokenExpiredError, and InvalidTokenError for any other fault."""
        if not self.verify:
            return self.get_payload_without_verification(token)
        try:
            # Whom it is for is for the server to check: the handler does not know it.
            claims: dict[str, Any] = self._jwt.decode(
                token, self.secret, self.algorithms, {"verify_aud": False}
            )
        except self._jwt.ExpiredSignatureError as error:
            raise TokenExpiredError("the token has expired", hint="ask for a new one") from error
        except (self._jwt.PyJWTError, ValueError) as error:
            raise InvalidTokenError(f"the token is not valid: {error}") from error
        return claims

    def is_expired(self, token: str) -> bool:
        """Whether it cannot be used any more; also true of what is no valid token."""
        try:
            self.decode(token)
        except (TokenExpiredError, InvalidTokenError):
            return True
        left = self.get_time_to_expiration(token)
        return left is not None and left <= timedelta(0)

    def get_payload_without_verification(self, token: str) -> dict[str, Any]:
        """What a token says of itself, be it true or not. Raises InvalidTokenError."""
        try:
            claims: dict[str, Any] = self._jwt.decode(token, options={"verify_signature": False})
        except self._jwt.PyJWTError as error:
            raise InvalidTokenError(f"this is no token: {error}") from error
        return claims

    def get_expiration_time(self, token: str) -> datetime | None:
        """When it ends, in UTC; None for one that does not say. Raises InvalidTokenError."""
        end = self.get_payload_without_verification(token).get("exp")
        return None if end is None else datetime.fromtimestamp(end, UTC)

    def get_time_to_expiration(self, token: str) -> timedelta | None:
        """What is left of it, negative once it has ended. Raises InvalidTokenError."""
        end = self.get_expiration_time(token)
        return None if end is None else end - datetime.now(UTC)


def _library() -> ModuleType:
    try:
        import jwt
    except ImportError as error:
        raise MissingExtraError(
            "JWTHandler needs the package pyjwt, which is not installed",
            hint="pip install 'task-master-pro[server]'",
        ) from error
    return jwt
