"""What the core asks of its adapters. These docstrings are the contract; ``testing`` proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from taskmaster.domain.changes import Change, Stamp, Transaction, Version
    from taskmaster.domain.choice import Page, Tally, Wanted
    from taskmaster.domain.copies import Copy, Part, Received
    from taskmaster.domain.graph import Node
    from taskmaster.domain.parcel import Parcel, Rendering, Shipment, Source
    from taskmaster.domain.plan import Document, Plan, Requirement
    from taskmaster.domain.schedule import Choice
    from taskmaster.domain.task import Task


class Reader(Protocol):
    """One consistent view of a project."""

    def tags(self) -> Sequence[str]:
        """The names of all tags, in stored order; a project without any has ``master``."""

    def metadata(self, tag: str) -> Mapping[str, object]:
        """The tag's own data. Raises NotFound for a missing tag, as everything here does."""

    def tasks(self, tag: str) -> list[Task]:
        """All tasks of the tag in stored order."""

    def get(self, tag: str, task_id: str) -> Task:
        """The task with this id, the first where ids repeat. Raises NotFound."""

    def nodes(self, tag: str) -> dict[str, Node]:
        """Every task and subtask of the tag as a graph node, by full id, in stored order."""

    def changes_since(self, number: int) -> Iterator[Transaction]:
        """Committed transactions that end after change *number*, ascending, without gaps."""

    def last_change(self) -> int:
        """The number of the last committed change, 0 when there is none."""

    def entries(self, tag: str) -> Iterable[object]:
        """Everything in the tag's list as it is stored, also what is no object and so no task."""

    def around(self, tag: str, ids: Iterable[str]) -> Mapping[str, Node]:
        """Some of ``nodes``, in the same order, and enough to say whether these are ready.

        At least the nodes of every task that has one of these ids, or has a subtask with one, of
        all its subtasks, of what each of those waits for and of what waits for it; and of what
        waits for one of these ids that nothing has.
        """

    def numbering(self, tag: str) -> tuple[int, object]:
        """The largest number that is the id of a task of the tag, and the first task's id as it
        is stored; 0 where there is none.
        """

    def carried_out(self, request: str) -> Transaction | None:
        """The transaction whose stamp names this *request*, None when the log knows none.

        None for ``""``, which is no request.
        """

    def best(self, tag: str, today: str, most: int) -> tuple[Sequence[Choice], int]:
        """The first *most* of what ``schedule.ranked`` gives, and how many that has in all."""

    def page(self, tag: str, wanted: Wanted, today: str, offset: int, limit: int) -> Page:
        """The tasks that are *wanted*, in stored order: at most *limit* (0: all) after *offset*."""

    def tally(self, tag: str, today: str) -> Tally:
        """How many tasks of the tag there are of each status, how many are ready, how many wait."""

    def containing(self, tag: str, words: Sequence[str]) -> Sequence[Task]:
        """At least every task in which all of these words occur, or that has such a subtask.

        A word, which may be a phrase, is as ``words.folded`` gives it, and may occur anywhere in
        one of the texts that ``words.texts_of`` gives, once that is folded. The tasks come in
        stored order.
        """


class Writer(Reader, Protocol):
    """The view of the one writer. Nothing is visible to anybody before the commit.

    Every call that changes something records the change itself: nothing can be changed without
    entering the log, and a call that changes nothing leaves no record.
    """

    committed: Transaction | None
    """What was committed, once it is; None before, and when nothing was changed."""

    def put(self, tag: str, task: Task, *, place: int | None = None) -> Task:
        """Store *task* over the one with its id, or as a new one at *place* (default: last)."""

    def remove(self, tag: str, task_id: str) -> Task:
        """Take the task away and return it. Raises NotFound."""

    def reorder(self, tag: str, order: Sequence[str]) -> None:
        """Sort the tag's tasks; *order* names each id that is there. Raises Invalid otherwise."""

    def add_tag(self, tag: str, metadata: Mapping[str, object]) -> None:
        """Create an empty tag. Raises Conflict when it exists."""

    def remove_tag(self, tag: str) -> None:
        """Take the tag and all its tasks away."""

    def rename_tag(self, tag: str, name: str) -> None:
        """Give the tag another name, in its place. Raises Conflict when that exists."""

    def describe_tag(self, tag: str, metadata: Mapping[str, object]) -> None:
        """Replace the tag's metadata."""


class Store(Protocol):
    """Where one project's tasks and their change log live."""

    kind: str

    def oddities(self) -> Sequence[str]:
        """What is unusual about the stored form, in sentences for a person."""

    def version(self) -> Version:
        """What stands for all that is stored now, found without reading more than is in doubt.

        Two equal versions of one Store mean that nothing a Reader or the keyring shows has
        changed in between, by whatever process or program; different ones may mean nothing. Asked
        before reading, it stands for what was read or for something older. It takes no time to
        speak of, and may raise what ``reading`` does.
        """

    def keyring(self) -> Keyring:
        """The keys that open this project to the callers of a server."""

    def reading(self) -> AbstractContextManager[Reader]:
        """A view that no later change touches. Never waits for a writer."""

    def writing(self, stamp: Stamp) -> AbstractContextManager[Writer]:
        """The exclusive right to change the project, from before the read to after the write.

        Leaving the block commits the state and one log transaction together; an exception
        leaves nothing behind. Raises Busy, naming the holder, when the wait is over, and
        CorruptStore when what is stored cannot be trusted.
        """


class Keyring(Protocol):
    """What a project keeps about those who may call a server for it, as JSON objects by id.

    Kept beside the tasks and shared by all processes; no copy, export or change log holds it.
    """

    def entries(self) -> Mapping[str, Mapping[str, object]]:
        """All that is kept, in the order in which it was added."""

    def changing(self) -> AbstractContextManager[dict[str, Mapping[str, object]]]:
        """The same for the project's one writer: what it holds when the block is left is kept.

        An exception leaves everything as it was. Raises Busy, and Conflict (code ``moved``) where
        the tasks have moved elsewhere, the keys with them.
        """


class Movable(Store, Protocol):
    """A store that tasks can be moved into and out of, as every engine of ours is."""

    def intake(self) -> Intake:
        """What fills this store with everything that another one holds."""

    def retire(self, successor: str, number: int) -> bool:
        """Let nobody write here any more: the tasks have moved to *successor*.

        False, with nothing done, when the log has grown beyond change *number* meanwhile. From
        then on ``writing`` raises Conflict (code ``moved``), naming the successor, also for those
        who were waiting; reading goes on. Done again, it may name another successor; an empty one
        lets writers in again.
        """

    def successor(self) -> str:
        """Where the tasks have moved to, ``""`` for a store that is in use."""

    def unseen(self) -> Sequence[str]:
        """What is stored and shown by no Reader, so that a move leaves it behind; in sentences."""

    def facts(self) -> Mapping[str, object]:
        """What a person may want to know of the place: ``bytes``, the room it takes, and whatever
        else the engine can tell, such as ``migration``, the version of its tables.
        """


class Intake(Protocol):
    """Fills a store with what another one holds, piece by piece, each piece durable.

    Nobody sees any of it before ``finish``; a process that dies may be followed by one that goes
    on where it was. One at a time: whoever begins takes over, and from then on everybody who had
    begun before is refused with Conflict (code ``not-begun``).
    """

    def begin(self, mark: str) -> Received:
        """Begin, or go on with what was received under the same *mark*; any other is dropped.

        A project that is not there yet is made by ``finish``. Raises Conflict (code
        ``not-empty``) when the store holds tasks or a log and is not retired.
        """

    def take_changes(self, transactions: Iterable[Transaction]) -> None:
        """Add to the log, with numbers and stamps as they are."""

    def take_tag(self, name: str, metadata: Mapping[str, object]) -> None:
        """Add a tag after those that are there. Raises Invalid for a name the form has no room
        for, Conflict for one that is there.
        """

    def take_entries(self, tag: str, entries: Iterable[object]) -> None:
        """Add entries at the end of the tag's list. Raises NotFound for a tag that is not there."""

    def take_keys(self, entries: Mapping[str, Mapping[str, object]]) -> None:
        """Have the keyring hold these, and nothing else; not called, it keeps what it has."""

    def reading(self) -> AbstractContextManager[Reader]:
        """A view of what was received so far, as readers will see it."""

    def prepare(self) -> None:
        """Do what can be done beforehand, so that ``finish`` takes little time. May be left out."""

    def finish(self) -> None:
        """Make what was received what the store holds, in one step, and a retired store a live one.

        What a retired store held before is kept as a backup where the engine has any.
        """

    def drop(self) -> None:
        """Forget what was received, by whomever."""


class Doorbell(Protocol):
    """Tells listeners that the log has grown. A lost ring may cost time, never data."""

    @property
    def trouble(self) -> str:
        """What keeps it from being heard at present, in a sentence; ``""`` when all is well."""

    def ring(self, number: int) -> None:
        """Announce that changes up to *number* are committed.

        Never raises, and never takes long: a writer's work is done by then.
        """

    def close(self) -> None:
        """Let go of everything that is held; a doorbell that is rung afterwards is silent."""


class Listener(Protocol):
    """The other side of a doorbell: waits until something may have changed.

    One whose line is down costs time, never data: until it is up again ``wait`` says True every
    second or so, and once more when it is, so that whoever waits looks for himself.
    """

    @property
    def trouble(self) -> str:
        """What keeps it from hearing at present, in a sentence; ``""`` when all is well."""

    def wait(self, seconds: float) -> bool:
        """Whether something may have changed since this was last so, or since it was made.

        Comes back as soon as that is so, or after *seconds*. Never raises.
        """

    def close(self) -> None:
        """Let go of everything that is held; waiting is over."""


class Planner(Protocol):
    """Turns a requirements document into a plan; takes no store, and so holds no lock."""

    name: str

    def requirements(self, document: Document) -> Sequence[Requirement]:
        """What the document asks for. Raises Invalid for a document that says nothing."""

    def propose(self, document: Document, *, num_tasks: int = 0) -> Plan:
        """A plan of about *num_tasks* tasks (0: as many as the document suggests)."""


class Clock(Protocol):
    """Tells the time, so that tests may choose it."""

    def __call__(self) -> str:
        """Now, UTC, as ``2026-01-31T08:15:30.123Z``."""


class Unpacker(Protocol):
    """Reads a copy of a project's tasks from a file, whatever engine and form it comes from."""

    def __call__(self, path: str) -> Iterator[Part]:
        """Everything the copy holds, piece by piece; Totals only where it tells them itself.

        Raises NotFound, Invalid for a form that cannot be read here, and CorruptStore, at the
        latest after the last piece.
        """


class Archive(Protocol):
    """Whole copies of a project's tasks, for the day when the tasks themselves are damaged.

    A copy is named as ``copies`` says, by the path of a file, or ``latest``: the newest that can
    be read, or ``last-good``: what was stored when it could last be read.
    """

    def copies(self) -> Sequence[Copy]:
        """What is kept, newest first."""

    def path(self, name: str) -> str:
        """Where the copy lies, for a person who wants to look at it."""

    def parts(self, name: str) -> Iterator[Part]:
        """Everything in the copy. Raises as an Unpacker."""

    def keep(self, stamp: Stamp, *, native: bool = False) -> Copy:
        """Keep a copy of what is stored now, even if it is damaged. Raises NotFound.

        *native* asks for the form that the engine's own tools make, where that is not the usual
        one; raises Unavailable when they are not here.
        """

    def save(self, path: str, stamp: Stamp) -> None:
        """Write what is stored now to a file of whatever form its name says, in one step.

        Raises Usage for a form that this engine cannot write, NotFound, CorruptStore.
        """

    def remove(self, name: str) -> None:
        """Let go of a copy that is kept. Raises NotFound."""

    def holds(self, data: bytes) -> bool:
        """Whether some copy says exactly this."""

    def differences(self, name: str) -> Sequence[Change]:
        """What restoring the copy would change. Raises NotFound, CorruptStore."""

    def restore(self, name: str, stamp: Stamp) -> Transaction | None:
        """Make the tasks what the copy says, as one transaction, keeping a copy of what was there.

        Works also when what is stored cannot be read. None when no task differs. Raises NotFound,
        CorruptStore.
        """

    def set_aside(self, stamp: Stamp) -> bool:
        """Keep what cannot be read as a copy, and have nothing stored: for a store that can only
        begin anew then. False, with nothing done, for one over which ``restore`` works.
        """

    def adopt(self, data: bytes | None, stamp: Stamp) -> Transaction | None:
        """As ``restore``, with content from elsewhere brought into today's shape first.

        None as *data* means what is stored now; nothing at all becomes an empty task list.
        """

    def shape(self) -> str:
        """The name of the older shape that the stored tasks have, ``""`` for today's.

        Raises NotFound when nothing is stored, CorruptStore.
        """

    def flaws(self) -> Sequence[tuple[str, str, str, str]]:
        """What a Reader cannot show, as (code, tag, task id, sentence). Raises as ``shape``."""


class Importer(Protocol):
    """Reads one foreign or own format; touches neither disk nor network."""

    def __call__(self, source: Source) -> Parcel:
        """What the source holds, with what could not be carried counted among the losses.

        Raises Invalid, saying where and what, for anything that is not this format.
        """


class Exporter(Protocol):
    """Writes one format."""

    def __call__(self, shipment: Shipment) -> Rendering:
        """The text, the same for the same shipment, and what the format has no place for."""
