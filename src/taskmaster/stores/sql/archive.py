"""Whole copies of what a database holds of one project, as dumps in a folder."""

from __future__ import annotations

from collections import namedtuple

from taskmaster import dump, records
from taskmaster.domain import changes
from taskmaster.domain.copies import BROKEN, DUMPS, MANUAL, NATIVE, form_of
from taskmaster.errors import CorruptStore, Invalid, NotFound, Unavailable, Usage
from taskmaster.stores.copies import Copies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.changes import Change, Stamp, TagState, Transaction
    from taskmaster.domain.copies import Copy, Part
    from taskmaster.ports import Store, Unpacker

    class OwnForm(NamedTuple):
        """What the database itself can write: how the names of such files end, what writes one
        through to the disk in one step, whether copies are kept so unless something else is asked.

        ``raw`` copies a database that cannot be read, and ``clear`` takes it away.
        """

        form: str
        save: Callable[[str], None]
        usual: bool
        raw: Callable[[str], None] | None = None
        clear: Callable[[], None] | None = None

else:
    OwnForm = namedtuple("OwnForm", "form save usual raw clear", defaults=(None, None))

LATEST, LAST_GOOD = "latest", "last-good"


class DumpArchive:
    """The copies of *project* in *store*, in a folder on this machine; works with any engine.

    *unpack* reads copies, which need not be dumps: those from before the tasks were moved here
    are brought back in the same way.
    """

    def __init__(
        self,
        store: Store,
        project: str,
        folder: str,
        unpack: Unpacker = dump.unpacked,
        own: OwnForm | None = None,
    ) -> None:
        self._store = store
        self._project = project
        self._copies = Copies(folder)
        self._unpack = unpack
        self._own = own
        self._readable: dict[str, bool] = {}

    def copies(self) -> Sequence[Copy]:
        return self._copies.all()

    def path(self, name: str) -> str:
        return self._copies.path(name)

    def parts(self, name: str) -> Iterator[Part]:
        return self._unpack(self._located(name))

    def keep(self, stamp: Stamp, *, native: bool = False) -> Copy:
        why = MANUAL if stamp.operation == "backup" else f"before-{stamp.operation}"
        form = self._form(native=native)
        try:
            name = self._copies.keep(lambda path: self.save(path, stamp), stamp.time, why, form)
        except CorruptStore:
            if self._own is None or self._own.raw is None:
                raise
            name = self._copies.keep(self._own.raw, stamp.time, BROKEN, self._own.form)
        return self._copies.named(name)

    def save(self, path: str, stamp: Stamp) -> None:
        form = form_of(path)
        if self._own and form == self._own.form:
            self._own.save(path)
        elif form not in DUMPS:
            forms = " or ".join([*DUMPS, *([self._own.form] if self._own else [])])
            raise Usage(f"{path}: a copy of this project is a {forms} file", code="unknown-form")
        else:
            with self._store.reading() as reader:
                parts = dump.parts_of(reader, self._project, self._store.kind, stamp.time)
                dump.save(parts, path)

    def _form(self, *, native: bool) -> str:
        """What the names of copies end with."""
        if self._own and (native or self._own.usual):
            return self._own.form
        return DUMPS[0]

    def remove(self, name: str) -> None:
        self._copies.remove(name)

    def holds(self, data: bytes) -> bool:
        return self._copies.holds(data)

    def differences(self, name: str) -> list[Change]:
        states = dump.states(self.parts(name))
        return list(changes.between_states(self._stored(), states))

    def restore(self, name: str, stamp: Stamp) -> Transaction | None:
        """As the port says; the copy of what was there is made before the writer's place is
        taken, so that nobody waits for it, and what happens in between is in the log.
        """
        states = dump.states(self.parts(name))
        if any(True for _change in changes.between_states(self._stored(), states)):
            self.keep(stamp)
        with self._store.writing(stamp) as writer:
            records.become(writer, states)
        return writer.committed

    def set_aside(self, stamp: Stamp) -> bool:
        if self._own is None or self._own.raw is None or self._own.clear is None:
            return False
        newest = next(iter(self.copies()), None)
        if newest is None or newest.why != BROKEN:
            self._copies.keep(self._own.raw, stamp.time, BROKEN, self._own.form)
        self._own.clear()
        return True

    def _stored(self) -> Mapping[str, TagState]:
        """What is there; nothing, where it cannot be read or was never made."""
        try:
            with self._store.reading() as reader:
                return records.states_of(reader)
        except (CorruptStore, NotFound, Unavailable) as error:
            if isinstance(error, Unavailable) and error.code != "schema-missing":
                raise
            return {}

    def adopt(self, data: bytes | None, stamp: Stamp) -> Transaction | None:
        """Refuses: there is no task file here to be brought into today's shape."""
        del data, stamp
        raise Invalid(
            f"the tasks of {self._project} are in a database; there is no task file to migrate",
            hint="`tamp restore FILE` takes over the tasks of a task file",
            code="no-task-file",
        )

    def shape(self) -> str:
        with self._store.reading() as reader:
            reader.tags()
        return ""

    def flaws(self) -> Sequence[tuple[str, str, str, str]]:
        return ()

    def _located(self, name: str) -> str:
        if name not in (LATEST, LAST_GOOD):
            return self._copies.located(name)
        for copy in self.copies():
            path = self.path(copy.name)
            if copy.why != BROKEN and form_of(path) != NATIVE and self._is_readable(path):
                return path
        raise NotFound(
            "there is no copy that can be read",
            hint="`tamp restore FILE` takes one from elsewhere",
            code="no-copy",
        )

    def _is_readable(self, path: str) -> bool:
        """Whether the copy can be read to its end; found out once, for a copy never changes."""
        if path not in self._readable:
            try:
                dump.states(self._unpack(path))
                self._readable[path] = True
            except (CorruptStore, Invalid):
                self._readable[path] = False
        return self._readable[path]
