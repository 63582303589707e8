"""The load that is put on the server: that it can be put, and that memory stays flat under it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = [sys.executable, str(ROOT / "benchmarks" / "load" / "run.py")]
SOAK = 600


def test_users_read_and_write_without_an_error_and_a_report_says_so(tmp_path: Path) -> None:
    asked = ["mixed", "--users=8", "--seconds=2", "--pace=0.2", "--flat", f"--out={tmp_path}"]
    done = subprocess.run([*RUN, *asked], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = (tmp_path / "report.md").read_text(encoding="utf-8")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "mixed: 8 users, file engine" in told
    assert "GET task" in told
    assert page.count("</svg>") == len(list(tmp_path.glob("*.svg"))) == 6
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.soak
@pytest.mark.timeout(SOAK + 120)
@pytest.mark.parametrize("engine", ["file", "sqlite", "postgres"])
def test_memory_stays_flat_for_ten_minutes_of_reading_and_writing(
    tmp_path: Path, engine: str
) -> None:
    asked = ["mixed", "--users=50", f"--seconds={SOAK}", "--flat", f"--out={tmp_path}"]
    command = [*RUN, *asked, f"--engine={engine}"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
