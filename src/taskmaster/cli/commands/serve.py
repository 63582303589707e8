"""``tamp serve``"""

from __future__ import annotations

import os

from taskmaster import app, config
from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

EXAMPLES = (
    "tamp serve",
    "tamp serve --port=8080",
    "tamp serve --serve-project=shop=../shop --serve-project=api=../api",
    "tamp serve --host=0.0.0.0 --allow-host=tasks.example.org --proxy=10.0.0.0/8 --workers=4",
)
_SEVERAL = {"allow_host": "hosts", "allow_origin": "origins", "proxy": "proxies"}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="listen here (127.0.0.1)"
    )
    parser.add_argument(
        "--port", type=int, default=3000, metavar="N", help="on this port (3000; 0: a free one)"
    )
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="so many processes (1)")
    parser.add_argument(
        "--serve-project", action="append", default=[], metavar="NAME=FOLDER",
        help="a project, under /api/v1/projects/NAME; the first also under /api/v1",
    )  # fmt: skip
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME",
        help="a name under which the server is called, beside localhost",
    )  # fmt: skip
    parser.add_argument(
        "--allow-origin", action="append", default=[], metavar="ORIGIN",
        help="web pages that may use it, such as https://tasks.example.org",
    )  # fmt: skip
    parser.add_argument(
        "--proxy", action="append", default=[], metavar="NETWORK",
        help="proxies that are believed who calls, such as 10.0.0.0/24",
    )  # fmt: skip
    parser.add_argument("--tls-cert", default="", metavar="FILE", help="certificate, for https")
    parser.add_argument("--tls-key", default="", metavar="FILE", help="its key")
    parser.add_argument(
        "--pool", type=int, default=10, metavar="N", help="connections to Postgres a process (10)"
    )
    parser.add_argument(
        "--grace", type=int, default=10, metavar="SECONDS",
        help="how long requests may take to end when the server is stopped (10)",
    )  # fmt: skip
    parser.add_argument(
        "--log-level", choices=("debug", "info", "warning", "error"), default="info",
        help="what is logged to stderr (info: what changes something, and what goes wrong)",
    )  # fmt: skip


def run(args: Namespace) -> Answer:
    given = {
        key: value
        for key, value in vars(args).items()
        if key in ("host", "port", "workers", "tls_cert", "tls_key", "pool", "grace", "log_level")
    }
    given |= {kept: tuple(getattr(args, name)) for name, kept in _SEVERAL.items()}
    start = app.load("taskmaster.server.starting:start")
    start({**given, "tag": args.tag, "projects": _projects(args)})  # type: ignore[operator]
    return Answer("serve.v1", {"success": True}, [])


def _projects(args: Namespace) -> Mapping[str, str]:
    """The folders to serve, by name."""
    found: dict[str, str] = {}
    for text in args.serve_project:
        name, equals, folder = text.partition("=")
        if not (name and equals and folder) or "/" in name:
            raise Usage(f"{text!r} is no project to serve", hint="write it as shop=../shop")
        found[name] = config.locate(os.environ, folder).root
    if not found:
        root = session.project(args).root
        found[os.path.basename(root) or "project"] = root
    return found
