"""What a server needs of a store, as tests: a version, a keyring, requests that are done once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial

from taskmaster.domain.task import Task
from taskmaster.errors import Busy, NotFound
from taskmaster.testing.projects import (
    ODD_TEXTS,
    WAIT,
    WHOLE_TASK,
    fill,
    log_of,
    refusal,
    stamp,
    task,
    whole,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from taskmaster.domain.changes import Stamp, Version
    from taskmaster.ports import Store, Writer

    Keys = Mapping[str, Mapping[str, object]]

KEYS: Keys = {
    "k2": {"hash": "b7", "scopes": ["read", "write"], "expires": None, "uses": 3},
    "k1": {"hash": "a1", "scopes": [], "more": {"z": 1.5, "a": [True, {"": "x"}]}},
}
_AT_REST = 10
"""Seconds within which the version of a store that nobody changes must have come to rest."""

CHANGES: tuple[Callable[[Writer], object], ...] = (
    lambda writer: writer.put("master", Task(WHOLE_TASK)),
    lambda writer: writer.put("master", task(2, "one")),
    lambda writer: writer.put("master", task(2, "two")),
    lambda writer: writer.put("master", task(2, "six")),
    lambda writer: writer.put("master", task(2, "one")),
    lambda writer: writer.reorder("master", ["2", "1"]),
    lambda writer: writer.remove("master", "2"),
    lambda writer: writer.add_tag("next", {}),
    lambda writer: writer.describe_tag("next", {"description": "later"}),
    lambda writer: writer.rename_tag("next", "then"),
    lambda writer: writer.remove_tag("then"),
    lambda writer: writer.remove("master", "1"),
)


def at_rest(store: Store) -> Version:
    """The version once it stays the same."""
    end = time.monotonic() + _AT_REST
    found, seen = store.version(), None
    while found != seen:
        assert time.monotonic() < end, "the version changes although nobody changes anything"
        found, seen = store.version(), found
    return found


def requested(request: str) -> Stamp:
    return stamp("asked")._replace(request=request)


def keep(store: Store, keys: Keys) -> None:
    """Have the keyring hold these keys besides what it holds."""
    with store.keyring().changing() as held:
        held.update(keys)


class _Opened:
    def make_store(self) -> Store:
        """A new, empty store that nothing else uses."""
        raise NotImplementedError

    def impatient(self, store: Store) -> Store:
        """*store* opened once more, by somebody who does not wait long for the writer's place."""
        raise NotImplementedError

    def address(self, store: Store) -> tuple[str, ...] | None:
        """How another process opens *store*, if it can."""
        raise NotImplementedError


class _Versions(_Opened):
    def test_a_store_that_nobody_changes_keeps_its_version(self) -> None:
        store = self.make_store()
        fill(store, task(1))
        keep(store, KEYS)
        found = at_rest(store)
        whole(store)
        with suppress(NotFound), store.writing(stamp()) as writer:
            writer.get("master", "not there")
        assert dict(store.keyring().entries()) == KEYS
        assert {at_rest(store)} == {found}

    def test_every_change_by_anybody_gives_a_version_never_seen_before(self) -> None:
        store = self.make_store()
        other = self.impatient(store)
        seen = {store.version().tasks}
        for number, change in enumerate([*CHANGES, *CHANGES]):
            with (store, other)[number % 2].writing(stamp()) as writer:
                change(writer)
            assert store.version().tasks not in seen, f"change {number} was not noticed"
            seen.add(store.version().tasks)

    def test_every_change_of_the_keyring_by_anybody_gives_another_version(self) -> None:
        store = self.make_store()
        other = self.impatient(store)
        seen = {store.version().keys}
        for number in range(10):
            keep((store, other)[number % 2], {"k": {"uses": number}})
            assert store.version().keys not in seen, f"change {number} was not noticed"
            seen.add(store.version().keys)
        last = store.version().keys
        with other.keyring().changing() as held:
            held.clear()
        assert store.version().keys != last

    def test_every_change_by_another_process_is_in_the_next_version(self) -> None:
        store = self.make_store()
        address = self.address(store)
        if address is None:
            return
        fill(store, task(1, count=100))
        with _beside(address) as change:
            for number in range(101, 131):
                before = store.version()
                change("count")
                assert store.version().tasks != before.tasks
                assert whole(store)["master"].entries[0] == task(1, count=number).doc
            for number in range(10):
                before = store.version()
                change("keys")
                assert store.version().keys != before.keys
                assert store.keyring().entries()["k"] == {"uses": number}

    def test_what_was_read_before_is_never_older_than_what_its_version_says(self) -> None:
        store = self.make_store()
        fill(store, task(1, count=100))
        other = self.impatient(store)
        committed = [100]
        read: dict[object, int] = {}
        done = threading.Event()

        def look() -> None:
            while not done.is_set():
                least = committed[-1]
                version = store.version().tasks
                if version not in read:
                    with store.reading() as reader:
                        read[version] = int(str(reader.get("master", "1").doc["count"]))
                assert read[version] >= least

        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(look)
            try:
                for number in range(101, 141):
                    fill(other, task(1, count=number))
                    committed.append(number)
            finally:
                done.set()
            looking.result(WAIT)
        assert read


class _Keyrings(_Opened):
    def test_keys_come_back_as_they_were_kept_in_their_order(self) -> None:
        store = self.make_store()
        assert dict(store.keyring().entries()) == {}
        keep(store, KEYS)
        for one in (store, self.impatient(store)):
            found = one.keyring().entries()
            assert json.dumps(found) == json.dumps(KEYS)

    def test_odd_characters_come_back_in_keys(self) -> None:
        store = self.make_store()
        odd = {f"k{text}": {f"x{text}": [text]} for text in ODD_TEXTS}
        keep(store, odd)
        assert dict(store.keyring().entries()) == odd

    def test_keys_are_changed_removed_and_added_anew(self) -> None:
        store = self.make_store()
        keep(store, KEYS)
        with store.keyring().changing() as held:
            held["k2"] = {**held["k2"], "revoked": True}
            held["k0"] = {}
            held["k1"] = held.pop("k1")
        found = store.keyring().entries()
        assert list(found) == ["k2", "k0", "k1"]
        assert found["k2"]["revoked"] is True
        with store.keyring().changing() as held:
            held.clear()
        assert dict(store.keyring().entries()) == {}

    def test_an_exception_leaves_the_keys_as_they_were(self) -> None:
        store = self.make_store()
        keep(store, KEYS)
        with suppress(NotFound), store.keyring().changing() as held:
            held.clear()
            held["k9"] = {}
            raise NotFound("something that the caller has looked for")
        assert json.dumps(store.keyring().entries()) == json.dumps(KEYS)
        keep(store, {"k9": {}})

    def test_what_was_read_of_the_keys_is_the_readers_own(self) -> None:
        store = self.make_store()
        keep(store, KEYS)
        found: dict[str, object] = dict(store.keyring().entries()["k1"])
        found["scopes"] = ["all"]
        assert dict(store.keyring().entries()) == KEYS

    def test_keys_are_neither_in_the_log_nor_among_the_tasks(self) -> None:
        store = self.make_store()
        fill(store, task(1))
        before = whole(store), log_of(store)
        keep(store, KEYS)
        assert (whole(store), log_of(store)) == before

    def test_keys_are_changed_by_one_at_a_time(self) -> None:
        store = self.make_store()
        with store.keyring().changing() as held:
            held["k1"] = {"uses": 0}
            told = refusal(Busy, lambda: keep(self.impatient(store), KEYS))
        assert told.hint
        others = [self.impatient(store) for _ in range(3)]

        def count(one: Store) -> None:
            for _ in range(5):
                while not _counted(one):
                    pass

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(count, others, timeout=WAIT))
        assert store.keyring().entries()["k1"] == {"uses": 15}


class _Requests(_Opened):
    def test_a_request_is_found_by_its_text_alone(self) -> None:
        store = self.make_store()
        texts = [*(text for text in ODD_TEXTS if text), "plain", "plai", "\ud83d and é"]
        for number, text in enumerate(texts, 1):
            with store.writing(requested(text)) as writer:
                assert writer.carried_out(text) is None
                writer.put("master", task(number))
            fill(store, task(number, "in between"))
        log = log_of(store)
        for one in (store, self.impatient(store)):
            with one.reading() as reader:
                assert [reader.carried_out(text) for text in texts] == log[::2]
                assert reader.carried_out("lain") is None
                assert reader.carried_out("plain ") is None

    def test_a_text_that_looks_like_a_request_is_none(self) -> None:
        store = self.make_store()
        with store.writing(stamp(name='"request":"r1"')._replace(note='"request":"r1"')) as writer:
            writer.put("master", task(1, request="r1", more={"request": "r1"}))
        with store.writing(requested("r2")) as writer:
            writer.put("master", task(1, request="r2"))
        with store.reading() as reader:
            assert reader.carried_out("r1") is None
            assert reader.carried_out("r2") == log_of(store)[-1]
            assert reader.carried_out("") is None

    def test_a_request_that_has_failed_was_not_carried_out(self) -> None:
        store = self.make_store()
        with suppress(NotFound), store.writing(requested("r1")) as writer:
            writer.put("master", task(1))
            writer.get("master", "not there")
        with store.reading() as reader:
            assert reader.carried_out("r1") is None

    def test_a_request_of_another_process_is_known(self) -> None:
        store = self.make_store()
        address = self.address(store)
        if address is None:
            return
        fill(store, task(1, count=0))
        with store.reading() as reader:
            assert reader.carried_out("count 1") is None
        with _beside(address) as change:
            change("count")
            with store.writing(stamp()) as writer:
                assert writer.carried_out("count 1") == log_of(store)[-1]
            change("count")
            with store.reading() as reader:
                assert reader.carried_out("count 2") == log_of(store)[-1]


class ServingContract(_Versions, _Keyrings, _Requests):
    """What a server needs of a store; a part of ``testing.StoreContract``."""


def _counted(store: Store) -> bool:
    """Use the key once more, if nobody else is just doing that."""
    with suppress(Busy), store.keyring().changing() as held:
        held["k1"] = {"uses": int(str(held["k1"]["uses"])) + 1}
        return True
    return False


@contextmanager
def _beside(address: tuple[str, ...]) -> Iterator[Callable[[str], None]]:
    """Another process, which changes the store in the way it is told, and is waited for."""
    words = [sys.executable, "-u", "-c", _CHANGING, json.dumps([sys.path, *address])]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, encoding="ascii") as process:  # noqa: S603 - our own words
        assert process.stdin
        assert process.stdout

        def change(way: str) -> None:
            print(way, file=process.stdin, flush=True)
            answer = process.stdout.readline()  # type: ignore[union-attr]  # asserted above
            assert answer == "done\n", answer

        yield partial(change)
        process.stdin.close()
    assert process.returncode == 0


_CHANGING = """
import importlib, json, sys
path, where, *arguments = json.loads(sys.argv[1])
sys.path[:] = path
from taskmaster.testing.projects import stamp
module, _, name = where.partition(":")
store = getattr(importlib.import_module(module), name)(*arguments)
done = {"count": 0, "keys": 0}
for line in sys.stdin:
    way = line.strip()
    if way == "count":
        with store.writing(stamp()._replace(request=f"count {done[way] + 1}")) as writer:
            task = writer.get("master", "1")
            writer.put("master", task.with_fields({"count": task.doc["count"] + 1}))
    else:
        with store.keyring().changing() as held:
            held["k"] = {"uses": done[way]}
    done[way] += 1
    print("done")
"""
