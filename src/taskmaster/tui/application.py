"""The terminal interface itself: the pages, and the keys that do something.

Everything that writes runs in a thread beside the event loop, one thing after the other.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from taskmaster.domain.task import STATUSES
from taskmaster.errors import TampError
from taskmaster.tui import acts
from taskmaster.tui.dialogs import Agreement, Choice, Help, Question
from taskmaster.tui.keys import KEYS
from taskmaster.tui.lines import icon
from taskmaster.tui.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from taskmaster.config import Project
    from taskmaster.tui.acts import Said
    from taskmaster.workspace import Workspace


class Interface(Pages):
    """The tasks of one project on a terminal, with keys to change them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.name, key.action, key.word) for key in KEYS if key.action
    ]

    def __init__(
        self, project: Project, tag: str, *, where: str = "", environ: Mapping[str, str]
    ) -> None:
        super().__init__(project, tag, where=where, environ=environ)
        self._turn = asyncio.Lock()

    def action_help(self) -> None:
        self.push_screen(Help())

    async def _do(self, act: Callable[[Workspace], Said], ws: Workspace) -> Said | None:
        """Run *act* beside the event loop, after all acts before it; say what came of it."""
        try:
            async with self._turn:
                said = await asyncio.to_thread(acts.repeated, act, ws)
        except TampError as error:
            self.problem(error)
            return None
        self.tell(said.words)
        self.reload()
        return said

    def action_status(self) -> None:
        self.run_worker(self._status())

    async def _status(self) -> None:
        task, ws = self._chosen_task(), self.workspace()
        if task:
            offers = [(one, icon(one)) for one in STATUSES]
            word = await self.push_screen_wait(Choice(f"Status of {task}", offers, STATUSES[0]))
            if word:
                await self._do(lambda ws: acts.give_status(ws, task, word), ws)

    def _chosen_task(self) -> str:
        """The chosen task; tells the person when there is none."""
        line = self.chosen
        if line is None or not line.task:
            self.tell("choose a task first")
            return ""
        return line.task

    def action_next(self) -> None:
        self.run_worker(self._next())

    async def _next(self) -> None:
        said = await self._do(acts.go_on, self.workspace())
        if said and said.task:
            page = "tree" if "." in said.task else "list"
            self.trail.clear()
            self._filter.value = ""
            self._filter.display = False
            self.go(self.wish._replace(page=page, where="", task=""), said.task)

    def action_add(self) -> None:
        self.run_worker(self._add())

    async def _add(self) -> None:
        ws = self.workspace()
        words = await self.push_screen_wait(Question("Title of the new task"))
        said = await self._do(lambda ws: acts.add(ws, words), ws) if words else None
        if said:
            self.reload(said.task)

    def action_note(self) -> None:
        self.run_worker(self._note())

    async def _note(self) -> None:
        task, ws = self._chosen_task(), self.workspace()
        words = await self.push_screen_wait(Question(f"Note for {task}")) if task else ""
        if words:
            await self._do(lambda ws: acts.note(ws, task, words), ws)

    def action_undo(self) -> None:
        self.run_worker(self._undo())

    async def _undo(self) -> None:
        ws, line = self.workspace(), self.chosen
        number = int(line.key) if line and line.key and self.wish.page == "history" else 0
        try:
            target = await asyncio.to_thread(acts.undoable, ws, number)
        except TampError as error:
            self.problem(error)
            return
        if await self.push_screen_wait(Agreement("Take this back?", target.words)):
            await self._do(lambda ws: acts.undo(ws, target.number), ws)

    def action_tag(self) -> None:
        self.run_worker(self._switch())

    async def _switch(self) -> None:
        try:
            names = await asyncio.to_thread(acts.tag_names, self.workspace())
        except TampError as error:
            self.problem(error)
            return
        name = await self.push_screen_wait(Choice("Look at which tag?", names, self.tag))
        if name:
            self.tag = name
            self.action_page("list" if self.wish.page == "detail" else self.wish.page)
