"""The server and what it says of itself, compared by a tool that makes requests up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.running import Serving, project
from tests.surfaces.cli.conftest import SOURCE, environ

HERE = Path(__file__).parent


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    with Serving(project(tmp_path, 5)) as running:
        yield running


def trial(server: Serving, *options: str) -> None:
    """Have schemathesis look for anything that is not as described."""
    token = (server.folder / ".taskmaster" / "token").read_text(encoding="utf-8").strip()
    begin = "from schemathesis.cli import schemathesis; schemathesis()"
    done = subprocess.run(
        [sys.executable, "-c", begin, f"--config-file={HERE / 'schemathesis.toml'}", "run",
         f"{server.url}/docs/spec.json", "--checks=all", "--no-color", *options],
        cwd=server.folder, capture_output=True, encoding="utf-8", errors="replace", check=False,
        env=environ(TAMP_TRIAL_TOKEN=token, PYTHONPATH=f"{SOURCE}:{HERE}"),
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    log = "".join(server.told[3:])
    assert "Traceback" not in log
    assert '"level":"error"' not in log
    assert token not in log
    assert server.http.get("/health/ready").json()["ready"] is True


def test_requests_that_are_made_up_find_nothing_that_is_not_as_described(server: Serving) -> None:
    trial(server, "--phases=examples,fuzzing,stateful", "--max-examples=5",
          "--generation-deterministic")  # fmt: skip


@pytest.mark.soak
def test_neither_do_many_of_them_in_ten_minutes(server: Serving) -> None:
    trial(server, "--max-time=600", "--max-examples=500")
