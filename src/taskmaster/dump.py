"""A whole project as lines of JSON: what is stored and how it came about, for any engine.

``tamp/dump.v1`` is UTF-8, packed with gzip where the file's name ends in ``.gz``::

    {"schema":"tamp/dump.v1","project":"shop","kind":"file","time":"2026-…Z","change":2}
    {"tag":"master","metadata":{}}
    {"entry":{"id":1,"title":"Parse the config file"}}
    {"transaction":{"seq":[1,2],"at":"2026-…Z", …}}
    {"end":{"tags":1,"tasks":1,"changes":2,"sha256":"…"}}

Every tag is followed by its entries, in stored order. The hash is of all lines before the last one.
"""

from __future__ import annotations

import json
import os

from taskmaster import wire
from taskmaster.domain.changes import TagState, Transaction, last_number
from taskmaster.domain.copies import EntryPart, Origin, Received, TagPart, Totals
from taskmaster.errors import CorruptStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import BinaryIO

    from taskmaster.domain.copies import Part
    from taskmaster.ports import Intake, Reader

SCHEMA = "tamp/dump.v1"
_FAMILY = SCHEMA.rpartition("v")[0]
_BATCH, _LEVEL = 500, 6
_BUFFER = 1 << 18


def parts_of(reader: Reader, project: str, kind: str, time: str) -> Iterator[Part]:
    """Everything that a reader shows, without the Totals; *kind* names its engine."""
    change = reader.last_change()
    yield Origin(project, kind, time, change)
    for tag in reader.tags():
        yield TagPart(tag, reader.metadata(tag))
        for entry in reader.entries(tag):
            yield EntryPart(entry)
    for transaction in reader.changes_since(0):
        if transaction.first > change:
            return  # Committed after we began, by an engine whose log can be read ahead.
        yield transaction


def write(parts: Iterable[Part], stream: BinaryIO) -> Totals:
    """Write a dump and say what is in it; Totals among the *parts* are left out."""
    tally = _Tally()
    for line in _lines(parts, tally):  # noqa: FURB122  # nothing but this is asked of a stream
        stream.write(line)
    return tally.totals()


def lines(parts: Iterable[Part]) -> Iterator[bytes]:
    """The same, line by line, for whoever sends it away."""
    return _lines(parts, _Tally())


def _lines(parts: Iterable[Part], tally: _Tally) -> Iterator[bytes]:
    for part in parts:
        if not isinstance(part, Totals):
            yield tally.counted(part, _line(_shown(part)))
    totals = tally.totals()
    end = {"tags": totals.tags, "tasks": totals.tasks, "changes": totals.changes}
    yield _line({"end": {**end, "sha256": totals.digest}})


def save(parts: Iterable[Part], path: str) -> Totals:
    """Write a dump to a file, through to the disk; nobody ever sees half of it."""
    fresh = f"{path}.{os.urandom(4).hex()}.new"
    try:
        with open(fresh, "xb") as file:
            totals = (_packed if path.endswith(".gz") else write)(parts, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except BaseException:
        if os.path.exists(fresh):
            os.unlink(fresh)
        raise
    return totals


def _packed(parts: Iterable[Part], file: BinaryIO) -> Totals:
    import gzip
    import io

    with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed:
        stream = io.BufferedWriter(packed, _BUFFER)
        try:
            return write(parts, stream)
        finally:
            stream.detach()


def unpacked(path: str) -> Iterator[Part]:
    """Everything in the dump at *path*. Raises FileNotFoundError, and otherwise as ``read``."""
    with open(path, "rb") as file:
        if path.endswith(".gz"):
            import gzip

            with gzip.GzipFile("", "rb", fileobj=file) as packed:
                yield from read(packed, path)
        else:
            yield from read(file, path)


def read(stream: Iterable[bytes], name: str) -> Iterator[Part]:
    """Everything in a dump, checked as it is read; the Totals come once all of it was right.

    Raises CorruptStore, with the number of the line, for whatever is damaged, missing or not a
    dump at all; *name* says where it lies.
    """
    import zlib

    tally = _Tally()
    number = 0
    try:
        for line in stream:
            number += 1  # told when reading the next line fails, too
            part = _part(json.loads(line))
            tally.check(part, line)
            yield part
    except _Fault as fault:
        raise _damaged(name, number, str(fault), fault.hint) from None
    except (EOFError, zlib.error, OSError) as error:
        raise _damaged(name, number + 1, f"cannot be unpacked: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(name, number, "is no line of a dump") from error
    if not tally.ended:
        raise _damaged(name, number + 1, "is missing: the dump was cut short")


def states(found: Iterable[Part]) -> dict[str, TagState]:
    """The tasks in a copy, by tag, once all of it was read."""
    result: dict[str, TagState] = {}
    entries: list[object] = []
    for part in found:
        if isinstance(part, TagPart):
            entries = []
            result[part.name] = TagState(part.metadata, entries)
        elif isinstance(part, EntryPart):
            entries.append(part.value)
    return result


def fill(intake: Intake, found: Iterable[Part]) -> Transaction | None:
    """Fill a store with a copy, history and all; give the last transaction of it.

    Goes on where a process that died has left the same copy. Raises as ``Intake.begin``, and what
    reading the copy raises: the store holds nothing of it then.
    """
    filling = _Filling(intake)
    try:
        for part in found:
            filling.take(part)
    except CorruptStore:
        intake.drop()
        raise
    filling.flush()
    intake.finish()
    return filling.last


class _Filling:
    """Hands the parts of a copy to an intake, many at a time, without those it has already."""

    def __init__(self, intake: Intake) -> None:
        self.last: Transaction | None = None
        self._intake = intake
        self._received = Received({}, 0)
        self._tag = ""
        self._known = 0
        self._entries: list[object] = []
        self._transactions: list[Transaction] = []

    def take(self, part: Part) -> None:
        if isinstance(part, EntryPart):
            self._take_entry(part.value)
        elif isinstance(part, Transaction):
            self._take_transaction(part)
        elif isinstance(part, TagPart):
            self._take_tag(part)
        elif isinstance(part, Origin):
            mark = f"copy of {part.project} of {part.time}, with change {part.change}"
            self._received = self._intake.begin(mark)
        if len(self._entries) >= _BATCH or len(self._transactions) >= _BATCH:
            self.flush()

    def _take_transaction(self, transaction: Transaction) -> None:
        self.last = transaction
        if last_number(transaction) > self._received.change:
            self._transactions.append(transaction)

    def _take_tag(self, part: TagPart) -> None:
        self.flush()
        self._tag = part.name
        self._known = self._received.tags.get(part.name, 0)
        if part.name not in self._received.tags:
            self._intake.take_tag(part.name, part.metadata)

    def _take_entry(self, entry: object) -> None:
        if self._known:
            self._known -= 1
        else:
            self._entries.append(entry)

    def flush(self) -> None:
        if self._entries:
            self._intake.take_entries(self._tag, self._entries)
            self._entries = []
        if self._transactions:
            self._intake.take_changes(self._transactions)
            self._transactions = []


class _Fault(Exception):
    """What is wrong with a line."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


class _Tally:
    """Counts the parts of a dump and hashes its lines; knows in which order they come."""

    def __init__(self) -> None:
        import hashlib

        self.ended = False
        self._hash = hashlib.sha256()
        self._origin: Origin | None = None
        self._tags: set[str] = set()
        self._tasks = self._changes = self._last = 0

    def counted(self, part: Part, line: bytes) -> bytes:
        """The line, once it is counted."""
        self._hash.update(line)
        if isinstance(part, EntryPart):
            self._tasks += 1
        elif isinstance(part, Transaction):
            self._changes += len(part.changes)
            self._last = last_number(part)
        elif isinstance(part, TagPart):
            self._tags.add(part.name)
        elif isinstance(part, Origin):
            self._origin = part
        return line

    def totals(self) -> Totals:
        return Totals(len(self._tags), self._tasks, self._changes, self._hash.hexdigest())

    def check(self, part: Part, line: bytes) -> None:
        """Count a line that was read. Raises _Fault for one that has no place here."""
        if self.ended:
            raise _Fault("comes after the last one")
        if isinstance(part, Totals):
            self._close(part)
            return
        if isinstance(part, Origin) is not (self._origin is None):
            raise _Fault("is not the first line of a dump" if self._origin is None else "repeats")
        fault = self._misplaced(part)
        if fault:
            raise _Fault(fault)
        self.counted(part, line)

    def _misplaced(self, part: Part) -> str:
        if isinstance(part, Transaction):
            if self._last and part.first != self._last + 1:
                return f"holds change {part.first}, but change {self._last + 1} is the next"
            return "" if part.changes else "holds a transaction without changes"
        if isinstance(part, TagPart | EntryPart) and self._changes:
            return "comes after the history"
        if isinstance(part, TagPart) and part.name in self._tags:
            return f"holds the tag {part.name} once more"
        return "holds an entry of no tag" if not self._tags and isinstance(part, EntryPart) else ""

    def _close(self, told: Totals) -> None:
        found = self.totals()
        names = ("tags", "tasks", "changes")
        for name, one, other in zip(names, told, found, strict=False):
            if one != other:
                raise _Fault(f"tells of {one} {name}, and there are {other}")
        if self._origin is None or self._last != self._origin.change:
            raise _Fault("comes before the end of the history")
        if told.digest != found.digest:
            raise _Fault("tells another hash (sha256) than that of the lines before it")
        self.ended = True


def _shown(part: Part) -> Mapping[str, object]:
    if isinstance(part, EntryPart):
        return {"entry": part.value}
    if isinstance(part, Transaction):
        return {"transaction": wire.transaction_to_json(part)}
    if isinstance(part, TagPart):
        return {"tag": part.name, "metadata": part.metadata}
    return {"schema": SCHEMA, **part._asdict()}


def _line(shown: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:  # Half of a surrogate pair has no place in UTF-8.
        return json.dumps(shown, separators=(",", ":")).encode() + b"\n"


def _part(shown: dict[str, object]) -> Part:
    """The part that ``_shown`` showed. Raises _Fault, or as ``wire``, for other things."""
    if "entry" in shown:
        return EntryPart(shown["entry"])
    if "transaction" in shown:
        return wire.transaction_from_json(shown["transaction"])  # type: ignore[arg-type]
    if "tag" in shown:
        metadata = shown["metadata"]
        return TagPart(_text(shown["tag"]), metadata if isinstance(metadata, dict) else {})
    if "end" in shown:
        end: dict[str, object] = shown["end"]  # type: ignore[assignment]
        tags, tasks, changes = (_number(end[name]) for name in ("tags", "tasks", "changes"))
        return Totals(tags, tasks, changes, _text(end["sha256"]))
    return _origin(shown)


def _origin(shown: Mapping[str, object]) -> Origin:
    schema = _text(shown["schema"])
    if schema != SCHEMA:
        hint = "a newer tamp has written it: update this one" if schema.startswith(_FAMILY) else ""
        raise _Fault(f"says {schema}, not {SCHEMA}", hint)
    project, kind, time = (_text(shown[name]) for name in ("project", "kind", "time"))
    return Origin(project, kind, time, _number(shown["change"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError(value)
    return value


def _damaged(name: str, line: int, what: str, hint: str = "") -> CorruptStore:
    return CorruptStore(
        f"{name} cannot be trusted: line {line} {what}; nothing was changed",
        hint=hint or "take another copy: `tamp backup --verify all` says which can be restored",
        code="corrupt-dump",
        details={"path": name, "line": line},
    )
