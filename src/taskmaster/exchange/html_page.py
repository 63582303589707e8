"""HTML: one page that needs nothing else, to be read, printed and sent; it runs no scripts."""

from __future__ import annotations

from html import escape

from taskmaster.domain.parcel import Rendering
from taskmaster.exchange import fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from taskmaster.domain.parcel import Batch, Shipment
    from taskmaster.domain.task import Task

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1e21; --faint: #5d646c; --line: #d7dbdf;
  --paper: #fff; --card: #f6f7f8; --done: #1a7f37; --begun: #0b62b8; --stop: #b42318; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --faint: #9aa2ab; --line: #3a4047;
  --paper: #16181b; --card: #1f2226; --done: #57c97a; --begun: #6cb2ff; --stop: #ff8a7d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
article { margin: 1rem 0; padding: .75rem 1rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem; break-inside: avoid; }
h3 { margin: 0; font-size: 1.05rem; } h4 { margin: .75rem 0 0; font-size: .9rem; }
.about, footer { color: var(--faint); font-size: .875rem; } .about { margin: .25rem 0; }
.text { white-space: pre-wrap; margin: .25rem 0; } ul { margin: .25rem 0; padding-left: 1.25rem; }
.done, .cancelled { color: var(--done); } .in-progress, .review { color: var(--begun); }
.blocked { color: var(--stop); } .complete { text-decoration: line-through; }
progress { width: 100%; accent-color: var(--done); }
@media print { body { max-width: none; padding: 0; } article { background: none; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_MARKS = {
    "done": "✓", "in-progress": "►", "pending": "○", "blocked": "⊘", "deferred": "⏸",
    "cancelled": "✗", "review": "◎",
}  # fmt: skip
_ABOUT = (
    ("priority", "priority"), ("assignee", "assignee"), ("due", "due"), ("estimate", "hours"),
    ("labels", "labels"), ("dependencies", "after"),
)  # fmt: skip
_TEXTS = (("details", "Details"), ("test_strategy", "Test strategy"))


def write(shipment: Shipment) -> Rendering:
    title = escape(f"Tasks of {shipment.project}")
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{title}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        f"<h1>{title}</h1>",
    ]
    for batch in shipment.batches:
        lines += _tag(batch)
    lines += [f"<footer>Written {escape(shipment.time[:16])} UTC</footer>", "</body>", "</html>"]
    return Rendering("\n".join(lines) + "\n", fields.left_out(shipment.batches))


def _tag(batch: Batch) -> Iterator[str]:
    complete = sum(task.complete for task in batch.tasks)
    total = len(batch.tasks)
    yield f"<section><h2>{escape(batch.tag)}</h2>"
    yield f'<p class="about">{complete} of {total} complete</p>'
    yield f'<progress value="{complete}" max="{max(total, 1)}"></progress>'
    for task in batch.tasks:
        yield from _task(task, f"{batch.tag}-", {one.id for one in batch.tasks})
    yield "</section>"


def _task(task: Task, prefix: str, known: set[str]) -> Iterator[str]:
    row = fields.shown(task)
    yield f'<article id="{escape(prefix + task.id)}">'
    yield f"<h3>{_heading(task, row)}</h3>"
    yield f'<p class="about">{" · ".join(_about(task, row, prefix, known))}</p>'
    if row["description"] and row["description"] != row["title"]:
        yield f'<p class="text">{escape(row["description"])}</p>'
    yield from _texts(task, row)
    if task.subtasks:
        yield "<h4>Subtasks</h4>"
        yield "<ul>"
        for step in task.subtasks:
            yield f"<li>{_heading(step, fields.shown(step))}{_step_text(step)}</li>"
        yield "</ul>"
    yield "</article>"


def _heading(task: Task, row: Mapping[str, str]) -> str:
    status = escape(task.status)
    title = f"{escape(row['id'])} {escape(row['title'])}"
    crossed = ' class="complete"' if task.complete else ""
    mark = _MARKS.get(task.status, "?")
    return f'<span class="{status}" title="{status}">{mark}</span> <span{crossed}>{title}</span>'


def _about(task: Task, row: Mapping[str, str], prefix: str, known: set[str]) -> Iterator[str]:
    yield escape(row["status"])
    for key, label in _ABOUT:
        if key == "dependencies" and task.dependencies:
            yield f"after {', '.join(_link(one, prefix, known) for one in task.dependencies)}"
        elif row[key] and key != "dependencies":
            yield f"{label} {escape(row[key])}"


def _link(task_id: str, prefix: str, known: set[str]) -> str:
    if task_id not in known:
        return escape(task_id)
    return f'<a href="#{escape(prefix + task_id)}">{escape(task_id)}</a>'


def _texts(task: Task, row: Mapping[str, str]) -> Iterator[str]:
    for key, heading in _TEXTS:
        if row[key]:
            yield f'<h4>{heading}</h4><p class="text">{escape(row[key])}</p>'
    if task.acceptance:
        yield f"<h4>Acceptance criteria</h4>{_list(task.acceptance)}"


def _list(entries: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in entries)}</ul>"


def _step_text(step: Task) -> str:
    texts = [one for one in (step.description, step.details) if one]
    return "".join(f'<p class="text">{escape(one)}</p>' for one in texts)
