"""A watch on files notices every change, with and without the package that makes it quick."""

from __future__ import annotations

import builtins
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from taskmaster.doorbells.files import FileWatch
from taskmaster.doorbells.folders import FolderPause

WAIT = 10.0


@pytest.fixture(params=["polling", "events"])
def watch(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., FileWatch]:
    if request.param == "polling":
        real = builtins.__import__

        def without(name: str, *args: object) -> object:
            if name == "watchfiles":
                raise ImportError(name)
            return real(name, *args)  # type: ignore[arg-type]

        monkeypatch.setattr(builtins, "__import__", without)
    else:
        pytest.importorskip("watchfiles")
    return lambda *paths: FileWatch(map(str, paths))


def settle(watch: FileWatch) -> None:
    """Until the second telling of the last change is over."""
    while watch.wait(0.5):
        pass


def test_nothing_happens(watch: Callable[..., FileWatch], tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")

    assert not watch(tmp_path / "a", tmp_path / "b").wait(0.05)


def test_a_file_that_is_made_written_exchanged_and_removed(
    watch: Callable[..., FileWatch], tmp_path: Path
) -> None:
    path, fresh = tmp_path / "a", tmp_path / "fresh"
    watching = watch(path, tmp_path / "other")
    changes: list[Callable[[], object]] = [
        lambda: path.write_text("1"),
        lambda: path.write_text("12"),
        lambda: (fresh.write_text("13"), fresh.replace(path)),
        lambda: (fresh.write_text("14"), fresh.replace(path)),
        path.unlink,
    ]
    for change in changes:
        change()
        assert watching.wait(WAIT)
        settle(watching)


def test_a_change_is_told_a_second_time(watch: Callable[..., FileWatch], tmp_path: Path) -> None:
    watching = watch(tmp_path / "a")
    (tmp_path / "a").write_text("1")

    assert [watching.wait(WAIT), watching.wait(WAIT), watching.wait(0.5)] == [True, True, False]


def test_a_change_during_the_wait_ends_it(watch: Callable[..., FileWatch], tmp_path: Path) -> None:
    path = tmp_path / "a"
    watching = watch(path)
    later = threading.Timer(0.1, path.write_text, ["1"])
    later.start()

    assert watching.wait(WAIT)
    later.join()


def test_a_change_before_the_first_wait_is_not_missed(
    watch: Callable[..., FileWatch], tmp_path: Path
) -> None:
    watching = watch(tmp_path / "a")
    (tmp_path / "a").write_text("1")

    assert watching.wait(0)


def test_a_link_is_followed(watch: Callable[..., FileWatch], tmp_path: Path) -> None:
    real, link = tmp_path / "real" / "a", tmp_path / "a"
    real.parent.mkdir()
    real.write_text("1")
    link.symlink_to(real)
    watching = watch(link)

    real.write_text("12")

    assert watching.wait(WAIT)


def test_a_folder_that_is_not_there_yet_or_goes_away(
    watch: Callable[..., FileWatch], tmp_path: Path
) -> None:
    folder = tmp_path / "log"
    watching = watch(folder / "a", tmp_path / "b")
    folder.mkdir()
    (folder / "a").write_text("1")
    assert watching.wait(WAIT)
    settle(watching)

    (folder / "a").unlink()
    folder.rmdir()

    assert watching.wait(WAIT)


def test_a_folder_that_is_made_later_or_exchanged_is_watched_as_quickly(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    folder, longest = tmp_path / "log", 5.0
    with closing(FolderPause([str(folder)], longest)) as pause:
        for name in ("a", "b"):
            folder.mkdir()
            later = threading.Timer(0.1, (folder / name).write_text, ["1"])
            later.start()
            begun = time.monotonic()
            pause(longest)
            assert time.monotonic() - begun < longest / 2
            later.join()
            folder.rename(tmp_path / f"old-{name}")
