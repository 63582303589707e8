"""Looking at the project: its pages, and what other processes change.

Everything that reads the project runs in a thread beside the event loop, one at a time.
"""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING

from textual.app import App
from textual.content import Content
from textual.widgets import ContentSwitcher, Input, Static

from taskmaster import app, config
from taskmaster.domain import grammar
from taskmaster.errors import NotFound, TampError
from taskmaster.tui.board import Board
from taskmaster.tui.keys import KEYS, ORDERS, PAGES
from taskmaster.tui.lines import cell, clean
from taskmaster.tui.reading import Wish, read
from taskmaster.tui.rows import Caption, Rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.text import Text
    from textual.app import ComposeResult
    from textual.notifications import SeverityLevel

    from taskmaster.config import Project, Storage
    from taskmaster.tui.lines import Found, Line
    from taskmaster.workspace import Workspace

TICK = 0.25
"""How long, in seconds, leaving may have to wait for the thread that listens."""


class Pages(App[None]):
    """The tasks of one project on a terminal, to be looked at."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #top { height: 1; background: $primary; color: $text; text-style: bold; }
    #columns { height: 1; padding-right: 1; }
    #filter { display: none; height: 3; }
    ContentSwitcher { height: 1fr; }
    #keys { height: auto; background: $panel; }
    ModalScreen { align: center middle; }
    ModalScreen > Vertical, ModalScreen > VerticalScroll {
        width: 76; max-width: 95%; height: auto; max-height: 90%;
        border: round $accent; background: $surface; padding: 0 1;
    }
    ModalScreen .hint { color: $text-muted; }
    """

    def __init__(
        self, project: Project, tag: str, *, where: str = "", environ: Mapping[str, str]
    ) -> None:
        super().__init__()
        self.project = project
        self.tag = tag
        self.wish = Wish("list", where)
        self.trail: list[Wish] = []
        self._environ = environ
        self._rows = {name: Rows(name) for name in (*PAGES, "detail") if name != "board"}
        self._board = Board("board")
        self._reading = self._stale = False
        self._wanted = self._trouble = ""
        self._opened: Workspace | None = None
        self._storage: Storage | None = None

    def compose(self) -> ComposeResult:
        yield Caption(id="top")
        yield Input(self.wish.where, placeholder="status:pending priority>=high", id="filter")
        yield Caption(id="columns")
        with ContentSwitcher(initial="list"):
            yield from self._rows.values()
            yield self._board
        yield Static(_key_line(), id="keys")

    def on_mount(self) -> None:
        self._pages = self.query_one(ContentSwitcher)
        self._filter = self.query_one("#filter", Input)
        self._top, self._columns = (
            self.query_one(f"#{one}", Caption) for one in ("top", "columns")
        )
        self._filter.display = bool(self.wish.where)
        self._say_where("")
        self._rows["list"].focus()
        self.run_worker(self._listen())

    # What is seen

    @property
    def view(self) -> Rows | Board:
        """The list or board on the page."""
        return self._board if self.wish.page == "board" else self._rows[self.wish.page]

    @property
    def chosen(self) -> Line | None:
        return self.view.chosen

    def workspace(self) -> Workspace:
        """The project on the tag we look at, where its tasks are kept now."""
        storage = config.storage(self.project, os.environ)
        if self._opened is None or storage != self._storage:
            self._opened = app.workspace(self.project, self._environ, tag=self.tag, via="tui")
            self._storage = storage
        return self._opened.on(self.tag)

    def let_go(self) -> None:
        """Close what is open, once nothing is under way any more."""
        if self._opened is not None:
            self._opened.close()

    def reload(self, wanted: str = "") -> None:
        """Read the page again and, once it is there, go to the line with the key *wanted*."""
        self._wanted = wanted or self._wanted
        self._stale = True
        if not self._reading:
            self._reading = True
            self.run_worker(self._read_all())

    async def _read_all(self) -> None:
        try:
            while self._stale:
                self._stale = False
                await self._read()
        finally:
            self._reading = False

    async def _read(self) -> None:
        wish, ws = self.wish, self.workspace()
        try:
            found = await asyncio.to_thread(read, ws, wish)
        except TampError as error:
            self._cannot_read(error, wish)
            return
        if wish == self.wish and ws.tag == self.tag:
            self._trouble = ""
            self._show(found)

    def _cannot_read(self, error: TampError, wish: Wish) -> None:
        """Say so once; what was read before stays, but for a task that is gone."""
        if self._trouble != error.message:
            self._trouble = error.message
            self.problem(error)
        self._say_where(f"cannot be read ({error.code})")
        if wish == self.wish and wish.page == "detail" and isinstance(error, NotFound):
            self.action_return()

    def _show(self, found: Found) -> None:
        self._say_where(found.head)
        self._columns.draw = found.columns
        self._columns.display = found.columns is not None
        if isinstance(self.view, Board):
            self.view.show(found.parts)
        else:
            self.view.show(found.parts[""])
        if self._wanted and self.view.select(self._wanted):
            self._wanted = ""

    def _say_where(self, head: str) -> None:
        name = os.path.basename(self.project.root)
        words = f" {name}  tag {self.tag}  {self.wish.page}: {head}"
        self._top.draw = partial(_bar, words)

    async def _listen(self) -> None:
        """Read again whenever another process, or we, have changed something."""
        listener = await asyncio.to_thread(app.listener, self.project)
        self.reload()
        deaf = False
        while True:
            if deaf != bool(listener.trouble):
                deaf = bool(listener.trouble)
                self.tell(listener.trouble or "all is well again", severe=deaf)
            if await asyncio.to_thread(listener.wait, TICK):
                self.reload()

    def problem(self, error: TampError) -> None:
        """Tell what went wrong, and what to do about it."""
        words = f"{error.message}\n{error.hint}" if error.hint else error.message
        self.tell(words, title=error.code, severe=True)

    def tell(self, words: str, *, title: str = "", severe: bool = False) -> None:
        shown = "\n".join(map(clean, words.split("\n")))
        severity: SeverityLevel = "error" if severe else "information"
        timeout = 12.0 if severe else 5.0
        self.notify(shown, title=title, severity=severity, timeout=timeout, markup=False)

    # Going about

    def go(self, wish: Wish, wanted: str = "") -> None:
        changed = wish.page != self.wish.page
        self.wish = wish
        self._pages.current = wish.page
        if changed:
            self._take_focus()
        self.reload(wanted)

    def _take_focus(self) -> None:
        view = self.view
        target = view.column if isinstance(view, Board) else view
        self.call_after_refresh(target.focus)

    def action_page(self, name: str) -> None:
        self.trail.clear()
        line = self.chosen
        self.go(self.wish._replace(page=name, task=""), line.task if line else "")

    def on_rows_opened(self, event: Rows.Opened) -> None:
        task = event.line.task
        if task and task != self.wish.task:
            self.trail.append(self.wish)
            self._rows["detail"].cursor = 0
            self.go(self.wish._replace(page="detail", task=task))

    def action_return(self) -> None:
        """To where we came from; from a page of its own, away from the filter."""
        if self.trail:
            self.go(self.trail.pop(), self.wish.task)
        elif self.wish.where or self._filter.display:
            self._filter.value = ""
            self._apply_filter("")

    def action_filter(self) -> None:
        if self.wish.page not in ("list", "board"):
            self.action_page("list")
        self._filter.display = True
        self.screen.set_focus(self._filter)  # At once: the next key belongs to the query.

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        try:
            grammar.parse(text or "is:open")
        except TampError as error:
            self.problem(error)
            return
        self._apply_filter(text)

    def _apply_filter(self, text: str) -> None:
        self._filter.display = bool(text)
        self._take_focus()
        self.go(self.wish._replace(where=text))

    def action_order(self) -> None:
        place = (ORDERS.index(self.wish.sort) + 1) % len(ORDERS)
        self.go(self.wish._replace(sort=ORDERS[place]))


def _bar(words: str, width: int) -> Text:
    return cell(words, width)


def _key_line() -> Content:
    """Every key with its word; a click does the same. Only words of ours are in it."""
    shown = [
        f"[@click=app.{key.action}][b]{key.shown}[/b] {key.word}[/]"
        if key.action
        else f"[b]{key.shown}[/b] {key.word}"
        for key in KEYS
    ]
    return Content.from_markup("  ".join(shown))
