"""What happened, and taking it back."""

from __future__ import annotations

from taskmaster.client.asks import Ask, Ident, at, call, ident, record
from taskmaster.client.live import Change
from taskmaster.client.records import Record


class History(Record):
    """``transactions`` are the changes, newest first."""

    transactions: list[Change]
    tag: str


class Undone(Record):
    """``undone`` is what was taken back, ``transaction`` what did it."""

    dry_run: bool
    undone: Change
    transaction: Change | None


class ChangesPage(Record):
    """Oldest first. ``since`` is what to ask with for the next page, ``more`` whether there is one
    already, ``latest`` the number of the last change.
    """

    changes: list[Change]
    since: int
    latest: int
    more: bool


class PastCalls:
    """History, undo, and changes in pages."""

    @call
    def list_changes(
        self, since: int = 0, limit: int = 100, *, wait: float = 0, tag: str = ""
    ) -> Ask[ChangesPage]:
        """What happened after a change, oldest first.

        Where nothing has yet, the answer comes as soon as something does, or after *wait* seconds.
        """
        query = {"since": since, "limit": limit, "wait": wait, "tag": tag}
        return Ask("GET", "/changes", record(ChangesPage), query, wait=wait)

    @call
    def list_history(
        self, task: Ident = "", *, since: int = 0, limit: int = 20, tag: str = ""
    ) -> Ask[History]:
        """What happened, newest first: to all, to one tag, or to one task."""
        query = {"task": ident(task), "since": since, "limit": limit, "tag": tag}
        return Ask("GET", "/history", record(History), query)

    @call
    def list_task_history(
        self, task_id: Ident, *, since: int = 0, limit: int = 20, tag: str = ""
    ) -> Ask[History]:
        """What happened to a task and its subtasks, newest first; also to one that is gone."""
        query = {"since": since, "limit": limit, "tag": tag}
        return Ask("GET", at("tasks", task_id, "history"), record(History), query)

    @call
    def undo(
        self, number: int | None = None, *, force: bool = False, dry_run: bool = False
    ) -> Ask[Undone]:
        """Take the last change back, or the one with a number and all that was done with it.

        With *force* also where it was changed since.
        """
        body: dict[str, object] = {"force": force, "dryRun": dry_run}
        if number is not None:
            body["number"] = number
        return Ask("POST", "/undo", record(Undone), body=body)
