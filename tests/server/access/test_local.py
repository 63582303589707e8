"""The developer's own token: made once, whole, and for nobody else's eyes."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taskmaster.domain.changes import Actor
from taskmaster.errors import Forbidden
from taskmaster.server.access import local

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")


def test_the_token_is_made_once_and_kept(tmp_path: Path) -> None:
    home = tmp_path / ".taskmaster"

    token, created = local.token(str(home))

    assert re.fullmatch(r"tamp_local_[0-9A-Za-z]{43}", token)
    assert created
    assert local.token(str(home)) == (token, False)
    assert sorted(path.name for path in home.iterdir()) == [".gitignore", "token"]
    assert "token*" in (home / ".gitignore").read_text(encoding="utf-8").splitlines()


@posix
def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    local.token(str(tmp_path))

    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o602])
def test_one_that_others_may_read_is_refused_and_left_alone(tmp_path: Path, mode: int) -> None:
    token, _ = local.token(str(tmp_path))
    path = tmp_path / "token"
    path.chmod(mode)

    with pytest.raises(Forbidden) as caught:
        local.token(str(tmp_path))

    assert caught.value.hint == f"chmod 600 {path}"
    assert token not in str(caught.value.as_json())
    assert path.read_text(encoding="utf-8").strip() == token


@posix
def test_a_link_is_refused_wherever_it_leads(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    token, _ = local.token(str(elsewhere))
    home = tmp_path / "home"
    home.mkdir()
    for target in (elsewhere / "token", tmp_path / "nowhere"):
        (home / "token").symlink_to(target)
        with pytest.raises(Forbidden, match="is a link"):
            local.token(str(home))
        (home / "token").unlink()

    assert not (tmp_path / "nowhere").exists()
    assert local.token(str(elsewhere)) == (token, False)


@pytest.mark.parametrize("text", ["", "x", "tamp_local_short", "secret" * 9, "\xff"])
def test_a_file_that_holds_no_token_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "token"
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)

    with pytest.raises(Forbidden, match="does not hold a token"):
        local.token(str(tmp_path))


@posix
def test_a_folder_is_no_token(tmp_path: Path) -> None:
    (tmp_path / "token").mkdir()

    with pytest.raises(Forbidden):
        local.token(str(tmp_path))


def test_all_who_start_at_once_get_the_same_token(tmp_path: Path) -> None:
    program = (
        "import sys; from taskmaster.server.access import local; print(*local.token(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]

    def started(_number: int) -> str:
        return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout

    with ThreadPoolExecutor(4) as threads:
        said = [line.split() for line in threads.map(started, range(4))]

    assert len({token for token, _ in said}) == 1
    assert sorted(created for _, created in said) == ["False", "False", "False", "True"]


def test_the_developer_may_do_everything_under_their_own_name() -> None:
    found = local.principal(Actor("ann", "person", "s1"))

    assert (found.id, found.tier, found.role) == ("local", "local", "admin")
    assert found.permissions == {"read", "write", "manage", "admin"}
    assert found.actor == Actor("ann", "person", "s1")
