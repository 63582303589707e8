"""``tamp serve``"""

from __future__ import annotations

import os
import sys

from taskmaster import app, config
from taskmaster.cli import session
from taskmaster.cli.answer import Answer
from taskmaster.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol

    class Start(Protocol):
        def __call__(
            self,
            given: Mapping[str, object],
            tell: Callable[[Mapping[str, object], Sequence[str]], None],
            *,
            check: bool,
        ) -> Mapping[str, object]: ...


LEAVES = ("--file",)
EXAMPLES = (
    "tamp serve",
    "tamp serve --port=8080",
    "tamp serve --serve-project=shop=../shop --serve-project=api=../api",
    "tamp serve --host=0.0.0.0 --allow-host=tasks.example.org --proxy=10.0.0.0/8 --workers=4",
    "tamp serve --check",
)
_GIVEN = "host port workers tls_cert tls_key proxy_header pool grace log_level tag".split()
_OTHERWISE = {
    "hosts": "allow_host", "origins": "allow_origin", "proxies": "proxy", "largest": "max_body",
}  # fmt: skip


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
    _of_strangers(parser)
    parser.add_argument(
        "--pool", type=int, default=10, metavar="N", help="connections to Postgres a process (10)"
    )
    parser.add_argument(
        "--max-body", type=int, default=2_000_000, metavar="BYTES",
        help="the largest body of a request (2000000)",
    )  # fmt: skip
    parser.add_argument(
        "--grace", type=int, default=10, metavar="SECONDS",
        help="how long requests may take to end when the server is stopped (10)",
    )  # fmt: skip
    parser.add_argument(
        "--log-level", choices=("debug", "info", "warning", "error"), default="info",
        help="what is logged to stderr (info: what changes something, and what goes wrong)",
    )  # fmt: skip
    parser.add_argument(
        "--check", action="store_true", help="say whether it could serve like this, and end"
    )


def _of_strangers(parser: ArgumentParser) -> None:
    """What matters where others than this machine may call."""
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
    parser.add_argument(
        "--proxy-header", choices=("x-forwarded-for", "forwarded"), default="x-forwarded-for",
        help="where they write it (x-forwarded-for)",
    )  # fmt: skip
    parser.add_argument("--tls-cert", default="", metavar="FILE", help="certificate, for https")
    parser.add_argument("--tls-key", default="", metavar="FILE", help="its key")


def run(args: Namespace) -> Answer:
    start: Start = app.load("taskmaster.server.starting:start")  # type: ignore[assignment]
    given = {key: getattr(args, key) for key in _GIVEN}
    given |= {key: getattr(args, name) for key, name in _OTHERWISE.items()}
    facts = start({**given, "projects": _projects(args)}, _telling(args), check=args.check)
    if args.check:
        names = ", ".join(_projects(args))
        return Answer("serve.v1", facts, [f"{names} can be served like this"])
    args.json = False  # The one document was printed when the server began.
    return Answer("serve.v1", facts, [])


def _telling(args: Namespace) -> Callable[[Mapping[str, object], Sequence[str]], None]:
    """What says that the server has begun."""

    def tell(facts: Mapping[str, object], lines: Sequence[str]) -> None:
        if not args.quiet:
            print(*lines, sep="\n", file=sys.stderr, flush=True)
        if args.json:
            import json

            print(json.dumps({"schema": "tamp/serve.v1", **facts}), flush=True)

    return tell


def _projects(args: Namespace) -> Mapping[str, str]:
    """The folders to serve, by name."""
    found: dict[str, str] = {}
    for text in args.serve_project:
        name, equals, folder = text.partition("=")
        if not (name and equals and folder) or "/" in name:
            raise Usage(f"{text!r} is no project to serve", hint="write it as shop=../shop")
        if name in found:
            raise Usage(
                f"two projects are called {name}", hint="give each --serve-project its own name"
            )
        found[name] = _folder(folder)
    if found and args.project:
        raise Usage(
            "--project and --serve-project are both given",
            hint=f"name every project with --serve-project, also {args.project}",
        )
    if not found:
        root = _folder(args.project) if args.project else session.project(args).root
        found[os.path.basename(root) or "project"] = root
    return found


def _folder(path: str) -> str:
    """The project in this folder. Raises Usage for a file, NotFound where there is none."""
    if os.path.isfile(path):
        raise Usage(f"{path} is a file", hint="name the folder that has .taskmaster in it")
    return config.locate(os.environ, path).root
