"""Which files are requirements documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskmaster.errors import Invalid, NotFound
from taskmaster.planners.documents import read_document


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_encodings_are_understood(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "prd.md"
    file.write_bytes("# Чай\r\n- заварить\r\n".encode(encoding))
    assert read_document(str(file)).text == "# Чай\r\n- заварить\r\n"


def test_an_old_western_encoding_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "prd.txt"
    file.write_bytes("Thé glacé".encode("cp1252"))
    assert read_document(str(file)).text == "Thé glacé"


@pytest.mark.parametrize("content", [b"a\x00b", b"\x89PNG\r\n\x1a\n\xff\xfe\x01", b"\xff\xfeabc"])
def test_binary_files_are_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "prd.pdf"
    file.write_bytes(content)
    with pytest.raises(Invalid) as refusal:
        read_document(str(file))
    assert refusal.value.code == "unreadable-document"


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_document(str(tmp_path / "missing.md"))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="folder"):
        read_document(str(tmp_path))


def test_a_file_of_more_than_20_megabytes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "prd.md"
    with file.open("wb") as opened:
        opened.truncate(20 * 1024 * 1024 + 1)
    with pytest.raises(Invalid, match="20 MB"):
        read_document(str(file))
