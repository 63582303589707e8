"""Secrets come from one place, which only their owner can read, and show up nowhere else."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from taskmaster.errors import Forbidden, Invalid, TampError, Unavailable, Usage
from taskmaster.server.access import secrets

NAME = "TAMP_JWT_SECRET"
VALUE = "k7Qz9wX2rT5vB8nM1pL4sD6fG3hJ0yUa"


def private(path: Path, text: str = f"{VALUE}\n") -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def printing(program: str) -> str:
    return shlex.join([sys.executable, "-I", "-S", "-c", program])


def test_a_secret_comes_from_a_variable_a_file_or_a_command(tmp_path: Path) -> None:
    path = private(tmp_path / "secret")
    command = printing(f"print(open({path!r}).read().strip())")

    for end, value in (("", VALUE), ("_FILE", path), ("_COMMAND", command)):
        assert secrets.secret({NAME + end: value}, NAME) == VALUE
    assert secrets.secret({NAME: "", "OTHER": "x"}, NAME) == ""
    assert secrets.secret({"B": "two", "A": "one"}, "A", "B") == "one"
    assert secrets.secret({"B_FILE": path}, "A", "B") == VALUE


def test_a_secret_has_one_place(tmp_path: Path) -> None:
    environ = {NAME: VALUE, f"{NAME}_FILE": private(tmp_path / "secret")}

    with pytest.raises(Usage, match=f"{NAME} and {NAME}_FILE are both set"):
        secrets.secret(environ, NAME)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o602, 0o620, 0o644, 0o777])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    private(path)
    path.chmod(mode)

    with pytest.raises(Forbidden) as caught:
        secrets.secret({f"{NAME}_FILE": str(path)}, NAME)

    assert caught.value.hint == f"chmod 600 {path}"
    assert VALUE not in str(caught.value.as_json())


def test_what_leads_to_no_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "binary").chmod(0o600)
    cases: list[tuple[str, str, type[TampError]]] = [
        ("_FILE", str(tmp_path / "nowhere"), Unavailable),
        ("_FILE", private(tmp_path / "empty", "\n"), Invalid),
        ("_FILE", str(tmp_path / "binary"), Invalid),
        ("_FILE", str(tmp_path), TampError),
        ("_COMMAND", "no-such-program-anywhere", Unavailable),
        ("_COMMAND", "unbalanced 'quote", Unavailable),
        ("_COMMAND", printing(""), Invalid),
        ("_COMMAND", printing(f"print({VALUE!r}); raise SystemExit(3)"), Unavailable),
    ]
    for end, value, kind in cases:
        with pytest.raises(kind) as caught:
            secrets.secret({NAME + end: value}, NAME)
        assert NAME in caught.value.message or str(tmp_path) in caught.value.message
        assert VALUE not in str(caught.value.as_json())


def test_a_command_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "PATIENCE", 0.3)
    waiting = printing("import threading; threading.Event().wait()")

    with pytest.raises(Unavailable, match="took longer than"):
        secrets.secret({f"{NAME}_COMMAND": waiting}, NAME)


def test_no_shell_expands_what_a_command_says(tmp_path: Path) -> None:
    command = f"{printing('import sys; print(sys.argv[1:])')} '$HOME' ';' touch {tmp_path}/made"

    assert "$HOME" in secrets.secret({f"{NAME}_COMMAND": command}, NAME)
    assert not list(tmp_path.iterdir())


def test_random_secrets_are_strong_enough() -> None:
    for value in (VALUE, os.urandom(32).hex(), "ö" * 8 + "abcdefghijklmnop"):
        secrets.check_strength("this one", value)
