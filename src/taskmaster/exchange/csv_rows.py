"""CSV: one row a task or subtask, under the names of the columns.

A spreadsheet runs a cell that begins like a formula. Such a cell is written with an apostrophe
before it, which a spreadsheet takes as "this is text"; reading takes it away again.
"""

from __future__ import annotations

import csv
import io

from taskmaster.domain.assembly import assembled
from taskmaster.domain.parcel import Batch, Losses, Parcel, Rendering
from taskmaster.exchange import fields
from taskmaster.exchange.reading import LARGEST, malformed, only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from taskmaster.domain.parcel import Item, Shipment, Source
    from taskmaster.domain.task import Task

COLUMNS = (
    "tag", "id", "parent", "title", "status", "priority", "dependencies", "labels", "assignee",
    "due", "estimate", "description", "details", "test_strategy", "acceptance_criteria", "created",
    "updated",
)  # fmt: skip
_FORMULAS = "=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20"  # also as wide characters
_NAMES = {
    "task": "title", "name": "title", "summary": "title", "subject": "title", "issue": "id",
    "key": "id", "number": "id", "state": "status", "depends on": "dependencies",
    "blocked by": "dependencies", "depends": "dependencies", "tags": "labels", "label": "labels",
    "owner": "assignee", "assigned to": "assignee", "due date": "due", "deadline": "due",
    "hours": "estimate", "effort": "estimate", "body": "description", "notes": "details",
    "list": "tag", "parent id": "parent", "created at": "created", "updated at": "updated",
}  # fmt: skip


def write(shipment: Shipment) -> Rendering:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for batch in shipment.batches:
        writer.writerows(_rows(batch.tag, batch.tasks))
    return Rendering(out.getvalue(), fields.left_out(shipment.batches))


def _rows(tag: str, tasks: Iterable[Task]) -> Iterator[list[str]]:
    for task in tasks:
        for one in (task, *task.subtasks):
            parent = one.parent.id if one.parent else ""
            row = {"tag": tag, "parent": parent, **fields.shown(one)}
            yield [harmless(row[name]) for name in COLUMNS]


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text and text[0] in _FORMULAS else text


def meant(cell: str) -> str:
    """The text that ``harmless`` made this cell of."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in _FORMULAS else cell


def read(source: Source) -> Parcel:
    """The rows of a CSV file with a title column; other columns are known by usual names."""
    losses = Losses()
    text = only(source)
    rows = list(_read_rows(source.name, text, losses))
    own = any("id" in row for row in rows) and _columns(text)[:2] == list(COLUMNS[:2])
    batches = []
    for tag in dict.fromkeys(row.get("tag", "") for row in rows):
        items = _items([row for row in rows if row.get("tag", "") == tag], losses)
        origin = {} if own else {"system": "csv", "document": source.name}
        batches.append(Batch(tag, {}, assembled(items, losses, **origin)))
    return Parcel("csv", source.name, batches, losses.listed(), own=own)


def _columns(text: str) -> list[str]:
    head = text.split("\n", 1)[0]
    names = next(csv.reader([head], delimiter=delimiter(text)), [])
    return [_column(name) for name in names]


def delimiter(text: str) -> str:
    """What stands between the columns, judged by the first line."""
    head = text.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _column(name: str) -> str:
    word = " ".join(meant(name).strip().lower().replace("_", " ").split())
    return _NAMES.get(word, word).replace(" ", "_")


def titled(text: str) -> bool:
    """Whether the first line names columns, one of them for titles."""
    columns = _columns(text)
    return len(columns) > 1 and "title" in columns


def _read_rows(name: str, text: str, losses: Losses) -> Iterator[dict[str, str]]:
    csv.field_size_limit(LARGEST)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
    try:
        columns = [_column(one) for one in next(lines, [])]
        if "title" not in columns:
            raise malformed(name, "line 1", "no column is called title")
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield _row(name, lines.line_num, columns, cells, losses)
    except csv.Error as error:
        raise malformed(name, f"line {lines.line_num}", str(error)) from None


def _row(
    name: str, number: int, columns: Sequence[str], cells: Sequence[str], losses: Losses
) -> dict[str, str]:
    if len(cells) > len(columns):
        raise malformed(name, f"line {number}", f"{len(cells)} cells for {len(columns)} columns")
    row = {
        column: meant(cell) for column, cell in zip(columns, cells, strict=False) if cell.strip()
    }
    unknown = [column for column in row if column not in COLUMNS]
    losses.add_fields(unknown, f"line {number}")
    return row


def _items(rows: Sequence[Mapping[str, str]], losses: Losses) -> list[Item]:
    """The rows as tasks; one that names a parent which is there is its subtask."""
    ids = {row["id"] for row in rows if "id" in row and "parent" not in row}
    steps: dict[str, list[Item]] = {}
    for row in rows:
        if row.get("parent") in ids:
            steps.setdefault(row["parent"], []).append(fields.item(row, losses))
    items = []
    for row in rows:
        parent = row.get("parent", "")
        if parent in ids and parent:
            continue
        if parent:
            losses.add("parent", f"{row.get('id', row.get('title'))} belongs to {parent}")
        alone = {key: value for key, value in row.items() if key != "parent"}
        items.append(fields.item(alone, losses, steps.pop(row.get("id", ""), ())))
    return items
