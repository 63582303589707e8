"""Following a change log from its beginning, to see whether it tells how the tasks came about."""

from __future__ import annotations

import json

from taskmaster.domain.changes import TagState, names, replayed, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskmaster.domain.changes import Change, Transaction

    Documents = dict[str, object]

_DEFAULT_TAG = "master"


class Replay:
    """What there is after the changes taken so far, when there was nothing before the first.

    Each task is followed by itself, so that a log of any length takes no longer than reading it;
    the order of tasks is not followed. ``lost`` says that a record did not fit: the log began when
    there were tasks already, or is not all of it.
    """

    def __init__(self) -> None:
        self.lost = False
        self._tags: dict[str, Documents] = {}

    def take(self, transaction: Transaction) -> None:
        """Do to the tasks what the records of one operation say."""
        if not self._tags:
            self._tags[_DEFAULT_TAG] = {}  # As every project shows itself that has no tag.
        try:
            for change in () if self.lost else transaction.changes:
                self._take(change)
        except (KeyError, ValueError):
            self.lost = True

    def _take(self, change: Change) -> None:
        if change.kind.startswith("tag-"):
            self._take_tag(change)
        elif change.kind != "reordered":
            self._take_task(self._tags[change.tag], change)

    def digests(self) -> dict[tuple[str, str], int]:
        """The digest of every task, by tag and id."""
        return {
            (tag, name): digest(document)
            for tag, documents in self._tags.items()
            for name, document in documents.items()
        }

    def _take_tag(self, change: Change) -> None:
        tag = change.tag
        if change.kind == "tag-added":
            self._tags[tag] = {}
        elif change.kind == "tag-removed":
            del self._tags[tag]
        elif change.kind == "tag-renamed":
            self._tags[str(change.fields["name"][1])] = self._tags.pop(tag)

    def _take_task(self, documents: Documents, change: Change) -> None:
        owner = _owner(change, documents)
        if change.kind == "added" and not owner:
            if change.task in documents:
                raise KeyError(change.task)  # Ids that repeat are told apart by their places only.
            documents[change.task] = change.doc
        elif change.kind == "removed" and not owner:
            if not same(documents.pop(change.task), change.doc):
                raise KeyError(change.task)
        else:
            name = owner or change.task
            alone = {change.tag: TagState({}, [documents[name]])}
            (documents[name],) = replayed(alone, change)[change.tag].entries


def _owner(change: Change, documents: Documents) -> str:
    """The task that the record is about a subtask of, ``""`` for none."""
    if "." not in change.task or (change.kind != "added" and change.task in documents):
        return ""
    parts = change.task.split(".")
    above = (".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
    return next((name for name in above if name in documents), "")


def name_of(entry: object) -> str:
    """The id of a task entry, ``""`` for one that has none."""
    return names([entry])[0]


def digest(document: object) -> int:
    """A number that differs, as good as always, for entries that are not the same."""
    return hash(json.dumps(document, sort_keys=True))
