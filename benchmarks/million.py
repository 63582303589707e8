"""How Postgres finds its answers among a million tasks: times, indexes, pages read."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

from datasets import COMMON, RARE

from taskmaster.domain.choice import Wanted
from taskmaster.ports import Reader
from taskmaster.stores.postgres.store import PostgresStore

TAG = "master"
TODAY = str(dt.datetime.now(dt.UTC).date())
ROUNDS = 9
LARGE = {"tasks", "nodes", "edges", "searched"}
"""Tables that no answer may read from end to end."""

QUESTIONS: dict[str, Callable[[Reader], object]] = {
    "next": lambda reader: reader.best(TAG, TODAY, 1),
    "ready, 20 of them": lambda reader: reader.page(TAG, Wanted(ready=True), TODAY, 0, 20),
    "high ones in review": lambda reader: reader.page(
        TAG, Wanted(frozenset({"review"}), frozenset({"high"})), TODAY, 0, 20
    ),
    "critical ones that block": lambda reader: reader.page(
        TAG, Wanted(priorities=frozenset({"critical"}), blocking=True), TODAY, 0, 20
    ),
    "page 100 of all": lambda reader: reader.page(TAG, Wanted(), TODAY, 2_000, 20),
    "counts": lambda reader: reader.tally(TAG, TODAY),
    f"search {RARE}": lambda reader: reader.containing(TAG, [RARE]),
    "one task": lambda reader: reader.get(TAG, "500000"),
    "around one task": lambda reader: reader.around(TAG, ["500000"]),
    "numbering": lambda reader: reader.numbering(TAG),
}
"""What must take tens of milliseconds; a word in every tenth task is shown besides."""
SLOW = {f"search {COMMON}": lambda reader: reader.containing(TAG, [COMMON])}


def explained(dsn: str) -> None:
    """Print each question's time and how it was answered. Raises SystemExit for a bad plan."""
    store = PostgresStore(dsn, "bench")
    print("\nA million tasks in Postgres, row security forced; median of warm rounds")
    print(f"{'question':<26}{'ms':>8}{'statements':>12}{'pages':>8}  indexes")
    bad = []
    for name, ask in (QUESTIONS | SLOW).items():
        with store.reading() as reader:
            reader.tags()
            spent = statistics.median(timed(ask, reader) for _ in range(ROUNDS))
            plans = explain(reader, ask)
        indexes = sorted({index for plan in plans for index in indexes_of(plan["Plan"])})
        pages = sum(plan["Plan"].get("Shared Hit Blocks", 0) for plan in plans)
        scanned = {table for plan in plans for table in scans_of(plan["Plan"])} & LARGE
        print(f"{name:<26}{spent:>8.1f}{len(plans):>12}{pages:>8}  {', '.join(indexes)}")
        if scanned and name not in SLOW:
            bad.append(f"{name} reads all of {', '.join(sorted(scanned))}")
    if bad:
        raise SystemExit("\n".join(bad))


def timed(ask: Callable[[Reader], object], reader: Reader) -> float:
    begun = time.perf_counter()
    ask(reader)
    return (time.perf_counter() - begun) * 1e3


def explain(reader: Any, ask: Callable[[Reader], object]) -> list[dict[str, Any]]:  # noqa: ANN401
    """The plans of the statements that answer a question, each carried out."""
    session = reader.session
    asked: list[tuple[str, Any]] = []
    each = session.each

    def noted(*questions: tuple[str, Any]) -> Any:  # noqa: ANN401
        asked.extend(questions)
        return each(*questions)

    session.each = noted
    try:
        ask(reader)
    finally:
        session.each = each
    prefix = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
    return [each((prefix + text, values))[0][0][0][0] for text, values in asked]


def nodes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(inner for one in plan.get("Plans", ()) for inner in nodes_of(one))]


def indexes_of(plan: dict[str, Any]) -> set[str]:
    return {one["Index Name"] for one in nodes_of(plan) if "Index Name" in one}


def scans_of(plan: dict[str, Any]) -> set[str]:
    return {
        one["Relation Name"]
        for one in nodes_of(plan)
        if one["Node Type"] == "Seq Scan" and one["Actual Loops"]
    }
