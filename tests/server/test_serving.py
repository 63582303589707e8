from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.processes import wait_until
from tests.server.running import Serving, project
from tests.surfaces.cli.conftest import Said, environ, process

SECRET = "c0ffee" * 8


def refused(folder: Path, *options: str, **variables: str) -> Said:
    said = process(folder, "serve", "--port=0", *options, **variables)
    assert said.code != 0
    assert "Traceback" not in said.err
    return said


def test_the_first_start_makes_a_token_that_nobody_else_can_read(tmp_path: Path) -> None:
    with Serving(project(tmp_path)) as server:
        told = "".join(server.told)
        token = tmp_path / ".taskmaster" / "token"
        assert token.read_text(encoding="utf-8").strip() in told
        assert stat.S_IMODE(token.stat().st_mode) == 0o600
        ignored = (tmp_path / ".taskmaster" / ".gitignore").read_text(encoding="utf-8")
        assert "token" in ignored
    with Serving(tmp_path) as server:
        assert token.read_text(encoding="utf-8").strip() not in "".join(server.told)
        assert server.get("/tasks")["total"] == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_asked_to_stop_ends_streams_with_where_to_go_on_and_exits_0(
    tmp_path: Path, number: signal.Signals, workers: int
) -> None:
    with (
        Serving(project(tmp_path), f"--workers={workers}") as server,
        server.http.stream("GET", "/api/v1/changes/stream") as stream,
    ):
        lines = stream.iter_lines()
        assert next(lines).startswith("retry:")
        server.http.patch("/api/v1/tasks/1", json={"title": "Changed"})
        while "event: change" not in next(lines):
            pass
        server.process.send_signal(number)
        rest = list(lines)
        code = server.process.wait(20)

    assert code == 0
    assert "event: closing" in rest
    assert 'data: {"resume":1}' in rest


def test_several_processes_share_one_port_and_see_the_same(tmp_path: Path) -> None:
    with Serving(project(tmp_path), "--workers=2") as server:
        for turn in range(20):
            with server.client() as other:
                title = f"Title {turn}"
                other.patch("/api/v1/tasks/1", json={"title": title})
            with server.client() as another:
                assert another.get("/api/v1/tasks/1").json()["data"]["title"] == title


def test_beyond_this_machine_nobody_is_served_without_keys(tmp_path: Path) -> None:
    said = refused(project(tmp_path), "--host=0.0.0.0")

    assert "it has no key" in said.err
    assert not (tmp_path / ".taskmaster" / "token").exists()


def test_beyond_this_machine_the_local_token_opens_nothing(tmp_path: Path) -> None:
    with Serving(project(tmp_path)) as server:
        token = (tmp_path / ".taskmaster" / "token").read_text(encoding="utf-8").strip()
    made = process(tmp_path, "keys", "create", "ann", "--role=admin", "--json")
    key = json.loads(made.out)["token"]
    with Serving(tmp_path, "--host=0.0.0.0") as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104  # where it listens
        with server.client(token) as own, server.client(key) as keyed:
            assert own.get(f"{url}/api/v1/tasks").status_code == 401
            assert keyed.get(f"{url}/api/v1/tasks").status_code == 200


@pytest.mark.parametrize("secret", ["dev-secret-key", "short"])
def test_a_weak_secret_is_refused(tmp_path: Path, secret: str) -> None:
    said = refused(
        project(tmp_path), TAMP_JWT_SECRET=secret, TAMP_JWT_ISSUER="i", TAMP_JWT_AUDIENCE="a"
    )

    assert "openssl rand" in said.err


def test_a_port_that_is_taken_is_told_in_one_sentence(tmp_path: Path) -> None:
    with Serving(project(tmp_path)) as server:
        port = server.url.rpartition(":")[2]
        said = process(tmp_path, "serve", f"--port={port}")

    assert said.code == 7
    assert f"cannot listen on 127.0.0.1 port {port}" in said.err


def test_a_project_that_is_not_there_is_not_served(tmp_path: Path) -> None:
    said = refused(tmp_path)

    assert "tamp init" in said.err


def test_several_projects_are_served_side_by_side_and_kept_apart(tmp_path: Path) -> None:
    one, other = project(tmp_path / "one", 2), project(tmp_path / "other", 5)
    options = (f"--serve-project=one={one}", f"--serve-project=other={other}")
    with Serving(one, *options) as server:
        assert server.get("/tasks")["total"] == 2
        assert server.get("/projects/one/tasks")["total"] == 2
        token = (other / ".taskmaster" / "token").read_text(encoding="utf-8").strip()
        with server.client(token) as second:
            answer = second.get("/api/v1/projects/other/tasks")
            assert answer.json()["data"]["total"] == 5
            assert second.get("/api/v1/tasks").status_code == 401
        assert server.http.get("/api/v1/projects/other/tasks").status_code == 401


def test_without_its_packages_it_says_which_to_install(tmp_path: Path) -> None:
    blocked = "import sys; sys.modules['uvicorn'] = None\n"
    line = f"{blocked}from taskmaster.cli.main import main; sys.exit(main(['serve']))"
    result = subprocess.run(
        [sys.executable, "-c", line], cwd=project(tmp_path), env=environ(),
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip

    assert result.returncode == 7
    assert "pip install 'task-master-pro[server]'" in result.stderr


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    with Serving(project(tmp_path), "--workers=2") as server:
        wait_until(lambda: len(server.workers()) == 2, "both are there")
        victim = min(server.workers())
        psutil.Process(victim).kill()
        wait_until(lambda: len(server.workers() - {victim}) == 2, "there is another")
        assert server.get("/tasks")["total"] == 3
