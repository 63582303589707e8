"""The shapes in which task files come, and where in the text each task list lies.

Shapes: ``{tag: {tasks, metadata}}`` (what is written today), ``{tag: [...]}``, the older
``{tasks, metadata}``, a bare list, a list inside the list, tags inside ``"tags"``, and an answer
of the older tool saved as a file (``{data: {tasks}, tag}``). All are read and edited as they are.
"""

from __future__ import annotations

import time
from _thread import allocate_lock

from taskmaster.domain.changes import TagState, same
from taskmaster.errors import CorruptStore, Invalid
from taskmaster.stores.file import damage, disk, jsontext
from taskmaster.stores.file.jsontext import (
    Editor,
    Known,
    NotJson,
    elements,
    members,
    plain,
    run,
    skip,
)
from taskmaster.stores.working import Derived

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from taskmaster.stores.file.jsontext import Member

    Path = tuple[str | int, ...]

DEFAULT_TAG = "master"
EMPTY = "{}\n"
METADATA_KEYS = ("metadata", "meta")
NESTED = "the task list lies inside another list"
_SETTLE_TRIES, _SETTLE_PAUSE = 10, 0.02
_NOT_OURS = (
    "check the path, this may be another program's file;"
    " `tamp restore` brings back the last good copy (the unreadable file is kept)"
)


class Layout:
    """A task file that was read: its states by tag, and how to write changed ones.

    ``shape`` names the form; ``oddities`` are sentences about what is unusual but harmless;
    ``derived`` is for all who only read the states. What the text has in common with one that is
    mostly *like* it is not read again.

    Raises CorruptStore when the text is JSON but holds no task list, and
    ``NotJson``, ``ValueError`` or ``RecursionError`` when it is no JSON at all.
    """

    def __init__(self, text: str, like: Layout | None = None) -> None:
        self.text = text
        self.oddities: list[str] = []
        self._scanned: jsontext.Scanned = {}
        self._lists: dict[Path, int] = {}
        """Where the arrays start whose elements may be tasks."""
        self._known = like.lists() if like else {}
        self._start = skip(text, 0)
        self.root, self._end = self._walk(None, self._start, ())
        self._known = {}
        if text[self._end :].strip(" \t\r\n"):
            raise NotJson(self._end)
        self.shape, self._entries = self._find_entries()
        self.states = {tag: self._state(tag) for tag in self._entries}
        self.derived = Derived()

    def lists(self) -> dict[Path, Known]:
        """What may be tasks, for reading a text that is mostly the same."""
        return {
            path: Known(self.text, place, self._scanned[place])  # type: ignore[arg-type]  # elements
            for path, place in self._lists.items()
        }

    @property
    def style(self) -> jsontext.Style:
        """How the text is laid out; only a writer needs to know."""
        return jsontext.style_of(self.text)

    def _walk(self, key: str | int | None, place: int, above: Path) -> tuple[object, int]:
        """Read a value, remembering the places inside of those that may hold tasks."""
        opening = self.text[place]
        path = above if key is None else (*above, key)
        if opening == "[" and (len(path) <= 1 or path[-1] == "tasks" or path[-2:] == ("tasks", 0)):
            return self._walk_array(place, path)
        if opening == "{" and _may_hold_tags(path):
            return self._walk_object(place, path)
        return plain(self.text, place)

    def _walk_object(self, place: int, path: Path) -> tuple[object, int]:
        found = members(self.text, place, lambda key, start: self._walk(key, start, path))
        self._scanned[place] = found
        self._report_repeated(found)
        end = skip(self.text, found[-1].end if found else place + 1) + 1
        return {member.key: member.value for member in found}, end

    def _walk_array(self, place: int, path: Path) -> tuple[object, int]:
        text = self.text
        inside = skip(text, place + 1)
        if text[inside] == "[" and path[-1:] != (0,):
            found = elements(text, place, lambda start: self._walk(0, start, path))
        else:
            found = run(text, place, self._known.get(path))
            self._lists[path] = place
        self._scanned[place] = found
        end = skip(text, found[-1].end if found else place + 1) + 1
        return [element.value for element in found], end

    def _report_repeated(self, found: list[Member]) -> None:
        """Refuse a file in which one task list hides another one."""
        first: dict[str, Member] = {}
        for member in found:
            known = first.setdefault(member.key, member)
            if known is member:
                continue
            if _holds_tasks(known) or _holds_tasks(member):
                line, again = (self.text.count("\n", 0, one.at) + 1 for one in (known, member))
                raise CorruptStore(
                    f"has two task lists under the same name: the key {member.key!r}"
                    f" stands at line {line} and again at line {again}",
                    hint="give one of them another name, or join them by hand",
                    code="repeated-key",
                )
            oddity = f"the key {member.key!r} stands twice in one object; the last one counts"
            if oddity not in self.oddities:
                self.oddities.append(oddity)

    def _find_entries(self) -> tuple[str, dict[str, Path]]:
        root = self.root
        if isinstance(root, list):
            return "bare list", {DEFAULT_TAG: self._inner(())}
        if not isinstance(root, dict):
            raise CorruptStore("holds JSON, but no task list", hint=_NOT_OURS, code="no-task-list")
        for shape, found in (
            ("tagged", self._tagged(root, ())),
            ("nested tags", self._tagged(root.get("tags"), ("tags",))),
            ("single list", {DEFAULT_TAG: ("tasks",)} if _is_list(root, "tasks") else {}),
            ("saved answer", self._answer(root)),
        ):
            if found:
                self._report_strays(root, found)
                return shape, {tag: self._inner(path) for tag, path in found.items()}
        if root:
            keys = ", ".join(list(root)[:5])
            raise CorruptStore(
                f"holds JSON, but no task list; its top-level keys are: {keys}",
                hint=_NOT_OURS,
                code="no-task-list",
            )
        return "tagged", {}

    def _tagged(self, container: object, above: Path) -> dict[str, Path]:
        if not isinstance(container, dict):
            return {}
        found: dict[str, Path] = {}
        for key, value in container.items():
            if key in ("tasks", *METADATA_KEYS):
                continue
            if _is_list(value, "tasks"):
                if not (not above and key == "data" and "tag" in container):
                    found[key] = (*above, key, "tasks")
            elif _is_task_list(key, value):
                found[key] = (*above, key)
        return found

    def _answer(self, root: Mapping[str, object]) -> dict[str, Path]:
        name = root.get("tag")
        if _is_list(root.get("data"), "tasks"):
            return {name if isinstance(name, str) and name else DEFAULT_TAG: ("data", "tasks")}
        return {}

    def _report_strays(self, root: Mapping[str, object], found: Mapping[str, Path]) -> None:
        used = {path[0] for path in found.values()} | {"tasks", *METADATA_KEYS}
        for key in root:
            if key not in used and found:
                self.oddities.append(f"the top-level key {key!r} is not a tag; it is left alone")
        if "tasks" in root and ("tasks",) not in found.values():
            self.oddities.append("a top-level 'tasks' stands beside the tags; it is left alone")

    def _inner(self, path: Path) -> Path:
        """Into the list inside the list, where that is what the file has."""
        value = self._at(path)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
            self.oddities.append(NESTED)
            return (*path, 0)
        return path

    def _at(self, path: Path) -> object:
        value = self.root
        for step in path:
            value = value[step]  # type: ignore[index]  # the path was found in this very value
        return value

    def _state(self, tag: str) -> TagState:
        entries = self._at(self._entries[tag])
        owner = self._metadata_path(tag)
        metadata = self._at(owner) if owner else {}
        if not isinstance(entries, list):  # pragma: no cover - paths are only made for lists
            raise CorruptStore(f"the tasks of tag {tag} are no list")
        return TagState(metadata if isinstance(metadata, dict) else {}, entries)

    def _metadata_path(self, tag: str) -> Path | None:
        path = self._entries[tag]
        if path[-1:] == (0,):
            path = path[:-1]
        if path[-1:] != ("tasks",):
            return None
        owner = self._at(path[:-1])
        for key in METADATA_KEYS:
            if isinstance(owner, dict) and isinstance(owner.get(key), dict):
                return (*path[:-1], key)
        return None

    def path_of(self, tag: str) -> Path:
        """The keys and places that lead from the root to the tag's task list."""
        return self._entries[tag]

    def with_states(self, states: Mapping[str, TagState]) -> str:
        """The text that says *states*, with everything else as it was.

        Raises Invalid when something is to be written that this shape has no place for.
        """
        renamed = self._renamed(states)
        if renamed:
            return Layout(self._with_names(renamed)).with_states(states)
        known = list(states) == list(self._entries)
        root = self.root if known else self._with_tags(states)
        for tag, state in states.items():
            if tag in self._entries:
                root = self._with_state(root, tag, state)
        text = self._edited(root)
        if not known or any(path[-1:] != ("tasks",) for path in self._entries.values()):
            self._check(text, states)
        return text

    def _check(self, text: str, states: Mapping[str, TagState]) -> None:
        """Refuse what would not be found again: a tag called ``metadata``, no tag beside others."""
        try:
            found = Layout(text).states
        except CorruptStore as error:
            raise self._no_room("this") from error
        if found.keys() != states.keys():
            raise self._no_room("a tag of this name or without tasks")

    def _edited(self, root: object) -> str:
        editor = Editor(self.text, self._scanned, self.style)
        body = editor.patched(self._start, self._end, self.root, root)
        return self.text[: self._start] + body + self.text[self._end :]

    def _with_state(self, root: object, tag: str, state: TagState) -> object:
        known = self.states[tag]
        if state.entries is not known.entries:
            root = _replaced(root, self._entries[tag], list(state.entries))
        if state.metadata is not known.metadata and not same(state.metadata, known.metadata):
            owner = self._metadata_path(tag) or self._new_metadata_path(tag)
            root = _replaced(root, owner, dict(state.metadata))
        return root

    def _new_metadata_path(self, tag: str) -> Path:
        path = self._entries[tag]
        if path[-1:] == (0,):
            path = path[:-1]
        if path[-1:] != ("tasks",):
            raise self._no_room("metadata")
        return (*path[:-1], METADATA_KEYS[0])

    def _renamed(self, states: Mapping[str, TagState]) -> dict[str, str]:
        """The new names of tags, where all that happened to the tags is that some got new names."""
        pairs = list(zip(self._entries, states, strict=False))
        changed = {old: new for old, new in pairs if old != new}
        if len(pairs) != len(states) or len(pairs) != len(self._entries):
            return {}
        return {} if any(new in self._entries for new in changed.values()) else changed

    def _with_names(self, renamed: Mapping[str, str]) -> str:
        above, container = self._container()
        named = {renamed.get(key, key): value for key, value in container.items()}
        return self._edited(_replaced(self.root, above, named))

    def _with_tags(self, states: Mapping[str, TagState]) -> object:
        above, container = self._container()
        changed = {
            key: value
            for key, value in container.items()
            if key not in self._entries or key in states
        }
        for tag, state in states.items():
            if tag not in self._entries:
                changed[tag] = _tag_document(state)
        return _replaced(self.root, above, changed)

    def _container(self) -> tuple[Path, dict[str, object]]:
        """Where the tags are, and the object that holds them."""
        above: Path = ("tags",) if self.shape == "nested tags" else ()
        container = self._at(above)
        if self.shape not in ("tagged", "nested tags") or not isinstance(container, dict):
            raise self._no_room("more tags or other names")
        return above, container

    def _no_room(self, what: str) -> Invalid:
        return Invalid(
            f"this task file has an older shape ({self.shape}) that has no room for {what}",
            hint="run `tamp migrate` to bring it into today's shape; nothing is lost",
            code="old-shape",
        )


class TaskFile:
    """The task file at *path*: read when it may have changed, parsed when it says something new.

    *before* is asked what it said when it was there last. Many threads may use it; nobody changes
    a Layout or what is in it.
    """

    def __init__(self, path: str, before: Callable[[], bytes | None]) -> None:
        self._path = path
        self._before = before
        self._content = disk.Content(path)
        self._parsing = allocate_lock()
        self._last: tuple[bytes, Layout] | None = None

    def edition(self) -> Hashable:
        """What is different after every change of the file."""
        return self._content.edition()

    def settled(self) -> tuple[bytes, Layout]:
        """The file's content, read again while another program is still writing it.

        Raises CorruptStore.
        """
        data = self._present()
        for _ in range(_SETTLE_TRIES):
            try:
                return self._parsed(data)
            except CorruptStore:
                time.sleep(_SETTLE_PAUSE)
                again = self._content.read()
                if again == data:
                    raise
                data = again
        return self._parsed(data)

    def _present(self) -> bytes | None:
        """The file's content; one that has just vanished may be about to be written anew."""
        data = self._content.read()
        for _ in range(_SETTLE_TRIES if data is None and self._before() else 0):
            time.sleep(_SETTLE_PAUSE)
            data = self._content.read()
            if data is not None:
                break
        return data

    def _parsed(self, data: bytes | None) -> tuple[bytes, Layout]:
        if data is None:
            return b"", Layout(EMPTY)
        with self._parsing:
            if self._last is None or self._last[0] != data:
                like = self._last[1] if self._last else None
                self._last = data, parsed(self._path, data, like)
            return self._last


def parsed(path: str, data: bytes, like: Layout | None = None) -> Layout:
    """Read content as a task file. Raises CorruptStore, saying what is wrong with *path*, where."""
    text, _mark = damage.decoded(path, data)
    try:
        return Layout(text, like)
    except CorruptStore as error:
        raise damage.located(path, error) from error
    except (NotJson, ValueError, RecursionError, IndexError) as error:
        raise damage.explained(path, text, error) from error


def _holds_tasks(member: Member) -> bool:
    return (
        _is_list(member.value, "tasks")
        or _is_task_list(member.key, member.value)
        or (member.key == "tasks" and isinstance(member.value, list))
    )


def _may_hold_tags(path: Path) -> bool:
    if len(path) <= 1:
        return not path or path[0] not in METADATA_KEYS
    return len(path) == 2 and path[0] == "tags"


def _is_list(owner: object, key: str) -> bool:
    return isinstance(owner, dict) and isinstance(owner.get(key), list)


def _is_task_list(key: str, value: object) -> bool:
    if not isinstance(value, list):
        return False
    if not value:
        return key == DEFAULT_TAG
    return all(isinstance(entry, dict) and "title" in entry for entry in value)


def _tag_document(state: TagState) -> dict[str, object]:
    return {"tasks": list(state.entries), "metadata": dict(state.metadata)}


def _replaced(root: object, path: Path, value: object) -> object:
    """A copy of *root* with *value* at *path*; what is not on the path is shared."""
    if not path:
        return value
    changed = root.copy()  # type: ignore[attr-defined]  # a dict or a list, as the path says
    changed[path[0]] = _replaced(changed[path[0]], path[1:], value) if path[1:] else value
    return changed


def document(states: Mapping[str, TagState]) -> dict[str, object]:
    """A whole task file in today's shape."""
    return {tag: _tag_document(state) for tag, state in states.items()}
