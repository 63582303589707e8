"""Commands of the original tool that this one answers with what to use instead.

For each name: what it needs that is not here, and the commands that do the nearest thing today.
"""

from __future__ import annotations

from collections import namedtuple

from taskmaster.errors import TampError, Unavailable, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from taskmaster.cli.answer import Answer

    class Elsewhere(NamedTuple):
        """``kind`` is the error's code: cloud-only, needs-a-model or not-in-this-release."""

        kind: str
        why: str
        instead: tuple[str, ...]

else:
    Elsewhere = namedtuple("Elsewhere", "kind why instead")

CLOUD, MODEL, LATER = "cloud-only", "needs-a-model", "not-in-this-release"
_ACCOUNT = (
    "it signs in to the original's cloud, and this tool has no account and opens no connection"
)
_BRIEF = "it works on briefs in the original's cloud"
_SHARE = ("tamp export --output=tasks.json", "tamp backup")
_SCOPE = ("tamp edit 5 --note=TEXT", "tamp add-subtask --parent=5 --title=TEXT")

ELSEWHERE = {
    "auth": Elsewhere(CLOUD, _ACCOUNT, ("tamp doctor", "tamp models")),
    "login": Elsewhere(CLOUD, _ACCOUNT, ("tamp doctor", "tamp models")),
    "logout": Elsewhere(CLOUD, _ACCOUNT, ("tamp doctor",)),
    "context": Elsewhere(CLOUD, _BRIEF, ("tamp tags", "tamp tags use NAME")),
    "briefs": Elsewhere(CLOUD, _BRIEF, ("tamp tags", "tamp tags add NAME")),
    "export-tag": Elsewhere(CLOUD, "it sends a tag to the original's cloud", _SHARE),
    "expand": Elsewhere(
        MODEL, "a model breaks a task down", ("tamp add-subtask --parent=5 --title=TEXT",)
    ),
    "update": Elsewhere(
        MODEL, "a model rewrites tasks", ("tamp edit 5,6 --note=TEXT", "tamp edit --help")
    ),
    "update-task": Elsewhere(
        MODEL,
        "a model rewrites the task",
        ("tamp edit 5 --note=TEXT", "tamp edit 5 --description=TEXT"),
    ),
    "update-subtask": Elsewhere(
        MODEL, "a model writes the note", ("tamp edit 5.2 --note=TEXT",)
    ),
    "analyze-complexity": Elsewhere(
        MODEL,
        "a model judges the tasks",
        ("tamp complexity-report", "tamp edit 5 --estimate=3h"),
    ),
    "scope-up": Elsewhere(MODEL, "a model rewrites the task", _SCOPE),
    "scope-down": Elsewhere(MODEL, "a model rewrites the task", _SCOPE),
    "research": Elsewhere(
        MODEL, "a model answers the question", ("tamp show 5", "tamp edit 5 --note=TEXT")
    ),
    "loop": Elsewhere(
        MODEL,
        "it starts an agent again and again",
        ("tamp next --json", "tamp set-status 5 in-progress", "tamp set-status 5 done"),
    ),
    "start": Elsewhere(
        MODEL,
        "it starts an agent",
        ("tamp next", "tamp set-status 5 in-progress", "tamp show 5 --json"),
    ),
    "autopilot": Elsewhere(
        LATER,
        "it leads an agent through test, code and commit",
        ("tamp next", "tamp show 5 --json", "tamp set-status 5.1 done"),
    ),
    "rules": Elsewhere(
        LATER,
        "it writes rules for editors and agents",
        ("tamp help", "tamp next --json"),
    ),
    "tui": Elsewhere(LATER, "it is only a name in the original too", ("tamp list", "tamp show 5")),
    "repl": Elsewhere(LATER, "it is only a name in the original too", ("tamp list", "tamp show 5")),
}  # fmt: skip


def answer(name: str, words: Sequence[str]) -> Answer:
    """What the help of such a command says. Raises the error that running it ends with."""
    from taskmaster.cli.answer import Answer

    if "--help" not in words and "-h" not in words:
        raise refusal(name)
    found = ELSEWHERE[name]
    lines = [
        f"tamp {name}: a command of the original tool that is not here: {found.why}.",
        "",
        "use instead:",
        *(f"  {line}" for line in found.instead),
    ]
    return Answer("help.v1", {"help": "\n".join(lines)}, lines)


def refusal(name: str) -> TampError:
    """The error that running the command ends with: 7 where a model is missing, else 2."""
    found = ELSEWHERE[name]
    kind = Unavailable if found.kind == MODEL else Usage
    return kind(
        f"tamp has no command {name}: {found.why}",
        hint=f"use instead: {'; '.join(f'`{line}`' for line in found.instead)}",
        code=found.kind,
        details={"instead": list(found.instead)},
    )
