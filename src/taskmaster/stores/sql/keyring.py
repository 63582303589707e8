"""The keys that open a project of a database, in rows that belong to it."""

from __future__ import annotations

import json
from contextlib import contextmanager

from taskmaster.domain.changes import Actor, Stamp
from taskmaster.stores import refusals
from taskmaster.stores.sql.session import LIVE
from taskmaster.stores.sql.text import dumped, stored, told
from taskmaster.workspace import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from typing import Protocol

    from taskmaster.stores.sql.reader import SqlReader
    from taskmaster.stores.sql.session import Session

    Keys = dict[str, Mapping[str, object]]

    class Place(Protocol):
        """What it needs of a ``SqlStore``."""

        project: str

        def changing(self, stamp: Stamp) -> AbstractContextManager[Session]: ...

        def reading(self) -> AbstractContextManager[SqlReader]: ...

        def check_entered(self, session: Session) -> None: ...


class SqlKeyring:
    """As ``ports.Keyring``; whoever changes it has the writer's place of the project."""

    def __init__(self, store: Place) -> None:
        self._store = store

    def entries(self) -> Keys:
        with self._store.reading() as reader:
            return entries(reader.session)

    @contextmanager
    def changing(self) -> Iterator[Keys]:
        stamp = Stamp(Actor("tamp", "system", ""), "library", "keys", "", utc_now())
        with self._store.changing(stamp) as session:
            session.enter(stored(self._store.project), LIVE)
            self._store.check_entered(session)
            if session.successor:
                where = f"the project {self._store.project}"
                raise refusals.moved(where, told(session.successor))
            held = entries(session)
            before = dumped(held)
            yield held
            if dumped(held) != before:
                replace(session, held)


def entries(session: Session) -> Keys:
    """The keys of the session's project."""
    return {told(one): json.loads(doc) for one, doc in session.rows("keys")}


def replace(session: Session, held: Mapping[str, Mapping[str, object]]) -> None:
    """Let the keys of the session's project be these."""
    rows = (
        {"id": stored(one), "place": place, "doc": dumped(dict(doc))}
        for place, (one, doc) in enumerate(held.items())
    )
    session.run("remove_keys")
    session.many("add_key", rows)
    session.run("raise_keys_version")


def was_changed(session: Session) -> bool:
    """Whether the keys of the session's project were ever replaced."""
    (version,) = session.row("keys_version") or (0,)
    return bool(version)
