"""Many operations as one change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskmaster.client.asks import Ask, call, record
from taskmaster.client.live import Edit
from taskmaster.client.records import Record, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Result(Record):
    index: int
    op: str
    ok: bool
    id: str | None
    ids: list[str]


class Applied(Record):
    """``names`` are what the names of the batch stand for, ``changes`` what it changed."""

    dry_run: bool
    results: list[Result]
    names: dict[str, str]
    changes: list[Edit]
    tag: str


class BatchCalls:
    """Batches."""

    @call
    def apply_batch(
        self,
        operations: Sequence[Mapping[str, Value]],
        *,
        dry_run: bool = False,
        note: str = "",
        tag: str = "",
    ) -> Ask[Applied]:
        """Carry out many operations as one change: all of them, or none.

        Each is a mapping with its ``op`` and what that takes, as in a file for ``tamp apply``.
        Where one fails, the details of the error have its ``index`` and the ``results`` so far.
        """
        body = {"operations": list(operations), "dryRun": dry_run, "note": note}
        return Ask("POST", "/batch", record(Applied), {"tag": tag}, body)
