"""Looking at the project's settings and changing them, one by one, without losing any other."""

from __future__ import annotations

import copy
import json
import os
import re
from collections import namedtuple

from taskmaster import config
from taskmaster.domain import settings
from taskmaster.errors import Conflict, CorruptStore, Invalid, NotFound
from taskmaster.usecases import files, surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple

    from taskmaster.config import Project

    class Setting(NamedTuple):
        """One setting: its path, its value, and where that comes from: a file, a variable, or
        ``default``.
        """

        path: str
        value: object
        origin: str

    class Kept(NamedTuple):
        """The settings file as it is; ``data`` is None where there is none yet."""

        path: str
        data: bytes | None
        found: dict[str, object]

else:
    Setting = namedtuple("Setting", "path value origin")
    Kept = namedtuple("Kept", "path data found")

FILE = os.path.join(config.FOLDER, "config.json")
OLD_FILE = ".taskmasterconfig"
_INDENT = re.compile(rb"^\s*\{\s*?\n([ \t]+)\S")


def load(project: Project) -> Kept:
    """The settings as stored. Raises CorruptStore, with the place, for what cannot be read."""
    path = path_of(project)
    data = files.read(path)
    if data is None:
        return Kept(path, None, {})
    why = surroundings.problem(path)
    if why:
        raise CorruptStore(
            f"{path} cannot be read: {why}; nothing was changed",
            hint="`tamp config edit` opens it and checks what you save",
            code="unreadable-settings",
        )
    found: dict[str, object] = json.loads(data.decode("utf-8-sig"))
    return Kept(path, data, found)


def path_of(project: Project) -> str:
    """Where the settings lie: in their old place when they are there and not in the new one."""
    new, old = (os.path.join(project.root, name) for name in (FILE, OLD_FILE))
    return old if os.path.isfile(old) and not os.path.exists(new) else new


def every(project: Project, environ: Mapping[str, str]) -> list[Setting]:
    """All settings that count: of the file, then the defaults of what it does not say.

    A variable of the environment counts more than both. Raises CorruptStore.
    """
    kept = load(project)
    own = dict(settings.flat(kept.found))
    name = os.path.relpath(kept.path, project.root)
    found = {path: Setting(path, value, name) for path, value in own.items()}
    known = settings.defaults(os.path.basename(project.root) or "project")
    for path, value in settings.flat(known):
        found.setdefault(path, Setting(path, value, "default"))
    for path, variable in settings.ENVIRONMENT.items():
        if environ.get(variable):
            value = settings.meant(path, environ[variable])
            found[path] = Setting(path, value, variable)
    return list(found.values())


def one(project: Project, environ: Mapping[str, str], path: str) -> Setting:
    """The setting at *path*, which may be a whole section. Raises NotFound, CorruptStore."""
    found = every(project, environ)
    exact = [setting for setting in found if setting.path == path]
    inside = [setting for setting in found if setting.path.startswith(f"{path}.")]
    if not exact and not inside:
        return _part(found, path)
    return exact[0] if exact else Setting(path, _section(inside, path), inside[0].origin)


def _part(found: list[Setting], path: str) -> Setting:
    """A part of a setting that holds an object."""
    for setting in found:
        if path.startswith(f"{setting.path}.") and isinstance(setting.value, dict):
            value = _look(setting.value, path.removeprefix(f"{setting.path}."))
            if value is not None:
                return Setting(path, value, setting.origin)
    raise _unknown(path, [setting.path for setting in found], "is not set")


def _look(found: object, path: str) -> object:
    """What is at *path*, None when nothing is."""
    for name in path.split("."):
        if not isinstance(found, dict) or name not in found:
            return None
        found = found[name]
    return found


def _section(inside: list[Setting], path: str) -> dict[str, object]:
    section: dict[str, object] = {}
    for setting in inside:
        _set(section, setting.path.removeprefix(f"{path}."), setting.value)
    return section


def _unknown(path: str, known: list[str], what: str) -> NotFound:
    import difflib

    near = difflib.get_close_matches(path, known, 1)
    hint = f"did you mean {near[0]}?" if near else "`tamp config show` lists them"
    return NotFound(f"{path} {what}", hint=hint, code="no-such-setting")


def set_values(
    project: Project, values: Mapping[str, object], *, force: bool = False
) -> list[tuple[str, object, object]]:
    """Give settings values, None taking one away; give (path, before, after) of what changed.

    All other keys stay. Raises CorruptStore; NotFound for a name nobody knows unless *force*;
    Invalid for a value that does not fit; Conflict when the file was changed meanwhile.
    """
    for path, value in values.items():
        if not force and value is not None:
            _check_known(path)
            settings.checked(path, value)
    kept = load(project)
    found = copy.deepcopy(kept.found)
    changed = []
    for path, value in values.items():
        before = _set(found, path, value)
        if before != value:
            changed.append((path, before, value))
    if changed:
        store(kept, found)
    return changed


def _check_known(path: str) -> None:
    if path in settings.KNOWN or _free(path):
        return
    error = _unknown(path, list(settings.KNOWN), "is no setting that anything reads")
    error.hint += " (--force sets it all the same)"
    raise error


def _free(path: str) -> bool:
    """Whether it is a part of a setting that holds whatever its owner wants."""
    free = [name for name, kind in settings.KNOWN.items() if kind == settings.OBJECT]
    return any(path.startswith(f"{name}.") for name in free)


def _set(found: dict[str, object], path: str, value: object) -> object:
    """Set one value in place and return the one before; None takes it away."""
    *sections, key = path.split(".")
    here = found
    for name in sections:
        inner = here.get(name)
        if inner is None and value is None:
            return None
        if inner is None:
            inner = here[name] = {}
        if not isinstance(inner, dict):
            raise Invalid(
                f"{name} holds {inner!r}, so {path} cannot be set",
                hint=f"take it away first: tamp config unset {name} --force",
                code="bad-setting",
            )
        here = inner
    before = here.get(key)
    if value is None:
        here.pop(key, None)
    else:
        here[key] = value
    return before


def unset(project: Project, path: str, *, force: bool = False) -> object:
    """Take a setting away and return what it was; a whole section only with *force*.

    Raises NotFound, Invalid, CorruptStore.
    """
    found = load(project).found
    value = _look(found, path)
    if value is None:
        own = [name for name, _ in settings.flat(found)]
        raise _unknown(path, own, "is not set in the settings file")
    section = isinstance(value, dict) and value and path not in settings.KNOWN
    if section and not _free(path) and not force:
        raise Invalid(
            f"{path} is a whole section; nothing was changed",
            hint="name one setting of it, or take all of it away with --force",
            code="whole-section",
        )
    changed = set_values(project, {path: None}, force=True)
    return changed[0][1] if changed else None


def store(kept: Kept, found: Mapping[str, object]) -> None:
    """Replace the file that was *kept*, indented as it is. Raises Conflict if it changed since."""
    if files.read(kept.path) != kept.data:
        raise Conflict(
            f"{kept.path} was changed by somebody else at this moment; nothing was changed",
            hint="run the command again",
            code="changed-meanwhile",
        )
    match = _INDENT.match(kept.data or b"")
    indent = match.group(1).decode() if match else "  "
    mark = b"\xef\xbb\xbf" if (kept.data or b"").startswith(b"\xef\xbb\xbf") else b""
    text = json.dumps(found, indent=indent, ensure_ascii=False) + "\n"
    files.replace(kept.path, mark + text.encode(errors="surrogatepass"))


def checked_text(text: bytes) -> dict[str, object]:
    """The settings in a text that a person edited. Raises Invalid with everything wrong in it."""
    try:
        found = json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Invalid(f"it is not UTF-8: {error}", code="bad-settings") from error
    except (ValueError, RecursionError) as error:
        raise Invalid(f"it is not JSON: {error}", code="bad-settings") from error
    if not isinstance(found, dict):
        raise Invalid("it holds no JSON object", code="bad-settings")
    wrong = settings.problems(found)
    if wrong:
        raise Invalid("; ".join(wrong), code="bad-settings", details=wrong)
    return found


def replace_text(project: Project, before: bytes | None, text: bytes, now: str) -> str:
    """Make *text* the settings, keep a copy of those *before*, and return where that is.

    Raises Invalid, and Conflict when the settings are no longer what they were.
    """
    checked_text(text)
    path = path_of(project)
    if files.read(path) != before:
        raise Conflict(
            f"{path} was changed by somebody else while you edited it; nothing was changed",
            hint="look at both and edit again",
            code="changed-since",
        )
    aside = ""
    if before:
        stamp = re.sub(r"[-:.]", "", now)
        aside = os.path.join(project.home, "backups", f"config-{stamp}.json")
        files.replace(aside, before)
    files.replace(path, text)
    return aside
