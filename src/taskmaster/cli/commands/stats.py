"""``tamp stats``"""

from __future__ import annotations

from taskmaster.cli import files, glyphs, session
from taskmaster.cli.answer import Answer, width
from taskmaster.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = (
    "tamp stats",
    "tamp stats --since=30d --by=label",
    "tamp stats --html=report.html --svg=report.svg",
    "tamp stats --json",
)
USUAL = "tag,parent"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--by", default=USUAL, metavar="A,B", help="progress by tag, parent, label or assignee"
    )
    parser.add_argument(
        "--since", default="", metavar="WHEN", help="read the log from then: 30d, 8w, 2026-01-31"
    )
    parser.add_argument("--svg", default="", metavar="FILE", help="write it as a picture")
    parser.add_argument("--html", default="", metavar="FILE", help="write it as a page")


def run(args: Namespace) -> Answer:
    from taskmaster.cli.report import lines
    from taskmaster.usecases.report import report, statistics_to_json
    from taskmaster.usecases.statistics import statistics

    ws = session.workspace(args)
    found = statistics(ws, since=args.since, by=_dimensions(args.by))
    told = report(found)
    data = {**statistics_to_json(found), "storageType": ws.store.kind}
    written = []
    if args.svg:
        from taskmaster.drawings.report import to_svg

        written.append(files.write(args.svg, to_svg(told)))
    if args.html:
        from taskmaster.drawings.page import to_html

        written.append(files.write(args.html, to_html(told)))
    if written:
        data["written"] = written
        return Answer("stats.v1", data, [f"wrote {name}" for name in (args.svg, args.html) if name])
    return Answer("stats.v1", data, list(lines(told, width(), glyphs.glyphs(args))))


def _dimensions(words: str) -> list[str]:
    from taskmaster.usecases.progress import DIMENSIONS

    found = list(dict.fromkeys(word for word in words.lower().replace(" ", "").split(",") if word))
    wrong = [word for word in found if word not in DIMENSIONS]
    if wrong or not found:
        raise Usage(
            f"--by does not know {', '.join(wrong) or 'nothing'}",
            hint=f"it knows {', '.join(DIMENSIONS)}",
        )
    return found
