"""``tamp models``"""

from __future__ import annotations

import os

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.errors import Usage
from taskmaster.usecases import models

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.usecases.models import Chosen

EXAMPLES = (
    "tamp models",
    "tamp models --set-main=claude-sonnet-4-20250514",
    "tamp models --set-research=sonar-pro --set-fallback=gpt-4o",
    "tamp models --set-main=qwen3:32b --ollama",
    "tamp models --set-main=my-model --openai-compatible --baseURL=http://localhost:8000/v1",
)
LEAVES = ("--tag",)
_FLAGS = (
    "openrouter", "ollama", "bedrock", "claude-code", "azure", "vertex", "gemini-cli", "codex-cli",
    "lmstudio", "openai-compatible",
)  # fmt: skip
_SETUP = (
    "set a model for each role you use, by its id:",
    "  tamp models --set-main=ID [--set-research=ID] [--set-fallback=ID] [--provider=NAME]",
    "put the key that `tamp models` names into the environment, or into .env beside .taskmaster",
    "no command of this release calls a model; other tools on this project use the same settings",
)


def arguments(parser: ArgumentParser) -> None:
    for role in ("main", "research", "fallback"):
        parser.add_argument(f"--set-{role}", metavar="ID", help=f"the {role} model")
    parser.add_argument(
        "--provider", default="", metavar="NAME", help="whose model it is (default: by its name)"
    )
    for name in _FLAGS:
        parser.add_argument(
            f"--{name}", dest="flags", action="append_const", const=name, default=[],
            help=f"--provider={name}",
        )  # fmt: skip
    parser.add_argument(
        "--baseURL", "--base-url", dest="address", default="", metavar="URL", help="its address"
    )
    parser.add_argument("--setup", action="store_true", help="say how to choose models")


def run(args: Namespace) -> Answer:
    if args.setup:
        return Answer("models-setup.v1", {"help": "\n".join(_SETUP)}, list(_SETUP))
    wanted = {
        role: named
        for role in ("main", "research", "fallback")
        if (named := getattr(args, f"set_{role}")) is not None
    }
    provider = _provider(args)
    if not wanted and (provider or args.address):
        raise Usage("whose provider and address are these?", hint="add --set-main=ID, for example")
    if "" in wanted.values():
        raise Usage(
            "the model has no name", hint="for example: --set-main=claude-sonnet-4-20250514"
        )
    project = session.project(args)
    notes: list[str] = []
    for role, model in wanted.items():
        notes += models.use(
            project, os.environ, role, model, provider=provider, address=args.address
        )
    found = models.chosen(project, os.environ)
    data = {
        "success": True,
        "activeModels": {one.role: _entry(one) for one in found},
        "changed": list(wanted),
    }
    return Answer("models.v1", data, _lines(found, list(wanted)), notes=notes)


def _provider(args: Namespace) -> str:
    named = dict.fromkeys([*([args.provider] if args.provider else []), *args.flags])
    if len(named) > 1:
        raise Usage(f"{' and '.join(named)} exclude each other", hint="name one provider")
    return next(iter(named), "")


def _entry(one: Chosen) -> dict[str, object]:
    return {
        "provider": one.provider,
        "modelId": one.model,
        **one.fields,
        "keyStatus": {
            "variables": list(one.keys.wanted),
            "set": list(one.keys.present),
            "ready": one.keys.enough,
        },
    }


def _lines(found: Sequence[Chosen], changed: Sequence[str]) -> list[str]:
    lines = []
    for one in found:
        mark = "*" if one.role in changed else " "
        more = "".join(f", {key} {value}" for key, value in one.fields.items())
        lines.append(
            printable(
                f"{mark} {one.role.ljust(8)}  {one.model or '(none)'} of {one.provider}{more}"
            )
        )
        lines.append(printable(f"            {_key(one)}"))
    return lines


def _key(one: Chosen) -> str:
    if one.keys.present:
        return f"key: {', '.join(one.keys.present)} is set"
    if one.keys.enough:
        return "key: none needed"
    return f"key: missing; put {' or '.join(one.keys.wanted)} into the environment or .env"
