"""How a server was started; secrets are not among it."""

from __future__ import annotations

import msgspec

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ANY = ("0.0.0.0", "::")  # noqa: S104  # told apart from addresses that are somebody's
PORT = 3000


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """``projects`` are folders by name; ``hosts`` more names under which it may be called,
    ``origins`` the web pages that may call it, ``proxies`` the networks of proxies that are
    believed.
    """

    projects: dict[str, str]
    host: str = "127.0.0.1"
    port: int = PORT
    workers: int = 1
    tag: str = ""
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    proxy_header: str = "x-forwarded-for"
    tls_cert: str = ""
    tls_key: str = ""
    pool: int = 10
    largest: int = 2_000_000
    """Bytes of a body, packed or not."""
    grace: int = 10
    """Seconds that requests have to end when the server stops."""
    log_level: str = "info"

    @property
    def local(self) -> bool:
        """Whether nobody but programs on this machine can call; a proxy brings others."""
        return self.host in LOOPBACK and not self.proxies

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which it may be called, beside those of loopback."""
        if self.host in (*LOOPBACK, *_ANY):
            return self.hosts
        return (f"[{self.host}]" if ":" in self.host else self.host, *self.hosts)
