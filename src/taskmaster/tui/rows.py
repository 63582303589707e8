"""A list of lines with one of them chosen. Only what is seen is drawn, so it may be long."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from taskmaster.tui.lines import Draw, Line, Make

NARROWEST = 12


class Caption(Widget):
    """A line of text that is drawn for the room there is."""

    draw: reactive[Draw | None] = reactive(None)

    def render(self) -> Text:
        return self.draw(self.size.width) if self.draw else Text()


class Rows(ScrollView, can_focus=True):
    """Lines, one of them under the cursor; keeps that one when the lines are made anew."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor", "rows--idle"}
    DEFAULT_CSS = """
    Rows { overflow-x: hidden; scrollbar-gutter: stable; scrollbar-size-vertical: 1; }
    Rows > .rows--cursor { background: $accent; color: $text; text-style: bold; }
    Rows > .rows--idle { background: $surface-lighten-1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "leap(-1)", show=False),
        Binding("pagedown", "leap(1)", show=False),
        Binding("home", "move(-1000000000)", show=False),
        Binding("end", "move(1000000000)", show=False),
        Binding("enter", "open", show=False),
    ]

    class Opened(Message):
        """A line was chosen with Enter or a click."""

        def __init__(self, line: Line) -> None:
            super().__init__()
            self.line = line

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._make: Make = _nothing
        self.lines: Sequence[Line] = ()
        self.cursor = 0

    @property
    def chosen(self) -> Line | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    def show(self, make: Make) -> None:
        """Show what *make* gives for our width, now and whenever that changes."""
        self._make = make
        self._remake()

    def select(self, key: str) -> bool:
        """Put the cursor on the first line with this key, if there is one."""
        place = next((place for place, one in enumerate(self.lines) if one.key == key), None)
        if place is not None:
            self._go(place)
        return place is not None

    @property
    def room(self) -> int:
        return max(self.scrollable_content_region.width, NARROWEST)

    def _remake(self) -> None:
        before = self.chosen
        self.lines = self._make(self.room)
        self.virtual_size = Size(self.room, len(self.lines))
        now = self.chosen
        kept = before is not None and now is not None and before.key == now.key
        if before is None or kept or not self.select(before.key):
            self._go(self.cursor)
        self.refresh()

    def _go(self, place: int) -> None:
        self.cursor = max(min(place, len(self.lines) - 1), 0)
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)
        self.refresh()

    def on_resize(self, _event: events.Resize) -> None:
        self._remake()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_move(self, steps: int) -> None:
        self._go(self.cursor + steps)

    def action_leap(self, pages: int) -> None:
        self._go(self.cursor + pages * max(self.size.height - 1, 1))

    def action_open(self) -> None:
        if self.chosen is not None:
            self.post_message(self.Opened(self.chosen))

    def on_click(self, event: events.Click) -> None:
        place = event.y + round(self.scroll_y)
        if place == self.cursor:
            self.action_open()
        elif place < len(self.lines):
            self._go(place)

    def render_line(self, y: int) -> Strip:
        place = y + round(self.scroll_y)
        if place >= len(self.lines):
            return Strip.blank(self.size.width, self.rich_style)
        style = self.rich_style
        if place == self.cursor:
            name = "rows--cursor" if self.has_focus else "rows--idle"
            style = self.get_component_rich_style(name)
        text = self.lines[place].draw(self.room).copy()
        text.truncate(self.size.width, overflow="ellipsis", pad=True)
        strip = Strip(text.render(self.app.console, end=""))
        return strip.apply_style(style).adjust_cell_length(self.size.width, style)


def _nothing(_width: int) -> Sequence[Line]:
    return ()
