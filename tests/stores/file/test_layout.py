"""Every shape of task file: read as it is, and changed only where it must be."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskmaster.domain.changes import same
from taskmaster.domain.task import Task
from taskmaster.errors import Invalid
from taskmaster.ports import Writer
from taskmaster.stores.file import jsontext
from taskmaster.stores.file.jsontext import Editor, style_of
from taskmaster.stores.file.layout import Layout
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import alike, check_log, stamp, whole

Open = Callable[[str | bytes], FileStore]
Json = Any

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus")) / "tasks"
FOLLOWING = ("updated", "lastModified", "taskCount", "completedCount")


def is_readable(path: Path) -> bool:
    try:
        Layout(path.read_text(encoding="utf-8-sig"))
    except Exception:  # noqa: BLE001 - whatever is wrong with it, test_damage.py looks at it
        return False
    return True


REAL = [path for path in sorted(CORPUS.glob("*.json")) if is_readable(path)]
real = pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
needs_corpus = pytest.mark.skipif(not REAL, reason="no corpus of real files here")

STEP = '{"id": 1, "title": "s", "status": "pending"}'
SHAPES = {
    "today": (
        '{\n  "master": {\n    "tasks": [\n      {\n        "id": 1,\n        "title": "a",\n'
        '        "status": "pending"\n      },\n      {\n        "id": 2,\n'
        '        "title": "b",\n        "status": "pending"\n      }\n    ],\n'
        '    "metadata": {\n      "created": "x",\n      "updated": "y",\n'
        '      "taskCount": 2\n    }\n  }\n}\n'
    ),
    "tabs": '{\n\t"master": {\n\t\t"tasks": [\n\t\t\t{\n\t\t\t\t"id": 1,\n\t\t\t\t"title": "a",'
    '\n\t\t\t\t"status": "pending"\n\t\t\t}\n\t\t]\n\t}\n}',
    "four blanks": '{\n    "tasks": [\n        {\n            "id": "1",\n            "title": "a"'
    ',\n            "status": "pending"\n        }\n    ]\n}\n',
    "one line": '{"master":{"tasks":[{"id":1,"title":"a","status":"pending"},'
    '{"id":2,"title":"b","status":"todo"}]}}',
    "windows": '{\r\n  "tasks": [\r\n    {\r\n      "id": 1,\r\n      "title": "a",\r\n'
    '      "status": "pending"\r\n    }\r\n  ]\r\n}\r\n',
    "mark": '\ufeff{\n  "tasks": [\n    {\n      "id": 1,\n      "title": "a",\n'
    '      "status": "pending"\n    }\n  ]\n}\n',
    "escapes": '{\n  "tasks": [\n    {\n      "id": 1,\n      "title": "\\u00e9\\ud83d\\ude00",\n'
    '      "status": "pending"\n    }\n  ]\n}\n',
    "half a pair": '{\n  "tasks": [\n    {\n      "id": 1,\n      "title": "\u00e9\\ud83d",\n'
    '      "status": "pending"\n    }\n  ]\n}\n',
    "repeated keys": '{\n  "tasks": [\n    {\n      "id": 1,\n      "title": "old",\n'
    '      "status": "done",\n      "title": "new",\n      "status": "pending"\n    }\n  ]\n}\n',
    "numbers": '{\n  "tasks": [\n    {\n      "id": 1.0,\n      "x": 1.50,\n      "y": 1E400,\n'
    '      "z": 100000000000000000000000001,\n      "n": NaN,\n      "status": "pending"\n    }\n'
    "  ]\n}\n",
    "bare list": '[\n  {\n    "id": 1,\n    "title": "a",\n    "status": "pending"\n  }\n]\n',
    "list in list": '{\n  "master": {\n    "tasks": [[\n      {\n        "id": 1,\n'
    '        "title": "a",\n        "status": "pending"\n      }\n    ]]\n  }\n}\n',
    "tag is a list": '{\n  "master": [\n    {\n      "id": 1,\n      "title": "a",\n'
    '      "status": "pending"\n    }\n  ],\n  "note": "kept"\n}\n',
    "tags inside": '{\n  "tags": {\n    "one": {\n      "tasks": [\n        {\n          "id": 1,\n'
    '          "title": "a",\n          "status": "pending"\n        }\n      ]\n    }\n  }\n}\n',
    "saved answer": '{\n  "data": {\n    "tasks": [\n      {\n        "id": 1,\n'
    '        "title": "a",\n        "status": "pending"\n      }\n    ]\n  },\n  "tag": "x"\n}\n',
    "others among tasks": '{\n  "tasks": [\n    "a text",\n    null,\n    {\n      "id": 1,\n'
    '      "title": "a",\n      "status": "pending",\n      "subtasks": ["a text", 5, '
    + STEP
    + "]\n    },\n    [\n      1\n    ]\n  ]\n}\n",
    "repeated ids": '{\n  "tasks": [\n    {\n      "id": 1,\n      "title": "a",\n'
    '      "status": "pending"\n    },\n    {\n      "id": "1",\n      "title": "b",\n'
    '      "status": "pending"\n    }\n  ]\n}\n',
    "blank lines": '\n\n{\n\n  "tasks" :  [ {\n      "id" : 1 ,\n      "status" : "pending"\n'
    "    } ]\n\n}\n\n\n",
}
shapes = pytest.mark.parametrize("shape", SHAPES)


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    lines = list(
        difflib.ndiff(old.splitlines(keepends=True), new.splitlines(keepends=True), charjunk=None)
        if len(old) < 3000
        else difflib.unified_diff(
            old.splitlines(keepends=True),
            new.splitlines(keepends=True),
            n=0,
            fromfile="",
            tofile="",
        )
    )
    lines = [line for line in lines if not line.startswith(("---", "+++", "@@", "?"))]
    return (
        [line[1:].strip() for line in lines if line.startswith("-")],
        [line[1:].strip() for line in lines if line.startswith("+")],
    )


def text_of(store: FileStore) -> str:
    return Path(store.path).read_bytes().decode()


@shapes
def test_a_file_in_any_shape_is_read_and_left_alone(project: Open, shape: str) -> None:
    store = project(SHAPES[shape])

    with store.reading() as reader:
        (tag,) = reader.tags()
        assert reader.get(tag, "1").status == "pending"
    with store.writing(stamp()) as writer:
        writer.put(tag, writer.get(tag, "1"))

    assert writer.committed is None
    assert text_of(store) == SHAPES[shape]


@shapes
def test_a_new_status_touches_the_status_and_nothing_else(project: Open, shape: str) -> None:
    store = project(SHAPES[shape])

    with store.writing(stamp()) as writer:
        (tag,) = writer.tags()
        writer.put(tag, writer.get(tag, "1").with_fields({"status": "done"}))

    head, _, tail = (
        SHAPES[shape].rpartition('"pending"')
        if shape == "repeated keys"
        else (SHAPES[shape].partition('"pending"'))
    )
    expected = f'{head}"done"{tail}'.replace(
        '"updated": "y"', '"updated": "2026-01-31T08:15:30.123Z"'
    )
    assert text_of(store) == expected


@shapes
def test_a_task_added_and_removed_again_leaves_the_same_bytes(project: Open, shape: str) -> None:
    store = project(SHAPES[shape].replace('"updated": "y",\n      ', ""))
    before = text_of(store)
    first = whole(store)

    with store.writing(stamp()) as writer:
        (tag,) = writer.tags()
        writer.put(tag, Task({"id": 77, "title": "\u05d0\ud83d\u2028", "x": {"y": [1, {}]}}))
    added = text_of(store)
    assert alike(whole(FileStore(store.path, store.home + "2")), whole(store))
    with store.writing(stamp()) as writer:
        writer.remove(tag, "77")

    assert added != before
    assert "77" in added
    assert text_of(store) == before
    if shape != "others among tasks":  # Readers do not see these, so records miss them.
        check_log(first, store)


@shapes
def test_the_shape_has_room_for_more_tags_or_says_so(project: Open, shape: str) -> None:
    store = project(SHAPES[shape])
    before = whole(store)

    refused = refusal(store, lambda writer: writer.add_tag("more", {"description": "d"}))

    if refused is not None:
        assert refused.code == "old-shape"
        assert refused.hint
        assert text_of(store) == SHAPES[shape]
        assert alike(whole(store), before)
    else:
        assert list(whole(store)) == [*before, "more"]
        assert whole(store)["more"].metadata == {"description": "d"}
    assert not list(Path(store.path).parent.glob(".*"))


def refusal(store: FileStore, change: Callable[[Writer], object]) -> Invalid | None:
    """Make a change that the shape of the file may have no room for."""
    try:
        with store.writing(stamp()) as writer:
            change(writer)
    except Invalid as error:
        return error
    return None


@shapes
def test_metadata_is_stored_or_refused_but_never_lost(project: Open, shape: str) -> None:
    store = project(SHAPES[shape])
    (tag,) = whole(store)
    described = {**whole(store)[tag].metadata, "description": "new"}

    refused = refusal(store, lambda writer: writer.describe_tag(tag, described))

    if refused is not None:
        assert refused.code == "old-shape"
        assert text_of(store) == SHAPES[shape]
    else:
        assert whole(store)[tag].metadata["description"] == "new"
        assert json.loads(text_of(store).removeprefix("\ufeff"))


def test_a_renamed_tag_keeps_its_place_its_other_keys_and_its_lines(project: Open) -> None:
    old = SHAPES["today"].replace('"tasks": [', '"branch": "b",\n    "tasks": [')
    old = old.replace('"updated": "y",\n      ', "")
    old = old.replace("\n}\n", ',\n  "zz": {\n    "tasks": []\n  }\n}\n')
    store = project(old)

    with store.writing(stamp()) as writer:
        writer.rename_tag("master", "main")
        writer.describe_tag("main", {**writer.metadata("main"), "created": "z"})

    removed, added = changed_lines(old, text_of(store))
    assert removed == ['"master": {', '"created": "x",']
    assert added == ['"main": {', '"created": "z",']
    assert list(whole(store)) == ["main", "zz"]


@pytest.mark.parametrize("name", ["metadata", "tasks", "meta"])
def test_a_tag_name_that_the_format_cannot_hold_is_refused(project: Open, name: str) -> None:
    store = project(SHAPES["today"])

    with pytest.raises(Invalid) as told, store.writing(stamp()) as writer:
        writer.add_tag(name, {})

    assert told.value.hint
    assert text_of(store) == SHAPES["today"]


def test_the_last_tag_beside_other_keys_is_not_removed_into_a_broken_file(project: Open) -> None:
    text = SHAPES["today"].replace("{\n", '{\n  "note": "mine",\n', 1)
    store = project(text)

    with pytest.raises(Invalid), store.writing(stamp()) as writer:
        writer.remove_tag("master")

    assert text_of(store) == text


def test_the_last_task_of_a_tag_that_is_a_list_is_not_removed_into_a_broken_file(
    project: Open,
) -> None:
    store = project('{"mine": [{"id": 1, "title": "a"}]}')

    with pytest.raises(Invalid), store.writing(stamp()) as writer:
        writer.remove("mine", "1")

    assert whole(store)["mine"].entries == [{"id": 1, "title": "a"}]


def test_entries_that_are_no_tasks_stay_where_they_are_when_tasks_are_sorted(
    project: Open,
) -> None:
    store = project('{"tasks": ["x", {"id": 1}, null, {"id": 2}, {"id": 1, "b": 1}]}')

    with store.writing(stamp()) as writer:
        writer.reorder("master", ["2", "1", "1"])

    expected = ["x", {"id": 2}, None, {"id": 1}, {"id": 1, "b": 1}]
    assert json.loads(text_of(store)) == {"tasks": expected}


def test_a_project_without_a_file_gets_one_in_the_shape_of_today(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path / "t" / "tasks.json"), str(tmp_path / "h"))

    with store.writing(stamp()) as writer:
        writer.put("master", Task({"id": 1, "title": "\u00e9"}))

    assert text_of(store) == (
        '{\n  "master": {\n    "tasks": [\n      {\n        "id": 1,\n        "title": "\u00e9"\n'
        '      }\n    ],\n    "metadata": {}\n  }\n}\n'
    )


@needs_corpus
@real
def test_a_real_file_is_left_alone_when_nothing_changes(project: Open, path: Path) -> None:
    store = project(path.read_bytes())

    with store.writing(stamp()) as writer:
        for tag in writer.tags():
            for task in writer.tasks(tag):
                first = writer.get(tag, task.id)
                writer.put(tag, Task(json.loads(json.dumps(first.doc))))

    assert writer.committed is None
    assert Path(store.path).read_bytes() == path.read_bytes()


@needs_corpus
@real
def test_a_new_status_of_each_task_of_a_real_file_touches_its_lines_only(path: Path) -> None:
    old = path.read_bytes().decode("utf-8-sig")
    layout = Layout(old)
    for tag, state in layout.states.items():
        for place, entry in enumerate(state.entries):
            if isinstance(entry, dict):
                thorough = len(old) < 100_000 or place % 40 == 0
                _check_one_edit(layout, tag, place, thorough=thorough)


def _check_one_edit(layout: Layout, tag: str, place: int, *, thorough: bool) -> None:
    entries = list(layout.states[tag].entries)
    entries[place] = {**entries[place], "status": "a new status"}  # type: ignore[dict-item]
    states = {**layout.states, tag: layout.states[tag]._replace(entries=entries)}
    text = layout.with_states(states)
    head = _in_common(layout.text, text)
    tail = _in_common(layout.text[: head - 1 : -1], text[: head - 1 : -1])
    gone, new = layout.text[head : len(layout.text) - tail], text[head : len(text) - tail]
    assert len(gone) < 30
    assert len(new) < 60
    assert gone.count("\n") <= 1
    assert new.count("\n") <= 1
    if thorough:
        assert alike(Layout(text).states, states)


def _in_common(one: str, other: str) -> int:
    """How many characters both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@needs_corpus
@real
def test_what_follows_from_a_change_is_the_metadata_of_its_tag(project: Open, path: Path) -> None:
    store = project(path.read_bytes())
    old = text_of(store)
    first = whole(store)
    tag = next((tag for tag in first if first[tag].entries), "")
    if not tag:
        pytest.skip("no tasks in this one")

    with store.writing(stamp()) as writer:
        changed = writer.tasks(tag)[0].with_fields({"title": "a new title"})
        writer.put(tag, changed)

    removed, added = changed_lines(old, text_of(store))
    names = [name for name in FOLLOWING if any(f'"{name}"' in line for line in added)]
    assert set(names) <= set(whole(store)[tag].metadata)
    rest = [line for line in added if not any(f'"{name}"' in line for name in names)]
    assert 1 <= len(rest) <= 2
    assert len(removed) - len(added) in (-1, 0)
    assert same(whole(store)[tag].entries[0], changed.doc)


# json.loads(patched) == new, for any text and any edit

KEYS = st.text(max_size=3) | st.sampled_from(["id", "a", "b", "tasks"])
DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=()), max_size=4),
    lambda inside: st.lists(inside, max_size=5) | st.dictionaries(KEYS, inside, max_size=5),
    max_leaves=25,
)
INDENTS = st.sampled_from([None, 1, 2, 4, "\t"])


@st.composite
def edits(draw: st.DrawFn, value: Json) -> Json:
    """*value* with some of it changed, taken away, moved, renamed or added."""
    choice = draw(st.integers(0, 9))
    if choice == 0:
        return draw(DOCUMENTS)
    if isinstance(value, dict) and value:
        return draw(edited_objects(value)) | (draw(st.dictionaries(KEYS, DOCUMENTS, max_size=1)))
    if isinstance(value, list) and value:
        return draw(edited_lists(value))
    return draw(DOCUMENTS) if choice < 5 else value


@st.composite
def edited_objects(draw: st.DrawFn, value: dict[str, Json]) -> dict[str, Json]:
    result = dict(value)
    for key in draw(st.lists(st.sampled_from(list(value)), max_size=3, unique=True)):
        action = draw(st.sampled_from(["drop", "edit", "edit", "rename"]))
        held = result.pop(key) if action != "edit" else result[key]
        if action == "edit":
            result[key] = draw(edits(held))
        elif action == "rename":
            result[draw(KEYS)] = held
    return result


@st.composite
def edited_lists(draw: st.DrawFn, value: list[Json]) -> list[Json]:
    result = list(value)
    for place in draw(st.lists(st.integers(0, len(value) - 1), max_size=3)):
        action = draw(st.sampled_from(["drop", "edit", "edit", "move", "add"]))
        spot = min(place, max(len(result) - 1, 0))
        if action == "add" or not result:
            result.insert(spot, draw(DOCUMENTS))
        elif action == "edit":
            result[spot] = draw(edits(result[spot]))
        else:
            taken = result.pop(spot)
            if action == "move":
                result.insert(draw(st.integers(0, len(result))), taken)
    return result


@st.composite
def texts_and_edits(draw: st.DrawFn) -> tuple[str, Any]:
    value = draw(DOCUMENTS)
    text = json.dumps(value, indent=draw(INDENTS), ensure_ascii=True)
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    if draw(st.booleans()):
        text = text.replace(",", " , ").replace(":", " :  ") if '"' not in text else text
    return text, draw(edits(json.loads(text)))


@given(texts_and_edits())
@settings(max_examples=400, deadline=None)
def test_a_patched_text_says_the_new_value(case: tuple[str, Any]) -> None:
    _check_patch(*case)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@given(texts_and_edits())
@settings(max_examples=30_000, deadline=None)
def test_a_patched_text_says_the_new_value_for_long(case: tuple[str, Any]) -> None:
    _check_patch(*case)


def _check_patch(text: str, new: Json) -> None:
    old = json.loads(text)
    # The same objects where nothing was changed, as the engine hands them over.
    patched = Editor(text, {}, style_of(text)).patched(0, len(text), old, _shared(old, new))
    assert same(json.loads(patched), new), patched
    patched.encode()
    if same(old, new):
        assert patched == text


def _shared(old: Json, new: Json) -> Json:
    if same(old, new):
        return old
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: _shared(old.get(key), value) for key, value in new.items()}
    return new


SCRAPS = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", '"', "1", " ", "\n", ',{"id": 1}', '{"id": 2, "title": "new"},']
)
LISTS = st.lists(
    st.builds(
        lambda number, more: {"id": number, "title": "t", "x": more},
        st.integers(1, 6) | st.sampled_from(["1", "2.1", None, True, 1.0, [1]]),
        st.integers(0, 99) | st.lists(st.integers(0, 99), max_size=2),
    )
    | st.integers(0, 99),
    max_size=8,
)


@st.composite
def rewritten(draw: st.DrawFn) -> list[str]:
    """Task files, each made of the one before by cutting, copying, moving and typing."""
    tags = draw(st.dictionaries(st.sampled_from(["master", "a", "b"]), LISTS, max_size=3))
    shape = draw(st.sampled_from(["tagged", "lists", "bare"]))
    content: Json = {tag: {"tasks": tasks, "metadata": {"n": 1}} for tag, tasks in tags.items()}
    if shape != "tagged":
        content = tags if shape == "lists" else next(iter(tags.values()), [])
    texts = [json.dumps(content, indent=draw(st.sampled_from([None, 2])))]
    for _ in range(draw(st.integers(1, 4))):
        text = texts[-1]
        for _ in range(draw(st.integers(0, 3))):
            start, other = draw(st.tuples(*[st.integers(0, len(text))] * 2))
            end = min(len(text), start + draw(st.integers(0, 40)))
            piece = draw(SCRAPS | st.just("") | st.just(text[start:end]))
            text = (
                text[:other] + piece + text[other:]
                if draw(st.booleans())
                else (text[:start] + piece + text[end:])
            )
        texts.append(text)
    return texts


def outcome(text: str, like: Layout | None) -> Layout | type[Exception]:
    try:
        return Layout(text, like)
    except Exception as error:  # noqa: BLE001 - whatever it is, both have to end so
        return type(error)


@given(rewritten())
@settings(max_examples=400, deadline=None)
def test_reading_only_what_has_changed_finds_what_reading_everything_does(texts: list[str]) -> None:
    like: Layout | None = None
    for text in texts:
        whole_read, read_on = outcome(text, None), outcome(text, like)
        if isinstance(whole_read, Layout):
            assert isinstance(read_on, Layout)
            assert same(read_on.root, whole_read.root)
            assert read_on._scanned == whole_read._scanned
            assert (read_on.shape, read_on.oddities) == (whole_read.shape, whole_read.oddities)
            assert read_on.states == whole_read.states
            like = read_on
        else:
            assert read_on is whole_read


def test_of_a_long_list_only_the_changed_tasks_are_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tasks = [{"id": number, "title": f"Task {number}", "x": {}} for number in range(1, 501)]
    document: Json = {"master": {"tasks": tasks, "metadata": {"updated": "before"}}}
    like = Layout(json.dumps(document, indent=2))
    read: list[int] = []
    real = jsontext.plain

    def noted(text: str, place: int) -> tuple[object, int]:
        read.append(place)
        return real(text, place)

    monkeypatch.setattr(jsontext, "plain", noted)
    tasks[100]["title"] = "A longer title"
    tasks.insert(200, {"id": 900, "title": "In between", "x": {}})
    del tasks[300]
    tasks[400], tasks[401] = tasks[401], tasks[400]
    document["master"]["metadata"]["updated"] = "afterwards"

    found = Layout(json.dumps(document, indent=2), like)

    assert same(found.root, document)
    assert len(read) < 12


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"tasks": [{"id": 1}, 12]}', '{"tasks": [{"id": 1}, 123]}'),
        ('{"tasks": [{"id": 1}, 12, 3]}', '{"tasks": [{"id": 2}, 12, 34]}'),
        ('{"tasks": [1, 2]}', '{"tasks": [1, 2.5]}'),
        ('{"tasks": [{"id": 1}]}', '{"tasks": [{"id": 1}, {"id": 2}]}'),
        ('{"tasks": [{"id": 1}, {"id": 2}]}', '{"tasks": [{"id": 2}]}'),
        ('{"tasks": [{"id": 1}]}', '{"tasks": []}'),
        ('{"tasks": []}', '{"tasks": [{"id": 1}]}'),
        ('{"tasks": [{"id": 1}, {"id": 1, "x": 1}, 4]}', '{"tasks": [{"id": 1, "x": 2}, 4, 4]}'),
    ],
)
def test_a_list_that_is_read_on_is_what_it_says(before: str, after: str) -> None:
    assert same(Layout(after, Layout(before)).root, json.loads(after))
