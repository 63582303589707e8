"""Whole copies of a project's tasks, kept by date in one folder, whichever engine made them.

A name tells all: ``tasks-<time>-<why>.<form>``. Some are kept by themselves, some because a person
asked.
"""

from __future__ import annotations

import os
import re

from taskmaster.domain.copies import Copy
from taskmaster.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KEPT_RECENT, KEPT_DAYS = 20, 30
LOG = "-wal"
"""What SQLite adds to the name of a database for the changes that are not yet in it."""
_MINUTES_BETWEEN = 10
_NAME = re.compile(
    r"tasks-(\d{8}T\d{6}\d{0,3}Z)-([a-z-]+?)(?:-(\d+))?\.(?:json|jsonl|jsonl\.gz|db|dump)"
)


class Copies:
    """The copies in one folder, which need not exist yet."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def all(self) -> list[Copy]:
        """Newest first."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        found = [copy for name in names if (copy := self._copy(name))]
        return sorted(found, key=_age, reverse=True)

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def named(self, name: str) -> Copy:
        """The copy of this name. Raises NotFound."""
        copy = self._copy(name)
        if copy is None:
            raise _missing(name)
        return copy

    def located(self, name: str) -> str:
        """Where a copy of this name lies, or the file at this path. Raises NotFound."""
        return name if os.path.isfile(name) else self.path(self.named(os.path.basename(name)).name)

    def read(self, name: str) -> bytes:
        """The content of a copy. Raises NotFound."""
        try:
            with open(self.path(self.named(name).name), "rb", buffering=0) as file:
                return file.read()
        except FileNotFoundError:
            raise _missing(name) from None

    def holds(self, data: bytes) -> bool:
        """Whether some copy says exactly this."""
        return any(copy.size == len(data) and self.read(copy.name) == data for copy in self.all())

    def add(self, data: bytes, time: str, why: str) -> str:
        """Keep *data*, the content of a task file, and return its name. *time* is an ISO time."""
        return self.keep(lambda path: _write(path, data), time, why, ".json")

    def keep(self, write: Callable[[str], None], time: str, why: str, form: str) -> str:
        """Keep what *write* puts, through to the disk, into a file; return the copy's name.

        Nothing is left behind when it fails. *form* is how the name ends; a second file whose
        name ends in LOG as well comes along.
        """
        os.makedirs(self.folder, exist_ok=True)
        fresh = self.path(f".incoming-{os.urandom(4).hex()}{form}")
        try:
            write(fresh)
            name = self._place(fresh, f"tasks-{_compact(time)}-{why}", form)
            if os.path.exists(fresh + LOG):
                os.replace(fresh + LOG, self.path(name) + LOG)
            return name
        finally:
            _remove(fresh)

    def remove(self, name: str) -> None:
        """Take a copy away; one that is gone already is as good."""
        _remove(self.path(self.named(name).name))

    def due(self, time: str) -> bool:
        """Whether the newest copy is old enough for another one to be kept by itself."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return True
        newest = max((name[6:22] for name in names if _NAME.fullmatch(name)), default="")
        return _minute(_compact(time)) - _minute(newest) >= _MINUTES_BETWEEN or not newest

    def prune(self) -> None:
        """Let go of automatic copies beyond the newest ones and one a day."""
        automatic = [copy for copy in self.all() if copy.why == "auto"]
        days: dict[str, str] = {}
        for copy in automatic:
            days.setdefault(copy.time[:8], copy.name)
        keep = {copy.name for copy in automatic[:KEPT_RECENT]}
        keep |= set(list(days.values())[:KEPT_DAYS])
        for copy in automatic:
            if copy.name not in keep:
                _remove(self.path(copy.name))

    def _copy(self, name: str) -> Copy | None:
        match = _NAME.fullmatch(name)
        try:
            return match and Copy(name, match[1], match[2], os.path.getsize(self.path(name)))
        except FileNotFoundError:
            return None  # Pruned by another process at this moment.

    def _place(self, fresh: str, stem: str, form: str) -> str:
        """Give the file a name of its own, also where another process keeps a copy right now."""
        name, count = f"{stem}{form}", 1
        while not _moved(fresh, self.path(name)):
            count += 1
            name = f"{stem}-{count}{form}"
        return name


def _age(copy: Copy) -> tuple[str, int, str]:
    """Grows with the moment at which the copy was kept, also among those of one millisecond."""
    match = _NAME.fullmatch(copy.name)
    return copy.time, int((match and match[3]) or 1), copy.name


def _missing(name: str) -> NotFound:
    return NotFound(f"there is no backup {name}", hint="`tamp restore --list` shows them all")


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _moved(fresh: str, path: str) -> bool:
    try:
        os.link(fresh, path)
    except FileExistsError:
        return False
    except OSError:  # A file system without hard links.
        if os.path.exists(path):
            return False
        os.rename(fresh, path)
    return True


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def _compact(time: str) -> str:
    return re.sub(r"[-:.]", "", time)


def _minute(compact: str) -> int:
    """A number that grows with the time; exact within a day, larger across days."""
    if len(compact) < 13:
        return 0
    return int(compact[:8]) * 1440 + int(compact[9:11]) * 60 + int(compact[11:13])
