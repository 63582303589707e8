"""All tasks of a list, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskmaster.client.exceptions import ConflictError
    from taskmaster.client.models import Page, Task

SIZE = 100
"""Tasks of a page: as many as a server gives at once."""


class Pages:
    """``query`` asks for the next page, ``more`` says whether there is one.

    A task is given once, also when the list has to be begun again because the task at which a page
    ended was taken away.
    """

    def __init__(self, query: dict[str, Any]) -> None:
        self.query = {"limit": SIZE, **query}
        self.more = True
        self._given: set[str] = set()

    def take(self, page: Page) -> Iterator[Task]:
        """The tasks of the page that were not given before."""
        self.query["cursor"] = page.next_cursor
        self.more = bool(page.next_cursor)
        fresh = [task for task in page if task.id not in self._given]
        self._given.update(task.id for task in fresh)
        return iter(fresh)

    def begin_again(self, error: ConflictError) -> None:
        """Raises *error* where it is not about the cursor."""
        if error.code != "stale-cursor":
            raise error
        self.query["cursor"] = ""
