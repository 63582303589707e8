"""``tamp graph``"""

from __future__ import annotations

import os

from taskmaster.cli import files, glyphs, session
from taskmaster.cli.answer import COLOURS, Answer, painted, width
from taskmaster.errors import Usage
from taskmaster.usecases import charting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from taskmaster.cli.glyphs import Glyphs
    from taskmaster.usecases.charting import Chart

EXAMPLES = (
    "tamp graph",
    "tamp graph 5,7 --with-subtasks",
    "tamp graph --format=mermaid",
    "tamp graph --all --output=graph.svg",
    "tamp graph --open",
)
FORMATS = ("text", "mermaid", "dot", "svg")
_ENDINGS = {
    ".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot",
    ".txt": "text",
}  # fmt: skip
_NARROWEST = 16


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="ID", help="only these tasks and all they are joined to"
    )
    parser.add_argument("--all", action="store_true", help="complete tasks too")
    parser.add_argument("--with-subtasks", action="store_true", help="subtasks too")
    parser.add_argument("--format", choices=(*FORMATS, "json"), default="", help="the form")
    parser.add_argument(
        "-o", "--output", default="", metavar="FILE", help="write it there; the name says the form"
    )
    parser.add_argument("--open", action="store_true", help="show it as SVG in the browser")


def run(args: Namespace) -> Answer:
    form = _form(args)
    ws = session.workspace(args)
    found = charting.chart(ws, args.words, everything=args.all, subtasks=args.with_subtasks)
    data = {**charting.chart_to_json(found), "format": form, "storageType": ws.store.kind}
    signs = glyphs.glyphs(args)
    lines = (
        list(_lines(found, signs))
        if form == "text"
        else charting.drawn(found, form).split("\n")[:-1]
    )
    output = args.output or (files.passing("graph.svg") if args.open else "")
    if output:
        data["output"] = files.write(output, "\n".join(lines) + "\n")
        lines = [f"wrote {output}: {charting.described(found)}"]
    elif form != "text":
        data["drawing"] = "\n".join(lines) + "\n"
    if args.open:
        files.show(str(data["output"]))
    return Answer("graph.v1", data, lines)


def _form(args: Namespace) -> str:
    """The form asked for by name, by the file's ending, or by showing it."""
    named = "" if args.format == "json" else args.format
    ending = os.path.splitext(args.output)[1].lower()
    if args.output and not named and ending not in _ENDINGS:
        raise Usage(
            f"{args.output} does not say which form it should have",
            hint=f"end it in {', '.join(_ENDINGS)}, or add --format=svg",
        )
    form = named or _ENDINGS.get(ending, "") or ("svg" if args.open else "text")
    if args.open and form != "svg":
        raise Usage(f"a browser shows no {form}", hint="--open goes with --format=svg")
    return str(form)


def _lines(found: Chart, signs: Glyphs) -> Iterator[str]:
    """A line for each task, and what it leads to."""
    from taskmaster.domain.paths import in_order
    from taskmaster.domain.work import turned

    if not found.needs:
        yield "nothing is open: `tamp graph --all` shows everything"
        return
    yield from glyphs.wrapped(charting.described(found).replace("→", signs.arrow), width())
    picture = charting.picture(found)
    waiters = turned(found.needs)
    room = max(width() - max(len(one) for one in found.needs) - 6, _NARROWEST)
    side = max(len(one) for one in found.needs)
    for one in in_order(picture.needs):
        node, box = found.nodes[one], picture.boxes[one]
        icon = painted(signs.icons.get(node.status, "?"), COLOURS.get(node.status, ""))
        title = glyphs.cut(box.title, room, signs)
        mark = "*" if box.critical else " "
        yield f"{mark} {one.rjust(side)} {icon} {painted(title, 'bold' if box.critical else '')}"
        if waiters[one]:
            indent = " " * (side + 5)
            text = f"{signs.arrow} {', '.join(waiters[one])}"
            yield from glyphs.wrapped(text, width(), indent)
    if found.critical.ids:
        yield "* is on the critical path"
