"""The tables of one database: what state they are in, and how to bring them to another."""

from __future__ import annotations

from collections import namedtuple

from taskmaster.errors import CorruptStore, TampError, Unavailable, Usage
from taskmaster.stores.sql.migrations import CONTRACT, EXPAND, NOTES, back, forth, label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NamedTuple, Protocol, Self

    from taskmaster.stores.sql.migrations import Migration, Migrations

    Text = Callable[[Migration, str], str]

    class Applied(NamedTuple):
        """What the database notes about a migration that was carried out."""

        number: int
        name: str
        checksum: str
        phase: str
        applied_at: str

    class Standing(NamedTuple):
        """``state`` is one of applied, pending, altered (applied, with another text than ours),
        unknown (applied, and no migration of ours).
        """

        number: int
        name: str
        phase: str
        state: str
        applied_at: str

    class Database(Protocol):
        """What migrations need of an engine. Everything raises TampError in place of the driver's
        errors: Busy when a wait is over, Forbidden for a missing right.
        """

        kind: str
        now: str
        """The time now, as an expression of the engine."""

        @property
        def name(self) -> str:
            """Which database it is, in words for people, without any secret."""

        def noted(self, query: str) -> list[tuple[int, str, str, str, str]]:
            """The rows that *query*, which has no conditions yet, finds where new tables come to
            lie; none where there is no such table, or no database yet.
            """

        def acquire(self) -> None:
            """Keep everybody else who wants to migrate out, as far as ``begin`` does not."""

        def begin(self) -> None:
            """Begin a transaction beside which nobody else can migrate."""

        def run(self, script: str) -> None:
            """Carry out statements inside the transaction."""

        def commit(self) -> None: ...

        def rollback(self) -> None: ...

        def release(self) -> None: ...

        def close(self) -> None: ...

else:
    Applied = namedtuple("Applied", "number name checksum phase applied_at")
    Standing = namedtuple("Standing", "number name phase state applied_at")

_WORDS = {
    "pending": "is pending: `tamp db upgrade` when no older version is in use any more",
    "unknown": "was applied by a newer version, and this one can work with it",
}
_UPGRADE = "`tamp db upgrade` brings it up to date"


class Schema:
    """One database and the migrations that this version of the program knows."""

    def __init__(self, database: Database, migrations: Migrations) -> None:
        self.database = database
        self.migrations = migrations

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.database.close()

    def applied(self) -> list[Applied]:
        """What the database notes, ascending: one query."""
        return sorted(Applied(*row) for row in self.database.noted(NOTES))

    def check(self) -> None:
        """Whether this version can work with the tables; for whoever opens a store.

        Tolerated are expand migrations that are not known here, and contract ones that are pending:
        code of two versions can then work side by side. Raises Unavailable with the codes
        ``schema-missing``, ``schema-too-old`` and ``schema-too-new``, CorruptStore with
        ``schema-altered`` and ``schema-half-migrated``.
        """
        problem = self.problem(self.applied())
        if problem is not None:
            raise problem

    def problem(self, applied: Sequence[Applied]) -> TampError | None:
        """What ``check`` would raise."""
        return self._damage(applied) or self._too_new(applied) or self._lack(len(applied))

    def status(self, applied: Sequence[Applied] | None = None) -> list[Standing]:
        """Every migration that is known here or applied there, by number; never refuses."""
        theirs = {one.number: one for one in (self.applied() if applied is None else applied)}
        known = self.migrations.known
        return [
            *(_standing(one, theirs.pop(one.number, None)) for one in known),
            *(_unheard(one) for one in theirs.values()),
        ]

    def oddities(self) -> list[str]:
        """What is no problem, in sentences for a person."""
        return [
            f"migration {one.number:04d}_{one.name} {_WORDS[one.state]}"
            for one in self.status()
            if one.state in _WORDS
        ]

    def rising(self, to: int | None = None, *, expand: bool = False) -> Sequence[Migration]:
        """What ``upgrade`` would apply. Raises as it."""
        current = self._current()
        if to is not None and to < current:
            raise Usage(
                f"the database is at migration {current}, beyond {to}",
                hint=f"`tamp db downgrade --to {to}` takes migrations back",
            )
        target = max(self.migrations.last, current) if to is None else to
        if target == current:
            return ()
        ahead = self.migrations.between(current, target)
        return _until_contract(ahead) if expand and current else ahead

    def upgrade(self, to: int | None = None, *, expand: bool = False) -> list[Migration]:
        """Apply everything up to migration *to* (default: all), each in a transaction of its own.

        With *expand* it stops before the first that code of the schema before could not stand; an
        empty database has no such code. Gives what was applied: nothing where another process was
        faster. Raises Busy, Usage when the database is beyond *to*, NotFound for a number that no
        migration has, and what ``check`` raises and no upgrade mends.
        """
        ahead = self.rising(to, expand=expand)
        target = ahead[-1].number if ahead else 0
        return self._carried_out(
            "applied", forth, lambda current: self.migrations.known[current:target]
        )

    def falling(self, to: int) -> Sequence[Migration]:
        """What ``downgrade`` would take back, in that order. Raises as it."""
        applied = self.applied()
        if problem := self._damage(applied):
            raise problem
        current = len(applied)
        if to > current:
            raise Usage(
                f"the database is at migration {current}, before {to}",
                hint=f"`tamp db upgrade --to {to}` applies migrations",
            )
        if to < current and current > self.migrations.last:
            raise _unknown(applied[-1], "cannot take back")
        return self.migrations.between(current, to) if to < current else ()

    def downgrade(self, to: int) -> list[Migration]:
        """Take back everything after migration *to*, the last first; 0 leaves an empty database.

        Refused before anything is done when one of them has no way back (Invalid) or is not known
        here (Unavailable). Raises besides as ``upgrade``.
        """
        self.falling(to)
        return self._carried_out("taken back", back, lambda _current: self.falling(to))

    def _carried_out(
        self, verb: str, text: Text, ahead: Callable[[int], Sequence[Migration]]
    ) -> list[Migration]:
        """Carry out what lies *ahead* of where the database is, looked up anew for each step."""
        done: list[Migration] = []
        self.database.acquire()
        try:
            while (one := self._step(verb, text, ahead, done)) is not None:
                done.append(one)
        finally:
            self.database.release()
        return done

    def _step(
        self,
        verb: str,
        text: Text,
        ahead: Callable[[int], Sequence[Migration]],
        done: Sequence[Migration],
    ) -> Migration | None:
        self.database.begin()
        try:
            left = ahead(self._current())
            if left:
                self._run(verb, text(left[0], self.database.now), left[0], done)
            self.database.commit()
        except BaseException:
            self.database.rollback()
            raise
        return left[0] if left else None

    def _run(self, verb: str, script: str, one: Migration, done: Sequence[Migration]) -> None:
        try:
            self.database.run(script)
        except TampError as error:
            before = ", ".join(map(label, done))
            kept = f"{before} had been {verb} before it" if before else "nothing was changed"
            message = f"migration {label(one)} could not be {verb}: {error.message}; {kept}"
            raise type(error)(message, hint=error.hint, code=error.code) from error

    def _current(self) -> int:
        """The number of the last migration, where a database can be gone on with."""
        applied = self.applied()
        problem = self._damage(applied) or self._too_new(applied)
        if problem is not None:
            raise problem
        return len(applied)

    def _damage(self, applied: Sequence[Applied]) -> CorruptStore | None:
        """What no migration can mend."""
        for place, one in enumerate(applied, 1):
            if one.number != place:
                return _half_migrated(place, one)
        for ours, theirs in zip(self.migrations.known, applied, strict=False):
            if ours.checksum != theirs.checksum:
                return _altered(ours, theirs)
        return None

    def _too_new(self, applied: Sequence[Applied]) -> Unavailable | None:
        beyond = [one for one in applied[self.migrations.last :] if one.phase != EXPAND]
        return _unknown(beyond[-1], "cannot work with") if beyond else None

    def _lack(self, current: int) -> Unavailable | None:
        if not current:
            return Unavailable(
                f"{self.database.name} holds no tables of Task Master Pro yet",
                hint="`tamp db upgrade` makes them",
                code="schema-missing",
            )
        needed = [one for one in self.migrations.known[current:] if one.phase == EXPAND]
        if not needed:
            return None
        return Unavailable(
            f"{self.database.name} is at migration {current}, and this version needs"
            f" {label(needed[-1])}",
            hint=_UPGRADE,
            code="schema-too-old",
        )


def _until_contract(ahead: Sequence[Migration]) -> Sequence[Migration]:
    places = (place for place, one in enumerate(ahead) if one.phase == CONTRACT)
    return ahead[: next(places, len(ahead))]


def _standing(ours: Migration, theirs: Applied | None) -> Standing:
    if theirs is None:
        return Standing(ours.number, ours.name, ours.phase, "pending", "")
    state = "applied" if ours.checksum == theirs.checksum else "altered"
    return Standing(ours.number, ours.name, ours.phase, state, theirs.applied_at)


def _unheard(theirs: Applied) -> Standing:
    return Standing(theirs.number, theirs.name, theirs.phase, "unknown", theirs.applied_at)


def _unknown(one: Applied, verb: str) -> Unavailable:
    return Unavailable(
        f"migration {one.number:04d}_{one.name} was applied by a newer version, and this one"
        f" {verb} what it does not know",
        hint="install the newer version",
        code="schema-too-new",
    )


def _half_migrated(place: int, one: Applied) -> CorruptStore:
    return CorruptStore(
        f"migration {one.number:04d}_{one.name} is applied, and {place:04d} before it is not",
        hint="somebody has changed the tables or the notes about them by hand: restore a backup,"
        f" or carry out what `tamp db sql --from={place - 1} --to={place}` shows",
        code="schema-half-migrated",
    )


def _altered(ours: Migration, theirs: Applied) -> CorruptStore:
    return CorruptStore(
        f"migration {label(ours)} was applied with another text ({theirs.checksum[:8]}) than this"
        f" version has ({ours.checksum[:8]})",
        hint="use the version that applied it, or move the tasks into a new database",
        code="schema-altered",
    )
