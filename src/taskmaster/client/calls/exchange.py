"""Tasks on their way out and in, and whole copies of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from taskmaster.client.asks import Ask, call, record, text
from taskmaster.client.records import Json, Record, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskmaster.client.models import Entry

Form = Literal["json", "jsonl", "csv", "markdown", "ical", "html", "dump"]


class Imported(Record):
    """``tags`` has what became of each task, ``losses`` what could not be carried over."""

    applied: bool
    format: str
    source: str
    added: int
    updated: int
    known: int
    tags: list[Json]
    losses: list[Json]


class Backup(Record):
    """``why`` says what it was kept for, ``size`` is in bytes."""

    name: str
    path: str
    time: str
    why: str
    size: int


class Backups(Record):
    backups: list[Backup]


class ExchangeCalls:
    """Export, import and backups."""

    @call
    def export_tasks(
        self,
        format: Form = "json",  # noqa: A002  # as the server says
        *,
        status: str = "",
        all_tags: bool = False,
        tag: str = "",
    ) -> Ask[str]:
        """The tasks in a form for other programs or for people.

        ``dump`` is everything there is, with the history; the other forms are the tasks of one tag
        or of all, or those of one status.
        """
        query = {"format": format, "status": status, "allTags": all_tags, "tag": tag}
        return Ask("GET", "/export", text, query, headers={"accept": "*/*"})

    @call
    def import_tasks(
        self,
        content: str | Sequence[Mapping[str, Value] | Entry],
        *,
        format: str = "auto",  # noqa: A002  # as the server says
        name: str = "import",
        dry_run: bool = False,
        update: bool = False,
        from_tag: str = "",
        tag: str = "",
    ) -> Ask[Imported]:
        """Take tasks in, all or none; doing it again adds nothing.

        *content* is the text of a file, or tasks; *name* is what tasks call their origin. With
        *update*, changed titles and statuses of known tasks are taken over as well.
        """
        body = {
            "content": content, "format": format, "name": name, "dryRun": dry_run,
            "update": update, "fromTag": from_tag,
        }  # fmt: skip
        return Ask("POST", "/import", record(Imported), {"tag": tag}, body)

    @call
    def list_backups(self) -> Ask[Backups]:
        """The copies of the tasks that are kept, newest first."""
        return Ask("GET", "/backups", record(Backups))

    @call
    def create_backup(self) -> Ask[Backup]:
        """Keep a copy of the tasks as they are now."""
        return Ask("POST", "/backups", record(Backup))
