"""Every key of the terminal interface: only strings, so that they can be told without drawing."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Key(NamedTuple):
        """``name`` is what Textual calls the key, ``shown`` what is on the keyboard.

        ``action`` is ``""`` where the list itself answers to the key.
        """

        name: str
        shown: str
        action: str
        word: str
        meaning: str

else:
    Key = namedtuple("Key", "name shown action word meaning")

PAGES = {
    "list": "all tasks as a table",
    "board": "the tasks in columns, one for each status",
    "tree": "tasks with their subtasks",
    "graph": "what waits for what, and the critical path",
    "history": "who changed what, newest first",
}
KEYS = (
    *(
        Key(str(number), str(number), f"page('{name}')", name, f"show {meaning}")
        for number, (name, meaning) in enumerate(PAGES.items(), start=1)
    ),
    Key("enter", "Enter", "", "open", "show the chosen task in full"),
    Key("escape", "Esc", "return", "back", "go back; on the list, show all tasks again"),
    Key("slash", "/", "filter", "filter", "show only the tasks that a query means"),
    Key("o", "o", "order", "order", "sort by the next of: file, status, priority, due, title"),
    Key("s", "s", "status", "status", "change the status of the chosen task"),
    Key("n", "n", "next", "next", "go to the task to do next, and say why"),
    Key("a", "a", "add", "add", "write a task down"),
    Key("e", "e", "note", "note", "add a note to the chosen task"),
    Key("u", "u", "undo", "undo", "take the last change back, or the one chosen in the history"),
    Key("t", "t", "tag", "tag", "look at another tag; the project's current one stays"),
    Key("question_mark", "?", "help", "help", "show all keys"),
    Key("q", "q", "quit", "quit", "leave"),
)
MOVES = (
    Key("up,k", "↑ ↓ k j", "", "", "move up and down"),
    Key("left,right", "← →", "", "", "on the board, move to the next column"),
    Key("pageup,pagedown", "PgUp PgDn", "", "", "move a page"),
    Key("home,end", "Home End", "", "", "move to the first or the last line"),
)
ORDERS = ("", "status", "priority", "due", "title")
