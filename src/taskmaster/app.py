"""The composition root: adapters by name, and a project opened with the right ones."""

from __future__ import annotations

import os

from taskmaster import config
from taskmaster.doorbells.silent import Silent
from taskmaster.errors import Invalid, NotFound, Usage
from taskmaster.workspace import Workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from taskmaster.config import Project, Storage
    from taskmaster.domain.copies import Part
    from taskmaster.ports import Archive, Doorbell, Exporter, Importer, Listener, Movable, Planner
    from taskmaster.stores.sql.schema import Schema

ARCHIVES = {
    "file": "taskmaster.stores.file.archive:opened",
    "postgres": "taskmaster.stores.postgres.archive:opened",
    "sqlite": "taskmaster.stores.sqlite.archive:opened",
}
DATABASES = {
    "sqlite": "taskmaster.stores.sqlite.database:SqliteDatabase",
    "postgres": "taskmaster.stores.postgres.database:PostgresDatabase",
}
DOORBELLS = {"redis": "taskmaster.doorbells.redis:RedisDoorbell"}
LISTENERS = {
    "file": "taskmaster.doorbells.files:FileWatch",
    "postgres": "taskmaster.doorbells.postgres:listener",
    "redis": "taskmaster.doorbells.redis:listener",
    "sqlite": "taskmaster.doorbells.sqlite:SqliteWatch",
}
PLANNERS = {"outline": "taskmaster.planners.outline.planner:OutlinePlanner"}
READERS = {
    "json": "taskmaster.exchange.json_lines:read_json",
    "jsonl": "taskmaster.exchange.json_lines:read_lines",
    "csv": "taskmaster.exchange.csv_rows:read",
    "markdown": "taskmaster.exchange.markdown:read",
    "ical": "taskmaster.exchange.icalendar:read",
    "backlog": "taskmaster.exchange.backlog:read",
    "beads": "taskmaster.exchange.beads:read",
    "github": "taskmaster.exchange.github:read",
    "taskwarrior": "taskmaster.exchange.taskwarrior:read",
    "checklist": "taskmaster.exchange.checklist:read",
    "spec-kit": "taskmaster.exchange.spec_kit:read",
    "taskmaster": "taskmaster.exchange.json_lines:read_json",
}
STORES = {
    "file": "taskmaster.stores.file.store:FileStore",
    "postgres": "taskmaster.stores.postgres.store:PostgresStore",
    "sqlite": "taskmaster.stores.sqlite.store:SqliteStore",
}
UNPACKERS = {
    ".db": "taskmaster.stores.sqlite.archive:parts",
    ".json": "taskmaster.stores.file.archive:parts",
    ".jsonl": "taskmaster.dump:unpacked",
    ".jsonl.gz": "taskmaster.dump:unpacked",
}
_EXTRAS = {
    "taskmaster.stores.postgres.": ("Postgres", "postgres"),
    "taskmaster.server.": ("The server", "server"),
}
"""What needs packages that may not be there, and the extra that brings them."""
WRITERS = {
    "json": "taskmaster.exchange.json_lines:write_json",
    "jsonl": "taskmaster.exchange.json_lines:write_lines",
    "csv": "taskmaster.exchange.csv_rows:write",
    "markdown": "taskmaster.exchange.markdown:write",
    "ical": "taskmaster.exchange.icalendar:write",
    "html": "taskmaster.exchange.html_page:write",
}


def load(address: str) -> object:
    """The thing at ``module:name``. Raises Unavailable where a package that it needs is missing."""
    import importlib

    module, _, name = address.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        needs = next((known for known in _EXTRAS if module.startswith(known)), None)
        if needs is None:
            raise
        from taskmaster.stores.refusals import missing_extra

        raise missing_extra(*_EXTRAS[needs], error) from error


def planner(name: str) -> Planner:
    """The planner of this name. Raises KeyError for an unknown one."""
    made: Planner = load(PLANNERS[name])()  # type: ignore[operator]
    return made


def reader(name: str) -> Importer:
    """What reads this format. Raises KeyError for an unknown one."""
    found: Importer = load(READERS[name])  # type: ignore[assignment]
    return found


def writer(name: str) -> Exporter:
    """What writes this format. Raises KeyError for an unknown one."""
    found: Exporter = load(WRITERS[name])  # type: ignore[assignment]
    return found


def open_store(project: Project) -> Movable:
    """The store that holds the project's tasks. Raises Invalid where it is misnamed."""
    return store_at(project, config.storage(project, os.environ))


def store_at(project: Project, storage: Storage, *, pool: int = 0) -> Movable:
    """The store at an address; nothing is looked at before it is used.

    *pool* is how many connections a server may keep to a database that is one itself; these are
    made at once.
    """
    second = _home(project, storage) if storage.engine == "file" else storage.project
    values = (storage.address, second)
    more: dict[str, object] = {}
    if storage.engine == "postgres":
        more = {"replica": storage.replica, "pool": pool}
    store: Movable = load(STORES[storage.engine])(*values, **more)  # type: ignore[operator]
    return store


def _home(project: Project, storage: Storage) -> str:
    """The folder for the log of a task file, which need not be the project's own."""
    own = storage.address == project.tasks
    return project.home if own else config.home_of(storage.address)


def database(storage: Storage) -> Schema:
    """The tables of the database at an address; nothing is looked at before it is used.

    Raises Usage where the tasks are kept in files.
    """
    from taskmaster.stores.sql.migrations import Migrations
    from taskmaster.stores.sql.schema import Schema

    if storage.engine not in DATABASES:
        raise Usage(
            "this project keeps its tasks in files and has no database",
            hint="`tamp storage move` takes them into one; --url names one elsewhere",
            code="kept-in-files",
        )
    engine = load(DATABASES[storage.engine])
    return Schema(engine(storage.address), Migrations(engine.folder))  # type: ignore[operator, attr-defined]


def prepare(storage: Storage) -> None:
    """Make the tables at an address where there are none; a task file needs no such thing.

    Where another process is at it, that is waited for.
    """
    if storage.engine in DATABASES:
        if storage.engine == "sqlite":
            _make_folder(os.path.dirname(os.path.realpath(storage.address)))
        with database(storage) as schema:
            applied = schema.applied()
            if not applied:
                schema.upgrade()
            elif schema.problem(applied) is not None:
                schema.database.acquire()
                schema.database.release()


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        from taskmaster.usecases.files import refused

        raise refused(error, path) from error


def create_project(project: Project, storage: Storage) -> Movable:
    """The store at an address, made there: tables, where there are none, and an empty project.

    Raises Conflict when the database holds a project of that name.
    """
    prepare(storage)
    store = store_at(project, storage)
    store.create()  # type: ignore[attr-defined]  # as every engine with a database has
    return store


def open_archive(project: Project) -> Archive:
    """The whole copies of the project's tasks."""
    from functools import partial

    storage = config.storage(project, os.environ)
    folder = os.path.join(project.home, "backups")
    reads = partial(unpack, storage.project or os.path.basename(project.root))
    opened: Archive = load(ARCHIVES[storage.engine])(store_at(project, storage), folder, reads)  # type: ignore[operator]
    return opened


def unpack(project: str, path: str) -> Iterator[Part]:
    """Everything in a copy of the project of this name, whatever the form of the copy; a name
    that tells none is that of a task file. Raises as ``ports.Unpacker``.
    """
    from taskmaster.domain.copies import NATIVE, form_of
    from taskmaster.usecases import files

    form = form_of(path)
    if form == NATIVE:
        raise Invalid(
            f"{path} is for the tools of the database server",
            hint=f"`pg_restore --list {path}` looks into it, `pg_restore` brings it back",
            code="native-copy",
        )
    unpacker = load(UNPACKERS.get(form, UNPACKERS[".json"]))
    values = (path, project) if form == ".db" else (path,)
    try:
        yield from unpacker(*values)  # type: ignore[operator]
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}", code="file-not-found") from None
    except OSError as error:
        raise files.refused(error, path) from error


def doorbell(storage: Storage) -> Doorbell:
    """What tells the listeners that cannot see the changes themselves."""
    if not _by_redis(storage):
        return Silent()
    made: Doorbell = load(DOORBELLS["redis"])(storage.redis, _room(storage))  # type: ignore[operator]
    return made


def listener(project: Project) -> Listener:
    """What notices that another process has changed the project."""
    storage = config.storage(project, os.environ)
    kind = "redis" if _by_redis(storage) else storage.engine
    made: Listener = load(LISTENERS[kind])(*_heard(kind, project, storage))  # type: ignore[operator]
    return made


def _heard(kind: str, project: Project, storage: Storage) -> tuple[object, ...]:
    """What the listener of this kind is told."""
    if kind == "file":
        log = os.path.join(_home(project, storage), "log", "changes.jsonl")
        return ((storage.address, log),)
    if kind == "sqlite":
        return (storage.address,)
    if kind == "redis":
        return storage.redis, _room(storage)
    channel = load("taskmaster.stores.postgres.store:channel")
    return storage.address, channel(storage.project)  # type: ignore[operator]


def _by_redis(storage: Storage) -> bool:
    """Whether Redis carries the rings: only between machines; a file here is watched itself."""
    return bool(storage.redis) and storage.engine == "postgres"


def _room(storage: Storage) -> str:
    """The channel in Redis, the same for all who know the database by different addresses."""
    database = storage.address.partition("?")[0].rpartition("/")[2]
    return f"tamp:{database}:{storage.project}"


def workspace(
    project: Project,
    environ: Mapping[str, str],
    *,
    tag: str = "",
    via: str = "library",
    pool: int = 0,
) -> Workspace:
    """A located project, ready for the use cases; *pool* is as for ``store_at``."""
    storage = config.storage(project, os.environ)
    opened = Workspace(
        store_at(project, storage, pool=pool),
        config.actor(environ),
        doorbell=doorbell(storage),
        listener=lambda: listener(project),
        tag=config.current_tag(project, environ, tag),
        via=via,
    )
    if storage.replica:
        opened.log = store_at(project, storage._replace(replica=""), pool=pool)
    return opened


def open_project(path: str = "", *, tag: str = "") -> Workspace:
    """The project in the folder *path*, or the one that the current folder belongs to."""
    return workspace(config.locate(os.environ, path), os.environ, tag=tag)
