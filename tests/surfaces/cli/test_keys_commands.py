"""keys as they are typed."""

from __future__ import annotations

import json
import os
import re
import stat

import pytest
from tests.surfaces.cli.conftest import Project, Tamp, process

from taskmaster.domain import keys as domain

TEXT = re.compile(r"tamp_([0-9A-Za-z]{8})_[0-9A-Za-z]{43}")


def made(tamp: Tamp, *words: str) -> str:
    said = tamp("keys", "create", *words)
    assert said.code == 0, said
    found = TEXT.fullmatch(said.out.strip())
    assert found
    return found[1]


def test_a_key_is_made_listed_rotated_and_revoked(project: Project, tamp: Tamp) -> None:
    before = project.file.read_bytes()
    assert tamp("keys").lines == ["there are no keys yet: tamp keys create NAME --role=agent"]

    key = made(tamp, "bot", "--role=agent", "--expires=90d")

    (line,) = tamp("keys", "list").lines
    assert re.fullmatch(rf"{key}  bot  agent   read write  active, expires \d{{4}}-\d\d-\d\d", line)
    said = tamp("keys", "rotate", key, "--overlap=2d")
    assert TEXT.fullmatch(said.out.strip())
    assert "the old one is good until" in said.err
    assert [len(one["versions"]) for one in tamp("keys", "--json").json["keys"]] == [2]
    assert tamp("keys", "revoke", key, "--yes").lines == [f"revoked key {key} of bot"]
    assert f"{key}  bot  agent   read write  revoked" in tamp("keys").out
    assert project.file.read_bytes() == before
    assert project.log() == []


def test_the_text_stands_alone_so_that_a_script_can_take_it(project: Project) -> None:
    said = process(project.folder, "keys", "create", "bot", "--role=agent", "--quiet")

    assert TEXT.fullmatch(said.out.removesuffix("\n"))
    assert said.err == ""
    loud = process(project.folder, "keys", "create", "other", "--role=viewer")
    assert TEXT.fullmatch(loud.out.removesuffix("\n"))
    assert "its text is shown only this once" in loud.err


def test_the_text_is_in_no_later_answer_and_in_no_file(project: Project, tamp: Tamp) -> None:
    said = tamp("keys", "create", "bot", "--role=editor", "--json").json
    secret = said["token"].rpartition("_")[2]

    assert said["schema"] == "tamp/key.v1"
    assert said["key"]["prefix"] == said["token"].rpartition("_")[0]
    later = tamp("keys", "--json").out + tamp("keys").out
    assert secret not in later + json.dumps(said["key"])
    assert domain.digest(said["token"]) not in later
    written = b"".join(path.read_bytes() for path in project.folder.rglob("*") if path.is_file())
    assert secret.encode() not in written
    kept = project.folder / ".taskmaster" / "keys.json"
    assert domain.digest(said["token"]).encode() in kept.read_bytes()
    if os.name != "nt":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_key_in_json_says_everything_but_its_secret(tamp: Tamp) -> None:
    key = tamp(
        "keys", "create", "ci", "--role=editor", "--scopes=write,read", "--tier=free",
        "--expires=2999-12-31", "--rotate-days=0", "--json",
    ).json["key"]  # fmt: skip

    (listed,) = tamp("keys", "list", "--json").json["keys"]
    assert listed == key
    created = key["created"]
    assert {name: key[name] for name in key if name not in ("id", "prefix", "created")} == {
        "name": "ci",
        "role": "editor",
        "scopes": ["read", "write"],
        "permissions": ["read", "write"],
        "tier": "free",
        "state": "active",
        "notice": "",
        "expires": "2999-12-31T00:00:00.000Z",
        "rotateDays": 0,
        "revoked": None,
        "versions": [{"version": 1, "created": created, "until": None}],
    }


def test_tokens_of_others_are_revoked_by_id_or_subject(tamp: Tamp) -> None:
    said = tamp("keys", "revoke", "--jwt=0f3a", "--yes", "--json")
    assert said.json["denied"]["of"] == "jwt:0f3a"
    assert tamp("keys", "revoke", "--subject=ann", "--yes").lines == [
        "revoked every token of ann so far"
    ]

    listed = tamp("keys").lines

    assert [line.partition("  ")[0] for line in listed] == ["jwt:0f3a", "sub:ann"]


def test_nothing_is_revoked_without_a_yes(tamp: Tamp) -> None:
    key = made(tamp, "bot", "--role=agent")

    for words in ((key,), ("--jwt=0f3a",), ("--subject=ann",)):
        said = tamp("keys", "revoke", *words)
        assert (said.code, "error[needs-yes]" in said.err) == (2, True)

    listed = tamp("keys", "--json").json
    assert ([one["state"] for one in listed["keys"]], listed["denied"]) == (["active"], [])


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("create", "bot"), 2, "--role is one of viewer, agent, editor, admin"),
        (("create", "--role=agent"), 2, "tamp keys create takes NAME"),
        (("create", "bot", "--role=agnet"), 4, "did you mean agent?"),
        (("create", "bot", "--role=viewer", "--scopes=write"), 4, "widens no role"),
        (("create", "bot", "--role=agent", "--expires=never"), 4, "no time to come"),
        (("create", "bot", "--role=agent", "--overlap=7d"), 2, "--overlap means nothing"),
        (("rotate", "AAAAAAAA"), 3, "there is no key AAAAAAAA"),
        (("rotate", "AAAAAAAA", "--overlap=long"), 2, "is no span"),
        (("rotate", "AAAAAAAA", "--overlap=999999w"), 4, "good for 6999993 days"),
        (("revoke", "--jwt=a", "--subject=b", "--yes"), 2, "either one token or one subject"),
        (("revoke", "AAAAAAAA", "--jwt=a", "--yes"), 2, "takes no name"),
        (("revoke",), 2, "takes ID"),
        (("lsit",), 2, "did you mean list?"),
        (("list", "--role=agent"), 2, "--role means nothing"),
    ],
)
def test_a_mistake_is_explained(tamp: Tamp, words: tuple[str, ...], code: int, text: str) -> None:
    said = tamp("keys", *words)

    assert said.code == code
    assert text in said.err


def test_a_rotation_without_overlap_is_asked_for_with_a_nought(tamp: Tamp) -> None:
    key = made(tamp, "bot", "--role=agent")

    tamp("keys", "rotate", key, "--overlap=0")

    (listed,) = tamp("keys", "--json").json["keys"]
    assert [one["version"] for one in listed["versions"]] == [2]
