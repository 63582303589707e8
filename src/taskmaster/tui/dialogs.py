"""Questions over the page: choose one of several, write a line, agree, read the keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from taskmaster.tui.keys import KEYS, MOVES
from taskmaster.tui.lines import Line, cell, clean
from taskmaster.tui.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult


class Choice(ModalScreen[str]):
    """One of several words, each with a remark; ``""`` when the person thinks better of it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", show=False)]

    def __init__(self, question: str, offers: Sequence[tuple[str, str]], current: str) -> None:
        super().__init__()
        self._question = question
        self._offers = offers
        self._current = current

    def compose(self) -> ComposeResult:
        rows = Rows("offers")
        rows.styles.height = min(max(len(self._offers), 1), 15)
        with Vertical():
            yield Static(Text(clean(self._question), "bold"))
            yield rows
            yield Static(Text("Enter takes it, Esc leaves all as it is"), classes="hint")

    def on_mount(self) -> None:
        side = max((len(word) for word, _ in self._offers), default=0)
        lines = [
            Line(word, partial(_offer, word, remark, side), word) for word, remark in self._offers
        ]
        rows = self.query_one(Rows)
        rows.show(lambda _width: lines)
        rows.select(self._current)
        rows.focus()

    def on_rows_opened(self, event: Rows.Opened) -> None:
        event.stop()
        self.dismiss(event.line.key)

    def action_leave(self) -> None:
        self.dismiss("")


def _offer(word: str, remark: str, side: int, width: int) -> Text:
    return cell(word, side + 2) + cell(remark, width - side - 2, "dim")


class Question(ModalScreen[str]):
    """A line of text; ``""`` when the person thinks better of it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Text(clean(self._question), "bold"))
            yield Input()
            yield Static(Text("Enter takes it, Esc leaves all as it is"), classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        self.dismiss("")


class Agreement(ModalScreen[bool]):
    """Whether the person agrees."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", show=False),
        Binding("n,escape,q", "answer(False)", show=False),
    ]

    def __init__(self, question: str, words: str) -> None:
        super().__init__()
        self._question = question
        self._words = words

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Text(clean(self._question), "bold"))
            yield Static(Text("\n".join(map(clean, self._words.split("\n")))))
            yield Static(Text("y does it, n leaves all as it is"), classes="hint")

    def action_answer(self, agreed: bool) -> None:  # noqa: FBT001  # as the binding says it
        self.dismiss(agreed)


class Help(ModalScreen[None]):
    """All keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,question_mark", "leave", show=False)
    ]

    def compose(self) -> ComposeResult:
        lines = [f"{key.shown:<10} {key.meaning}" for key in (*KEYS, *MOVES)]
        with VerticalScroll():
            yield Static(Text("Keys", "bold"))
            yield Static(Text("\n".join(lines)))

    def action_leave(self) -> None:
        self.dismiss(None)
