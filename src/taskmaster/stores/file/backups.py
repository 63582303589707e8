"""Whole copies of the task file, kept by date: some by themselves, some because a person asked."""

from __future__ import annotations

import os
import re

from taskmaster.domain.copies import Copy
from taskmaster.errors import NotFound
from taskmaster.stores.file import disk

KEPT_RECENT, KEPT_DAYS = 20, 30
_MINUTES_BETWEEN = 10
_NAME = re.compile(r"tasks-(\d{8}T\d{6}\d{0,3}Z)-([a-z-]+?)(?:-\d+)?\.json")


class Backups:
    """The backups of one task file, in one folder that need not exist yet."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def all(self) -> list[Copy]:
        """Newest first."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        found = [(match, name) for name in names if (match := _NAME.fullmatch(name))]
        kept = [
            Copy(name, match.group(1), match.group(2), os.path.getsize(self.path(name)))
            for match, name in found
        ]
        return sorted(kept, key=lambda backup: (backup.time, backup.name), reverse=True)

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def read(self, name: str) -> bytes:
        """The content of a backup. Raises NotFound."""
        data = disk.read(self.path(name)) if _NAME.fullmatch(name) else None
        if data is None:
            raise NotFound(
                f"there is no backup {name}", hint="`tamp restore --list` shows them all"
            )
        return data

    def add(self, data: bytes, time: str, why: str) -> str:
        """Keep *data* and return its name. *time* is an ISO time."""
        os.makedirs(self.folder, exist_ok=True)
        name = self._free_name(time, why)
        fresh = self.path("incoming")
        disk.write(fresh, data)
        os.replace(fresh, self.path(name))
        return name

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
        automatic = [backup for backup in self.all() if backup.why == "auto"]
        days: dict[str, str] = {}
        for backup in automatic:
            days.setdefault(backup.time[:8], backup.name)
        keep = {backup.name for backup in automatic[:KEPT_RECENT]}
        keep |= set(list(days.values())[:KEPT_DAYS])
        for backup in automatic:
            if backup.name not in keep:
                disk.remove(self.path(backup.name))

    def _free_name(self, time: str, why: str) -> str:
        stem = f"tasks-{_compact(time)}-{why}"
        name, count = f"{stem}.json", 1
        while os.path.exists(self.path(name)):
            count += 1
            name = f"{stem}-{count}.json"
        return name


def _compact(time: str) -> str:
    return re.sub(r"[-:.]", "", time)


def _minute(compact: str) -> int:
    """A number that grows with the time; exact within a day, larger across days."""
    if len(compact) < 13:
        return 0
    return int(compact[:8]) * 1440 + int(compact[9:11]) * 60 + int(compact[11:13])
