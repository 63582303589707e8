"""Manual pages in roff, written from the commands as data; nothing is kept that could grow old."""

from __future__ import annotations

from taskmaster import __version__
from taskmaster.cli import described
from taskmaster.cli.table import ALIASES, COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from taskmaster.cli.described import Command, Option

_CODES = (
    (0, "done"), (1, "a bug in tamp"), (2, "the command was called wrongly"),
    (3, "something that was named is not there"), (4, "what was asked for cannot be"),
    (5, "somebody else is writing, or was first"), (6, "the task file cannot be read"),
    (7, "something outside is not available"), (8, "not permitted"),
)  # fmt: skip
_SURROUNDINGS = (
    ("TAMP_PROJECT", "the project's folder"), ("TAMP_TAG", "the tag to work on"),
    ("TAMP_ACTOR", "the name under which changes are recorded"),
    ("TAMP_PAGER, PAGER", "what shows long answers; cat or nothing: no pager"),
    ("NO_COLOR, FORCE_COLOR", "never colours, or also in pipes"),
    ("COLUMNS", "how wide the screen is"),
)  # fmt: skip


def pages() -> dict[str, str]:
    """Every page by its file name."""
    found = {f"tamp-{name}.1": command_page(name) for name in COMMANDS}
    return {"tamp.1": main_page(), **found}


def main_page() -> str:
    """tamp(1): what it is, and all commands."""
    lines = [
        *_head("tamp", "one task graph that people and coding agents change at the same time"),
        ".SH SYNOPSIS", r".B tamp", r"\fICOMMAND\fR [\fIOPTION\fR \&...]",
        ".SH DESCRIPTION",
        _safe("Keeps the tasks of a project in .taskmaster/tasks/tasks.json. Every command answers"
              " people in words and programs in JSON, with --json; every change is recorded and can"
              " be taken back."),
        ".SH COMMANDS",
    ]  # fmt: skip
    for name, (_module, summary) in COMMANDS.items():
        lines += [".TP", rf"\fBtamp\-{_safe(name)}\fR(1)", f"{_safe(summary)}."]
    lines.append(".SH OTHER NAMES")
    for alias, words in ALIASES.items():
        lines += [".TP", rf"\fB{_safe(alias)}\fR", _safe(f"the same as {' '.join(words)}")]
    return "\n".join([*lines, *_closing()]) + "\n"


def command_page(name: str) -> str:
    """tamp-NAME(1)."""
    found = described.command(name)
    lines = [
        *_head(f"tamp-{name}", found.summary[:1].lower() + found.summary[1:]),
        ".SH SYNOPSIS",
        rf"\fBtamp {_safe(name)}\fR [\fIOPTION\fR \&...]{_words(found)}",
        ".SH DESCRIPTION",
        f"{_safe(found.summary)}.",
        *_options("ARGUMENTS", found.words),
        *_options("OPTIONS", found.options),
        ".SH EXAMPLES",
        ".EX",
        *(_safe(line) for line in found.examples),
        ".EE",
        *_closing(),
    ]
    return "\n".join(lines) + "\n"


def _head(title: str, summary: str) -> Iterator[str]:
    yield f'.TH "{_safe(title.upper())}" 1 "" "Task Master Pro {__version__}" "Task Master Pro"'
    yield ".SH NAME"
    yield f"{_safe(title)} \\- {_safe(summary)}"


def _words(found: Command) -> str:
    return "".join(rf" [\fI{_safe(one.metavar)}\fR]" for one in found.words)


def _options(title: str, found: Sequence[Option]) -> Iterator[str]:
    if found:
        yield f".SH {title}"
    for one in found:
        names = ", ".join(rf"\fB{_safe(name)}\fR" for name in one.names)
        value = rf"\fI{_safe(one.metavar)}\fR" if one.kind is not None and one.metavar else ""
        yield ".TP"
        yield f"{names} {value}".strip()
        yield _safe(one.help) or r"\&"


def _closing() -> Iterator[str]:
    yield ".SH ENVIRONMENT"
    for name, text in _SURROUNDINGS:
        yield from (".TP", rf"\fB{name}\fR", _safe(text))
    yield ".SH EXIT STATUS"
    for code, text in _CODES:
        yield from (".TP", rf"\fB{code}\fR", _safe(text))
    yield ".SH SEE ALSO"
    yield r"\fBtamp\fR(1), \fBtamp\-help\fR(1), \fBtamp\-list\fR(1)"


def _safe(text: str) -> str:
    """*text* as roff shows it: signs that command it are taken for what they look like."""
    escaped = text.replace("%%", "%").replace("\\", r"\e").replace("-", r"\-")
    escaped = escaped.replace("'", r"\(aq").replace("`", r"\(ga").replace("…", "...")
    escaped = escaped.replace("→", r"\(->").replace('"', r"\(dq")
    return rf"\&{escaped}" if escaped.startswith(".") else escaped
