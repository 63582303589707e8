"""Where a project lies, which tag is current, who is acting: what the surroundings say.

Nothing here writes except ``use_tag``; values come from flags, then the environment, then files.
"""

from __future__ import annotations

import json
import os
import re
from collections import namedtuple

from taskmaster.domain.changes import Actor
from taskmaster.errors import CorruptStore, Invalid, NotFound, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple

    class Project(NamedTuple):
        """Paths of a project.

        ``root`` is its folder, ``tasks`` the task file, ``home`` the folder that holds the log,
        ``worktree`` the linked git worktree we stand in or ``""``, ``legacy`` whether the task
        file lies where releases before the ``.taskmaster`` folder kept it, ``named`` whether
        somebody asked for this very file, wherever the project keeps its tasks.
        """

        root: str
        tasks: str
        home: str
        worktree: str
        legacy: bool
        named: bool = False

    class Storage(NamedTuple):
        """Where a project's tasks are kept.

        ``engine`` is file, sqlite or postgres; ``address`` the path of the file or database, or
        the connection string; ``project`` the project's name in a database that holds many;
        ``redis`` and ``replica`` are connection strings, ``""`` for none.
        """

        engine: str
        address: str
        project: str
        redis: str
        replica: str

else:
    Project = namedtuple("Project", "root tasks home worktree legacy named", defaults=(False,))
    Storage = namedtuple("Storage", "engine address project redis replica")

FOLDER = ".taskmaster"
DEFAULT_TAG = "master"
TASKS = os.path.join(FOLDER, "tasks", "tasks.json")
LEGACY_TASKS = os.path.join("tasks", "tasks.json")
STORAGE = os.path.join(FOLDER, "storage.json")
_ENGINES = {"file": "file", "sqlite": "sqlite", "postgresql": "postgres", "postgres": "postgres"}
_STORAGE_KEYS = ("url", "project", "redis", "replica")
# In a connection string: its option, the password of its user (and no port), and as ``name=value``.
_PASSWORD_OPTION = re.compile(r"(?<=[?&])(?:ssl)?password=[^&]*(&|$)")
_PASSWORD = re.compile(r"(//[^/@:\[]*):(?!\d+(?:[,/?]|$))[^@]*@")
_PASSWORD_WORD = re.compile(r"(\b(?:ssl)?password\s*=\s*)\S+")
_IGNORED = (
    "# Kept by tamp for this machine only.",
    "log/",
    "backups/",
    "tasks/*.db*",
    "keys.json*",
    "token*",
)
_AGENTS = {
    "CLAUDECODE": "claude-code",
    "CURSOR_AGENT": "cursor",
    "GEMINI_CLI": "gemini",
    "CODEX_SANDBOX": "codex",
}


def locate(environ: Mapping[str, str], project: str = "", file: str = "") -> Project:
    """The project that a command run here works on.

    ``project`` and ``file`` are what the user named, if anything; else the environment's
    ``TAMP_PROJECT`` or ``TASK_MASTER_PROJECT_ROOT`` counts, else the nearest folder upwards that
    holds one, looking also in the main checkout of a git worktree. Raises NotFound, with what to
    do, when there is none.
    """
    if file:
        return _of_file(file)._replace(named=True)
    named = project or environ.get("TAMP_PROJECT") or environ.get("TASK_MASTER_PROJECT_ROOT", "")
    if named:
        found = _in(os.path.abspath(os.path.expanduser(named)), "")
        if found is None:
            raise _none(named)
        return found
    here = os.getcwd()
    found = _upwards(here)
    if found is None:
        raise _none(here)
    return found


def _none(where: str) -> NotFound:
    return NotFound(
        f"there is no Task Master project in {where} or above it",
        hint="`tamp init` makes one here; --project=DIR names one elsewhere",
        code="no-project",
    )


def _upwards(start: str) -> Project | None:
    folder, worktree = start, ""
    while True:
        found = _in(folder, worktree)
        if found is not None:
            return found
        main = _main_checkout(folder)
        if main:
            worktree = worktree or folder
            found = _in(main, worktree)
            if found is not None:
                return found
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _in(folder: str, worktree: str) -> Project | None:
    home = os.path.join(folder, FOLDER)
    marks = ("config.json", "storage.json")
    if os.path.isdir(os.path.join(home, "tasks")) or any(
        os.path.isfile(os.path.join(home, mark)) for mark in marks
    ):
        tasks = os.path.join(folder, TASKS)
        return Project(folder, tasks, home_of(tasks), worktree, legacy=False)
    legacy = os.path.join(folder, LEGACY_TASKS)
    # Seen from within the .taskmaster folder today's layout looks like the old one.
    if os.path.basename(folder) != FOLDER and os.path.isfile(legacy):
        return Project(folder, legacy, home, worktree, legacy=True)
    return None


def _of_file(file: str) -> Project:
    path = os.path.abspath(os.path.expanduser(file))
    if os.path.isdir(path):
        raise Usage(f"--file names a folder: {file}", hint="name the tasks.json itself")
    if not os.path.isdir(os.path.dirname(path)):
        raise NotFound(f"there is no folder {os.path.dirname(path)}", code="no-project")
    above = _in(os.path.dirname(os.path.dirname(path)), "")
    if above is not None and above.tasks == path:
        return above
    home = home_of(path)
    root = os.path.dirname(home if os.path.basename(home) == FOLDER else path)
    return Project(root, path, home, "", legacy=False)


def home_of(tasks: str) -> str:
    """The folder for log and backups; a link shares its target's, so that writers meet there."""
    folder = os.path.dirname(os.path.realpath(tasks))
    above = os.path.dirname(folder)
    if os.path.basename(folder) == "tasks" and os.path.basename(above) == FOLDER:
        return above
    return os.path.join(folder, ".tamp")


def _main_checkout(folder: str) -> str:
    """The main checkout of the linked git worktree at *folder*, ``""`` when it is none."""
    try:
        with open(os.path.join(folder, ".git"), encoding="utf-8") as file:
            words = file.read().strip()
        git = os.path.join(folder, words.removeprefix("gitdir: "))
        with open(os.path.join(git, "commondir"), encoding="utf-8") as file:
            common = os.path.normpath(os.path.join(git, file.read().strip()))
    except OSError:
        return ""
    return os.path.dirname(common) if os.path.basename(common) == ".git" else ""


def read_json(path: str) -> dict[str, object]:
    """The object in a settings file; empty when it is missing or holds something else."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def settings(project: Project) -> dict[str, object]:
    """The ``global`` section of the project's configuration, in its new or its old file."""
    for name in (os.path.join(FOLDER, "config.json"), ".taskmasterconfig"):
        found = read_json(os.path.join(project.root, name))
        if found:
            section = found.get("global", found)
            return section if isinstance(section, dict) else {}
    return {}


def storage(project: Project, environ: Mapping[str, str]) -> Storage:
    """Where the project's tasks are kept: as the environment says, else its ``storage.json``.

    Without either it is the task file, and so it is when somebody named one. Raises Invalid for
    an address that no engine has, CorruptStore for a ``storage.json`` that says nothing clear.
    """
    if project.named:
        return storage_at(project, "")
    kept = _storage_file(os.path.join(project.root, STORAGE))
    if kept.get("project") and not (kept.get("url") or environ.get("TAMP_STORAGE")):
        raise _unclear(os.path.join(project.root, STORAGE), "names a project and no url")
    values = {
        "url": environ.get("TAMP_STORAGE") or kept.get("url", ""),
        "project": environ.get("TAMP_STORAGE_PROJECT") or kept.get("project", ""),
        "redis": environ.get("TAMP_REDIS_URL") or kept.get("redis", ""),
        "replica": environ.get("TAMP_STORAGE_REPLICA") or kept.get("replica", ""),
    }
    return storage_at(project, values["url"], values["project"], values["redis"], values["replica"])


def storage_at(
    project: Project, url: str, name: str = "", redis: str = "", replica: str = ""
) -> Storage:
    """The storage that an address such as ``sqlite:tasks.db`` or ``postgresql://…`` names.

    Paths are relative to the project's folder; *name* is the project's there, that of its folder
    where none is given. Raises Invalid for an address that no engine has.
    """
    scheme, colon, rest = url.partition(":")
    engine = _ENGINES.get(scheme) if colon or not url else None
    if not url or url == "file":
        return Storage("file", project.tasks, "", redis, replica)
    if engine is None or not rest:
        raise Invalid(
            f"{without_password(url)!r} names no storage",
            hint="say file, sqlite:PATH or postgresql://USER@HOST/DATABASE",
            code="bad-storage",
        )
    address = url if engine == "postgres" else os.path.join(project.root, rest)
    return Storage(engine, address, name or os.path.basename(project.root), redis, replica)


def without_password(url: str) -> str:
    """The address as it may be shown and kept."""
    shorter = _PASSWORD_OPTION.sub("", url).rstrip("?&")
    return _PASSWORD.sub(r"\1@", _PASSWORD_WORD.sub(r"\1…", shorter))


def address(project: Project, storage: Storage) -> str:
    """Where a storage is, as it may be shown: within the project the same in every checkout."""
    if storage.engine == "postgres":
        return without_password(storage.address)
    inside = os.path.relpath(storage.address, project.root)
    path = storage.address if inside.startswith(os.pardir) else inside.replace(os.sep, "/")
    return f"{storage.engine}:{path}"


def place(project: Project, storage: Storage) -> str:
    """What people call a storage, in messages and to tell one from another."""
    where = address(project, storage)
    return where if storage.engine == "file" else f"{where}, project {storage.project}"


def use_storage(project: Project, url: str, storage: Storage) -> None:
    """Keep in ``storage.json`` that the tasks are at *url*, which names *storage*; no password.

    The project's own task file needs no such settings.
    """
    path = os.path.join(project.root, STORAGE)
    kept = {"redis": _storage_file(path).get("redis", "")}
    if storage.address != project.tasks:
        name = "" if storage.engine == "file" else storage.project
        kept = {"url": without_password(url), "project": name, **kept}
    if storage.engine == "sqlite":
        keep_out_of_git(project.home)
    kept = {key: value for key, value in kept.items() if value}
    if kept:
        write_json(path, kept)
    elif os.path.exists(path):
        os.unlink(path)


def _storage_file(path: str) -> dict[str, str]:
    """What ``storage.json`` says. One that says nothing clear ends everything: to take the task
    file instead would show other tasks than everybody else sees.
    """
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _unclear(path, f"cannot be read: {reason}") from error
    if not isinstance(found, dict):
        raise _unclear(path, "holds no JSON object")
    for key, value in found.items():
        if key not in _STORAGE_KEYS:
            raise _unclear(path, f"says {key!r}, which is none of {', '.join(_STORAGE_KEYS)}")
        if not isinstance(value, str) or not value:
            raise _unclear(path, f"says {value!r} for {key}, which is no text")
    return found


def _unclear(path: str, what: str) -> CorruptStore:
    return CorruptStore(
        f"{path} {what}",
        hint="it says where the tasks are; correct it, or take it from version control",
        code="bad-storage-file",
    )


def keep_out_of_git(home: str) -> None:
    """See that version control passes over what is of this machine only, the first time."""
    path = os.path.join(home, ".gitignore")
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except FileNotFoundError:
        text = ""
    there = set(map(str.strip, text.split("\n")))
    lines = [line for line in _IGNORED if line not in there]
    if lines:
        os.makedirs(home, exist_ok=True)
        gap = "" if not text or text.endswith("\n") else "\n"
        _replace_text(path, f"{text}{gap}" + "".join(f"{line}\n" for line in lines))


def current_tag(project: Project, environ: Mapping[str, str], named: str = "") -> str:
    """The tag to work on: as named, in ``TAMP_TAG``, the worktree's own, the project's."""
    asked = named or environ.get("TAMP_TAG") or environ.get("TASKMASTER_TAG")
    if asked:
        return asked
    if project.worktree and (own := _worktree_tags(project).get(project.worktree)):
        return str(own)
    state = read_json(_state_path(project))
    tag = state.get("currentTag") or state.get("activeTag") or settings(project).get("defaultTag")
    return tag if isinstance(tag, str) and tag else DEFAULT_TAG


def use_tag(project: Project, tag: str, now: str) -> None:
    """Make *tag* the current one: for the linked worktree we stand in, else for the project."""
    if project.worktree:
        known = _worktree_tags(project) | {project.worktree: tag}
        write_json(_worktree_path(project), known)
    else:
        state = read_json(_state_path(project)) | {"currentTag": tag, "lastSwitched": now}
        write_json(_state_path(project), state)


def replace_tag(project: Project, old: str, new: str, now: str) -> bool:
    """Let *new* be current wherever *old* is; whether that was so where we stand."""
    known = _worktree_tags(project)
    if old in known.values():
        moved = {place: new if tag == old else tag for place, tag in known.items()}
        write_json(_worktree_path(project), moved)
    here = known.get(project.worktree) if project.worktree else None
    main = project._replace(worktree="")
    was_current = current_tag(main, {}) == old
    if was_current:
        use_tag(main, new, now)
    return here == old if here else was_current


def branch(project: Project) -> str:
    """The git branch of the checkout we stand in, ``""`` when there is none."""
    folder = project.worktree or project.root
    while not os.path.exists(os.path.join(folder, ".git")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return ""
    git = os.path.join(folder, ".git")
    try:
        if os.path.isfile(git):
            with open(git, encoding="utf-8") as file:
                git = os.path.join(folder, file.read().strip().removeprefix("gitdir: "))
        with open(os.path.join(git, "HEAD"), encoding="utf-8") as file:
            head = file.read().strip()
    except OSError:
        return ""
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else ""


def write_json(path: str, value: Mapping[str, object]) -> None:
    """Replace a settings file in one step."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    _replace_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _replace_text(path: str, text: str) -> None:
    fresh = f"{path}.{os.getpid()}.new"
    with open(fresh, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
    os.replace(fresh, path)


def _state_path(project: Project) -> str:
    return os.path.join(project.root, FOLDER, "state.json")


def _worktree_path(project: Project) -> str:
    return os.path.join(project.home, "log", "worktree-tags.json")


def _worktree_tags(project: Project) -> dict[str, object]:
    return read_json(_worktree_path(project))


def actor(environ: Mapping[str, str]) -> Actor:
    """Who is acting: ``TAMP_ACTOR`` (of ``TAMP_ACTOR_KIND``), a known coding agent, the user."""
    session = environ.get("TAMP_SESSION", "")
    name = environ.get("TAMP_ACTOR", "")
    kind = environ.get("TAMP_ACTOR_KIND", "")
    agent = next((word for mark, word in _AGENTS.items() if environ.get(mark)), "")
    if kind not in ("person", "agent", "system"):
        kind = "agent" if agent else "person"
    user = environ.get("USER") or environ.get("USERNAME") or environ.get("LOGNAME") or "somebody"
    return Actor(name or agent or user, kind, session)
