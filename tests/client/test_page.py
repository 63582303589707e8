"""The page about the client says what is so: its code runs as written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.client.conftest import Server
from tests.server.running import project
from tests.surfaces.cli.conftest import environ

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-python-client.md"


def test_the_code_of_the_page_runs_as_written(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    with Server(project(tmp_path, 0)) as server:
        code = "\n".join(blocks).replace("http://127.0.0.1:3000", server.url)
        told = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], cwd=tmp_path,
            env=environ(TAMP_URL=server.url), capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip

    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[2] == "Build"
    assert "not-found there is no task 99" in told.stdout
    assert "somebody was faster: Ship it" in lines
    assert [line.split()[0] for line in lines[-4:]] == ["1", "2", "3", "4"]
