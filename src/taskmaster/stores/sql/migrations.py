"""The numbered migrations of an engine: SQL files that lead from one schema to the next and back.

``0002_claims.up.sql`` begins with ``-- phase: expand`` where code that knows only the schema before
it can go on working on the one after it, else with ``-- phase: contract``. What is applied is noted
in the table ``schema_migrations``. ``0002_claims.down.sql`` takes it back; without that file there
is no way back.
"""

from __future__ import annotations

import os
from collections import namedtuple

from taskmaster.errors import Invalid, NotFound, TampError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NamedTuple

    class Migration(NamedTuple):
        """``up`` is the text of one direction, ``down`` the path of the other or ``""``."""

        number: int
        name: str
        phase: str
        checksum: str
        up: str
        down: str

else:
    Migration = namedtuple("Migration", "number name phase checksum up down")

EXPAND, CONTRACT = "expand", "contract"
_COLUMNS = "number, name, checksum, phase, applied_at"
NOTES = f"SELECT {_COLUMNS} FROM schema_migrations"  # noqa: S608  # all ours
_NOTE = f"INSERT INTO schema_migrations ({_COLUMNS})\n"
_TABLE = """\
CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    phase text NOT NULL,
    applied_at text NOT NULL
);
"""
_UP, _DOWN = ".up.sql", ".down.sql"


class Migrations:
    """What the files in *folder* say. Raises TampError for a set that could not be carried out."""

    def __init__(self, folder: str) -> None:
        self.known: Sequence[Migration] = tuple(_read(folder))

    @property
    def last(self) -> int:
        return self.known[-1].number

    def between(self, start: int, end: int) -> Sequence[Migration]:
        """Those that lead from the schema *start* to *end*, first things first.

        Raises NotFound for a number that no migration has (0 is the empty database), Invalid (code
        ``no-way-back``) where one of those to be taken back cannot be.
        """
        for number in (start, end):
            if not 0 <= number <= self.last:
                raise NotFound(
                    f"there is no migration {number}; they go from 1 to {self.last}",
                    hint="0 is the empty database",
                    code="no-such-migration",
                )
        if start <= end:
            return self.known[start:end]
        return [_reversible(one) for one in reversed(self.known[end:start])]

    def sql(self, start: int, end: int, now: str) -> str:
        """The whole text that leads from the schema *start* to *end*, each step a transaction."""
        text = forth if start <= end else back
        return "\n".join(
            f"-- {label(one)} ({one.phase}{'' if start <= end else ', back'})\n"
            f"BEGIN;\n{text(one, now)}COMMIT;\n"
            for one in self.between(start, end)
        )


def label(migration: Migration) -> str:
    """A migration as its files are named."""
    return f"{migration.number:04d}_{migration.name}"


def forth(migration: Migration, now: str) -> str:
    """The statements that apply a migration and note it; *now* is the engine's word for the time.

    All that stands in the statements comes from the package's own files, whose names are checked.
    """
    number, name, phase, checksum, up, _down = migration
    table = _TABLE if number == 1 else ""
    values = f"{number}, '{name}', '{checksum}', '{phase}', {now}"
    return f"{table}{up}{_NOTE}VALUES ({values});\n"


def back(migration: Migration, _now: str) -> str:
    """The statements that take a migration back; with the first one the table of notes goes too."""
    noted = f"DELETE FROM schema_migrations WHERE number = {migration.number};\n"  # noqa: S608  # a number
    rest = noted if migration.number > 1 else "DROP TABLE schema_migrations;\n"
    return _text(migration.down) + rest


def _reversible(migration: Migration) -> Migration:
    if not migration.down:
        raise Invalid(
            f"migration {label(migration)} has no way back; nothing was changed",
            hint="restore a backup of the database from before it was applied",
            code="no-way-back",
        )
    return migration


def _read(folder: str) -> Iterator[Migration]:
    files = set(os.listdir(folder))
    found = sorted(name for name in files if name.endswith(_UP))
    if not found:
        raise _damaged(folder, "there are no migrations")
    lonely = files - {name[: -len(_UP)] + ending for name in found for ending in (_UP, _DOWN)}
    if unknown := sorted(name for name in lonely if name.endswith(".sql")):
        raise _damaged(folder, f"{unknown[0]} belongs to no migration")
    for place, name in enumerate(found, 1):
        yield _migration(folder, place, name, files)


def _migration(folder: str, place: int, file: str, files: set[str]) -> Migration:
    from hashlib import sha256

    stem = file[: -len(_UP)]
    number, _, name = stem.partition("_")
    if number != f"{place:04d}" or not (name.isascii() and name.replace("_", "").isalnum()):
        raise _damaged(folder, f"{file} should be migration {place:04d}, named in plain words")
    up = _text(os.path.join(folder, file))
    phase = up.partition("\n")[0].removeprefix("-- phase: ")
    if phase not in (EXPAND, CONTRACT):
        raise _damaged(folder, f"{file} does not begin with its phase")
    down = os.path.join(folder, stem + _DOWN) if stem + _DOWN in files else ""
    return Migration(place, name, phase, sha256(up.encode()).hexdigest(), up, down)


def _text(path: str) -> str:
    """What the file says, with line ends that are the same on every system."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not text.rstrip().endswith(";"):
        # What is noted afterwards would become part of its last statement.
        raise _damaged(os.path.dirname(path), f"{os.path.basename(path)} does not end with a ;")
    return text if text.endswith("\n") else f"{text}\n"


def _damaged(folder: str, what: str) -> TampError:
    return TampError(
        f"the migrations in {folder} cannot be used: {what}",
        hint="install the package again",
        code="package-damaged",
    )
