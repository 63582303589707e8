"""The command line: find the command, load it alone, run it, print its answer, name its errors."""

from __future__ import annotations

import gc
import os
import sys

from taskmaster.cli.table import ALIASES, COMMANDS, HIDDEN
from taskmaster.errors import Conflict, NotFound, TampError, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from types import ModuleType

    from taskmaster.cli.answer import Answer
    from taskmaster.workspace import Workspace

DEFAULT_TAG = "master"
_REPEATS = 5
_LONG = {"-p": "--project", "-t": "--tag", "-f": "--file"}
_INTERRUPTED, _PIPE_CLOSED = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    # A command lives for milliseconds and its data is a tree: collecting cycles only costs time.
    gc.disable()
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    return code


def command() -> None:
    """The entry point of ``tamp`` and ``TAMP``: runs one command and ends the process."""
    code = main()
    sys.stderr.flush()
    # Nothing is left to do, and taking ten thousand tasks apart one by one would cost as much as
    # choosing the next of them.
    os._exit(code)


def _run(words: list[str]) -> int:
    as_json = _wants_json(words)
    try:
        name, rest = _command(words)
        if "--debug" in rest:
            return _timed(name, rest)
        return _finish(name, *_answer(name, rest))
    except TampError as error:
        return _fail(error, as_json=as_json)
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get("TAMP_DEBUG"):
            raise
        if "--debug" in words:
            import traceback

            traceback.print_exc()
        return _fail(_bug(error), as_json=as_json)


def _wants_json(words: Sequence[str]) -> bool:
    """Whether an error should be a JSON document, as far as can be told before they are parsed."""
    if "--json" in words or "--format=json" in words:
        return True
    return any(words[place : place + 2] == ["--format", "json"] for place in range(len(words)))


def _bug(error: Exception) -> TampError:
    """Anything that no command foresaw, told as what it is."""
    return TampError(
        f"{type(error).__name__}: {error}",
        hint="this is a bug in tamp: please report it with what --debug prints",
    )


def _command(words: list[str]) -> tuple[str, list[str]]:
    """The command's name and its own words; options may stand before the name."""
    if not words or words in (["--help"], ["-h"]):
        return "help", []
    if words[0] in ("--version", "-V"):
        return "version", words[1:]
    place = _name_place(words)
    # A command may use the short forms for options of its own.
    rest = [_LONG.get(word, word) for word in words[:place]] + words[place + 1 :]
    name = words[place]
    if name in ALIASES:
        name, *first = ALIASES[name]
        rest = first + rest
    return name, rest


def _name_place(words: Sequence[str]) -> int:
    place = 0
    while place < len(words) and words[place].startswith("-"):
        place += 2 if words[place] in (*_LONG, *_LONG.values()) else 1
    if place >= len(words):
        raise Usage("no command was given", hint="`tamp help` lists the commands")
    return place


def _unknown_command(name: str) -> Usage:
    import difflib

    from taskmaster.cli.elsewhere import ELSEWHERE

    near = difflib.get_close_matches(name, [*COMMANDS, *ALIASES, *ELSEWHERE], 1)
    hint = f"did you mean {near[0]}?" if near else "`tamp help` lists the commands"
    return Usage(f"there is no command {name}", hint=hint, code="unknown-command")


def _repeated(module: ModuleType, args: Namespace) -> Answer:
    """Run the command; again when another program changed the file at the same moment, or when the
    tasks have moved between finding and changing them.
    """
    for _ in range(_REPEATS):
        try:
            return module.run(args)  # type: ignore[no-any-return]  # as every command's
        except Conflict as error:
            if error.code not in ("changed-meanwhile", "moved"):
                raise
    return module.run(args)  # type: ignore[no-any-return]  # as every command's


def _answer(name: str, words: list[str]) -> tuple[Answer, Namespace]:
    from taskmaster.cli.parser import parsed, parser_of

    if name not in COMMANDS and name not in HIDDEN:
        return _elsewhere(name, words)
    module_name, summary = COMMANDS.get(name) or HIDDEN[name]
    module = __import__(f"taskmaster.cli.commands.{module_name}", fromlist=["run"])
    parser = parser_of(name, module, summary)
    args = parsed(parser, words)
    _prepare(args)
    if args.help:
        from taskmaster.cli.answer import Answer

        text = parser.format_help()
        return Answer("help.v1", {"help": text}, text.rstrip("\n").split("\n")), args
    try:
        return _repeated(module, args), args
    except NotFound as error:
        args.tag = _only_tag(args, error)
    note = f"there is no tag {DEFAULT_TAG} here; this is about {args.tag}, the only one"
    answer = _repeated(module, args)
    return answer._replace(notes=(note, *answer.notes)), args


def _prepare(args: Namespace) -> None:
    from taskmaster.cli import answer

    answer.choose(plain=args.plain)
    if args.verbose:
        from taskmaster.cli.manners import where

        sys.stderr.write("".join(f"{line}\n" for line in where(args)))


def _timed(name: str, words: list[str]) -> int:
    """As every command, with the time each step took."""
    from taskmaster.cli.timing import Timing

    timing = Timing()
    try:
        with timing.step("import"):
            module_name, _summary = COMMANDS.get(name) or HIDDEN.get(name) or ("help", "")
            __import__(f"taskmaster.cli.commands.{module_name}")
        with timing.inside(), timing.step("run"):
            answer, args = _answer(name, words)
        with timing.step("print"):
            return _finish(name, answer, args)
    finally:
        timing.told()


def _only_tag(args: Namespace, error: NotFound) -> str:
    """The project's single tag, where nobody named one and it is not the usual one."""
    known = error.details if isinstance(error.details, dict) else {}
    tags = known.get("tags", ())
    if getattr(args, "tag", None) == "" and known.get("tag") == DEFAULT_TAG and len(tags) == 1:
        return str(tags[0])
    raise error


def _elsewhere(name: str, words: list[str]) -> tuple[Answer, Namespace]:
    """What the original's commands that are not here say; a name nobody knows is refused."""
    from taskmaster.cli import elsewhere
    from taskmaster.cli.parser import asked

    if name not in elsewhere.ELSEWHERE:
        raise _unknown_command(name)
    return elsewhere.answer(name, words), asked(words)


def _finish(name: str, answer: Answer, args: Namespace) -> int:
    if not args.quiet:
        for note in (*answer.notes, *_unheard(args)):
            sys.stderr.write(f"note: {note}\n")
    if args.json or getattr(args, "format", "") == "json":
        _print_json({"schema": f"tamp/{answer.schema}", **answer.data})
    elif answer.lines:
        _print_lines(name, answer, args)
    return answer.code


def _unheard(args: Namespace) -> Sequence[str]:
    """What keeps others from hearing of our changes at once."""
    opened: Workspace | None = getattr(args, "workspace", None)
    return [opened.trouble] if opened and opened.trouble else []


def _print_lines(name: str, answer: Answer, args: Namespace) -> None:
    lines = answer.lines
    if args.plain or sys.stdout.isatty():
        from taskmaster.cli import manners

        if manners.shown(name, answer, args):
            return
        lines = manners.formed(answer, args)
    sys.stdout.write("\n".join(lines) + "\n")


def _print_json(value: object) -> None:
    import json

    indent = 2 if sys.stdout.isatty() else None
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=indent) + "\n")


def _fail(error: TampError, *, as_json: bool) -> int:
    if as_json:
        _print_json({"schema": "tamp/error.v1", "error": error.as_json()})
    else:
        from taskmaster.cli.answer import safe

        hint = f"\nhint: {error.hint}" if error.hint else ""
        sys.stderr.write(safe(f"error[{error.code}]: {error.message}{hint}") + "\n")
    return error.exit_code
