"""The tasks of a tag in columns, one for each status."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import HorizontalScroll, Vertical

from taskmaster.domain.task import STATUSES
from taskmaster.tui.lines import ICONS, cell
from taskmaster.tui.rows import Caption, Rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.text import Text
    from textual.app import ComposeResult

    from taskmaster.tui.lines import Line, Make

OTHER = "other"
COLUMNS = (*STATUSES, OTHER)
ALWAYS = ("pending", "in-progress", "done")


class Board(HorizontalScroll, can_focus=False):
    """A list for each status; statuses that no task has are left out, but for the usual ones."""

    DEFAULT_CSS = """
    Board > Vertical { width: 1fr; min-width: 22; padding-right: 1; }
    Board Caption { height: 1; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "aside(-1)", show=False, priority=True),
        Binding("right", "aside(1)", show=False, priority=True),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._columns = {one: Rows(f"column-{one}") for one in COLUMNS}
        self._captions = {one: Caption() for one in COLUMNS}
        # Held rather than looked up: the first answer may come before they are on the screen.
        self._places = {one: Vertical(id=f"status-{one}") for one in COLUMNS}
        self._current = ALWAYS[0]

    def compose(self) -> ComposeResult:
        for one in COLUMNS:
            with self._places[one]:
                yield self._captions[one]
                yield self._columns[one]

    @property
    def column(self) -> Rows:
        """The column we are in."""
        focused = (one for one, rows in self._columns.items() if rows.has_focus)
        self._current = next(focused, self._current)
        return self._columns[self._current]

    @property
    def chosen(self) -> Line | None:
        return self.column.chosen

    def show(self, parts: Mapping[str, Make]) -> None:
        """Show the cards of each status; a card that went to another column is followed there."""
        column, before = self.column, self.chosen
        for status, rows in self._columns.items():
            rows.show(parts.get(status, lambda _width: ()))
            self._captions[status].draw = partial(_caption, status, len(rows.lines))
            self._places[status].display = bool(rows.lines) or status in ALWAYS
        if before and not (column.chosen and column.chosen.key == before.key):
            self.select(before.key)

    def select(self, key: str) -> bool:
        """Go to the card with this key, if there is one."""
        for status, rows in self._columns.items():
            if rows.select(key):
                return self._enter(status)
        return False

    def _enter(self, status: str) -> bool:
        inside = self.column.has_focus
        self._current = status
        if inside:
            self._columns[status].focus()
        return True

    def take_focus(self) -> None:
        self.column.focus()

    def action_aside(self, steps: int) -> None:
        shown = [one for one in COLUMNS if self._places[one].display]
        names = {rows.id: one for one, rows in self._columns.items()}
        here = names[self.column.id]
        at = shown.index(here) if here in shown else 0
        self._enter(shown[(at + steps) % len(shown)])


def _caption(status: str, count: int, width: int) -> Text:
    return cell(f"{ICONS.get(status, '?')} {status} ({count})", width - 1, "bold")
