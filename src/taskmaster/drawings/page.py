"""A report as one HTML page that needs nothing else: no scripts, no files, no network."""

from __future__ import annotations

from taskmaster.drawings.report import STYLE, Bars, Curve, Words, chart_svg
from taskmaster.drawings.text import xml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.drawings.report import Part, Report

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" \
content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
"""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 800px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; } th, td { padding: .15rem .75rem .15rem 0; text-align: start; }
td, h1 { unicode-bidi: plaintext; }
"""


def to_html(report: Report) -> str:
    """The page, which is well-formed XML as well."""
    body = "\n".join(
        text for number, part in enumerate(report.parts) for text in _section(part, number)
    )
    return (
        f"{_HEAD}<title>{xml(report.title)}</title>\n<style>{_STYLE}{STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{xml(report.title)}</h1>\n<p>{xml(report.summary)}</p>\n{body}\n"
        "</body>\n</html>\n"
    )


def _section(part: Part, number: int) -> Iterator[str]:
    yield f"<section>\n<h2>{xml(part.title)}</h2>"
    if isinstance(part, Words):
        yield from (f"<p>{xml(text)}</p>" for text in part.lines)
    else:
        yield chart_svg(part, number)
        yield f"<details><summary>The numbers</summary>{_table(part)}</details>"
    yield "</section>"


def _table(part: Bars | Curve) -> str:
    if isinstance(part, Bars):
        rows = [(bar.label, bar.words) for bar in part.bars]
    else:
        rows = [(label, str(value)) for label, value in part.points]
    cells = "".join(f"<tr><th>{xml(one)}</th><td>{xml(other)}</td></tr>" for one, other in rows)
    return f"<table>{cells}</table>"
