"""Full disks, folders that may only be read, links, owners and clocks."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import taskmaster
from taskmaster.errors import Forbidden, Unavailable
from taskmaster.stores.file import disk
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import WAIT, check_log, fill, log_of, refusal, stamp, task, whole

Open = Callable[[str | bytes], FileStore]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and limits")

TEXT = json.dumps({"master": {"tasks": [{"id": 1, "title": "first", "x": "y" * 4000}]}}, indent=2)
SOURCE = str(Path(taskmaster.__file__).parents[1])

# Puts a task under a limit on the size of files, which is how a full disk feels; tells how it went.
SQUEEZED = """
import json, resource, signal, sys
from taskmaster.errors import TampError
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import stamp, task
path, home, limit, action = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
store = FileStore(path, home, patience=1)
try:
    if action == "read":
        with store.reading() as reader:
            print(json.dumps(["read", len(reader.tasks("master"))]))
    else:
        with store.writing(stamp("squeezed")) as writer:
            writer.put("master", task(2, "z" * 1000))
        with store.writing(stamp("squeezed")) as writer:
            pass
        print(json.dumps(["written", ""]))
except TampError as error:
    print(json.dumps([error.code, error.message]))
"""


def run(program: str, *arguments: str) -> list[Any]:
    result = subprocess.run(
        [sys.executable, "-B", "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": SOURCE},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=WAIT,
        check=True,
    )
    return list(json.loads(result.stdout))


def ids_of(store: FileStore) -> list[object]:
    with store.reading() as reader:
        return [one.doc["id"] for one in reader.tasks("master")]


def tidy(store: FileStore) -> None:
    assert [path.name for path in Path(store.path).parent.iterdir()] == ["tasks.json"]
    left = {path.name for path in Path(store.home, "log").iterdir()}
    assert left <= {"lock", "lock.next", "base.json", "changes.jsonl"}


def test_a_disk_that_is_full_at_any_byte_keeps_everything_and_says_so(project: Open) -> None:
    store = project(TEXT)
    first = whole(store)
    fill(store, task(3))
    origin = Path(store.home)
    seen = set()
    for limit in [0, 1, 100, 1000, *range(2000, 13_000, 500), 100_000]:
        home = Path(shutil.copytree(origin, origin.with_name(f"at-{limit}")))
        squeezed = FileStore(str(home / "tasks" / "tasks.json"), str(home))
        before = Path(squeezed.path).read_bytes()

        code, message = run(SQUEEZED, squeezed.path, squeezed.home, str(limit), "write")

        seen.add(code)
        tidy(squeezed)
        ids = ids_of(squeezed)
        if code == "written":
            assert ids == [1, 3, 2]
        else:
            assert code == "disk-full"
            assert "nothing was changed" in message
            assert Path(squeezed.path).read_bytes() == before
            assert len(log_of(squeezed)) == 1
        fill(squeezed, task(4))
        check_log(first, squeezed)
        for copy in squeezed.backups.all():
            json.loads(squeezed.backups.read(copy.name))
    assert seen == {"written", "disk-full"}


def test_a_log_that_cannot_grow_refuses_the_change_while_nothing_has_happened(
    project: Open,
) -> None:
    store = project('{"tasks": [{"id": 1}]}')
    for number in range(2, 40):
        fill(store, task(number, "w" * 500))
        with store.writing(stamp()) as writer:
            writer.remove("master", str(number))
    size = Path(store.journal.path).stat().st_size
    before = Path(store.path).read_bytes()

    code, message = run(SQUEEZED, store.path, store.home, str(size + 100), "write")

    assert code == "disk-full"
    assert store.journal.path in message or "nothing was changed" in message
    assert Path(store.path).read_bytes() == before
    assert Path(store.journal.path).stat().st_size == size
    tidy(store)


def test_reading_works_on_a_full_disk_even_after_an_edit_by_hand(project: Open) -> None:
    store = project(TEXT)
    first = whole(store)
    fill(store, task(3))
    Path(store.path).write_text(TEXT)

    assert run(SQUEEZED, store.path, store.home, "10", "read") == ["read", 1]

    assert len(whole(store)["master"].entries) == 1
    check_log(first, store)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    where = tmp_path / "disk"
    where.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(where)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount, and not everywhere")
    yield where
    subprocess.run(["umount", str(where)], check=True)


def test_a_really_full_disk_loses_nothing(small_disk: Path) -> None:
    store = FileStore(str(small_disk / "tasks" / "tasks.json"), str(small_disk))
    fill(store, task(1, "z" * 5000))
    done = 0

    def go_on() -> None:
        nonlocal done
        for number in range(2, 200):
            fill(store, task(1, f"{number}" * 2000))
            done = number

    told = refusal(Unavailable, go_on)

    assert told.code == "disk-full"
    assert done > 1
    assert whole(store)["master"].entries[0] == task(1, f"{done}" * 2000).doc
    tidy(store)
    shutil.rmtree(store.backups.folder, ignore_errors=True)
    check_log({}, store)


NOBODY = 65534

# Root is not bound by permissions, so it becomes somebody else once everything is imported.
READING = """
import json, os, sys
from taskmaster.errors import TampError
from taskmaster.stores.file.store import FileStore
from taskmaster.testing.projects import log_of, refusal, stamp, task, whole
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
store = FileStore(*sys.argv[1:], patience=1)
told = [len(whole(store)["master"].entries), len(log_of(store))]
try:
    with store.writing(stamp()) as writer:
        writer.put("master", task(7))
    told.append("written")
except TampError as error:
    told += [type(error).__name__, error.code, error.message]
print(json.dumps(told))
"""


@pytest.fixture
def somewhere() -> Iterator[Path]:
    """A folder that other users can reach, which those of pytest are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("known", [True, False], ids=["with a log", "without a log"])
@pytest.mark.parametrize("edited", [True, False], ids=["edited", "as it was"])
def test_a_folder_that_may_only_be_read_can_be_read(
    somewhere: Path, known: bool, edited: bool
) -> None:
    path = somewhere / "tm" / "tasks" / "tasks.json"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT)
    store = FileStore(str(path), str(somewhere / "tm"))
    if known:
        fill(store, task(1))
    if edited:
        path.write_text(TEXT.replace("]", ', {"id": 5}]', 1))
    before = path.read_bytes()
    for one in [somewhere, *somewhere.rglob("*")]:
        one.chmod(0o555 if one.is_dir() else 0o444)

    told = run(READING, store.path, store.home)

    assert told[:2] == [2 if edited else 1, 1 if known else 0]
    assert told[2:4] == [Forbidden.__name__, "read-only"]
    assert "nothing was changed" in told[4]
    assert path.read_bytes() == before


def test_a_linked_task_file_stays_a_link_and_its_target_gets_the_change(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "shared.json"
    target.parent.mkdir()
    target.write_text(TEXT)
    link = tmp_path / "tm" / "tasks" / "tasks.json"
    link.parent.mkdir(parents=True)
    link.symlink_to(os.path.relpath(target, link.parent))
    store = FileStore(str(link), str(tmp_path / "tm"))

    fill(store, task(2))

    assert link.is_symlink()
    assert len(json.loads(target.read_text())["master"]["tasks"]) == 2
    assert [path.name for path in target.parent.iterdir()] == ["shared.json"]
    assert len(log_of(store)) == 1


def test_a_link_to_a_file_that_is_not_there_yet_leads_to_a_new_file(tmp_path: Path) -> None:
    link = tmp_path / "tm" / "tasks.json"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "new" / "shared.json")

    fill(FileStore(str(link), str(tmp_path / "tm")), task(2))

    assert link.is_symlink()
    assert (tmp_path / "new" / "shared.json").exists()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o444, 0o755])
def test_a_changed_file_keeps_its_permissions(project: Open, mode: int) -> None:
    store = project(TEXT)
    Path(store.path).chmod(mode)

    fill(store, task(2))
    fill(store, task(3))

    assert stat.S_IMODE(Path(store.path).stat().st_mode) == mode


@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o002, 0o664)])
def test_new_files_have_the_permissions_that_the_user_wants(
    tmp_path: Path, mask: int, mode: int
) -> None:
    old = os.umask(mask)
    try:
        store = FileStore(str(tmp_path / "tm" / "tasks.json"), str(tmp_path / "tm"))
        fill(store, task(1))
        fill(store, task(2))
    finally:
        os.umask(old)

    found = {path: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*.json*")}
    assert set(found.values()) == {mode}, found


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_a_change_by_root_leaves_the_file_to_its_owner(project: Open) -> None:
    store = project(TEXT)
    os.chown(store.path, NOBODY, NOBODY)

    fill(store, task(2))

    found = Path(store.path).stat()
    assert (found.st_uid, found.st_gid) == (NOBODY, NOBODY)


def test_a_clock_that_goes_back_does_not_turn_the_log_around(project: Open) -> None:
    store = project(TEXT)
    moments = ["2026-05-01T10:00:00.000Z", "2026-05-01T09:00:00.000Z", "2020-01-01T00:00:00.000Z"]
    for number, moment in enumerate(moments):
        with store.writing(stamp(time=moment)) as writer:
            writer.put("master", task(9, f"at {number}"))
    Path(store.path).write_text(TEXT)
    with store.writing(stamp(time="2019-01-01T00:00:00.000Z")) as writer:
        writer.put("master", task(10))

    times = [one.stamp.time for one in log_of(store)]
    assert times == sorted(times)
    assert times[:3] == [moments[0]] * 3


def test_systems_without_an_exchange_or_hard_links_write_all_the_same(
    project: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_arguments: object) -> None:
        raise PermissionError(1, "no hard links here")

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(disk, "exchange", lambda _one, _other: False)
    store = project(TEXT)
    fill(store, task(2))
    Path(store.path).unlink()
    fill(store, task(3))

    assert ids_of(store) == [3]
    tidy(store)


def test_a_log_that_fails_after_the_commit_is_completed_by_the_next_writer(
    project: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = project(TEXT)
    first = whole(store)

    def broken() -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(store.journal, "finish", broken)
    with pytest.raises(Unavailable) as told:
        fill(store, task(2))
    monkeypatch.undo()

    assert told.value.code == "log-unfinished"
    assert "were changed" in told.value.message
    assert len(whole(store)["master"].entries) == 2
    fill(store, task(3))
    assert [one.stamp.actor.name for one in log_of(store)] == ["ann", "ann"]
    check_log(first, store)
    tidy(store)


def test_a_copy_that_fails_after_the_commit_does_not_fail_the_change(
    project: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = project(TEXT)
    first = whole(store)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.backups, "add", full)
    fill(store, task(2))
    monkeypatch.undo()

    assert len(whole(store)["master"].entries) == 2
    fill(store, task(3))
    check_log(first, store)
    tidy(store)
