"""The gate: fast for whoever was let in before, closed at once to whoever is revoked."""

from __future__ import annotations

import json
import timeit
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.makers import Maker
from tests.server.access.issuer import ISSUER, NOW, SECRET, claims, signed
from tests.surfaces.cli.conftest import Project, process

from taskmaster import app, config
from taskmaster.domain import keys as domain
from taskmaster.domain import moments
from taskmaster.domain.changes import Actor
from taskmaster.doorbells.silent import Silent
from taskmaster.errors import Forbidden, TampError, Unauthenticated, Usage
from taskmaster.server import starting
from taskmaster.server.access import gate as gates
from taskmaster.server.access import jwt, local
from taskmaster.server.access.gate import Gate, presented
from taskmaster.server.access.opening import gate as opened
from taskmaster.server.statuses import status_of
from taskmaster.stores.memory import MemoryStore
from taskmaster.usecases import keys
from taskmaster.workspace import Workspace

LOCAL = f"tamp_local_{'x' * 43}"
ANN = Actor("ann", "person", "")


class Seconds:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


class Ring:
    """A keyring of which the reads are counted."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = Seconds()
        self.read = 0
        self.ws = Workspace(
            self.store, ANN, doorbell=Silent(), clock=lambda: moments.at(self.clock.now)
        )

    @property
    def version(self) -> object:
        return self.store.version().keys

    def entries(self) -> Mapping[str, Mapping[str, object]]:
        self.read += 1
        return self.store.keyring().entries()

    def gate(self) -> Gate:
        settings = jwt.settings(
            {
                "TAMP_JWT_SECRET": SECRET,
                "TAMP_JWT_ISSUER": ISSUER,
                "TAMP_JWT_DEFAULT_ROLE": "viewer",
            }
        )
        assert settings
        return Gate(
            self.entries,
            project="notes",
            local=(LOCAL, local.principal(ANN)),
            tokens=jwt.Tokens(settings),
            clock=self.clock,
        )


@pytest.fixture
def ring() -> Ring:
    return Ring()


def refused(gate: Gate, shown: str, version: object) -> str:
    with pytest.raises(Unauthenticated) as caught:
        gate.check(shown, version)
    return caught.value.code


def test_keys_tokens_and_the_developers_own_open_the_same_gate(ring: Ring) -> None:
    gate = ring.gate()
    key, text = keys.create(ring.ws, "bot", "agent")
    token = signed(claims(projects={"notes": "editor"}))

    assert gate.check(f"Bearer {text}", ring.version).id == f"key:{key.id}"
    assert gate.check(f"bearer  {text}", ring.version).id == f"key:{key.id}"
    assert gate.check(f"Bearer {token}", ring.version).role == "editor"
    assert gate.check(f"BEARER {LOCAL}", ring.version).name == "ann"


def test_keys_may_come_in_a_header_of_their_own_and_tokens_of_others_not(ring: Ring) -> None:
    gate = ring.gate()
    _, text = keys.create(ring.ws, "bot", "agent")

    assert presented(f"Bearer {text}") == f"Bearer {text}"
    for opener in (text, LOCAL):
        assert gate.check(presented("", opener), ring.version)
    assert refused(gate, presented("", signed(claims())), ring.version) == "unauthenticated"
    with pytest.raises(Unauthenticated):
        presented(f"Bearer {text}", text)


def test_whoever_was_let_in_is_remembered_without_reading_anything(ring: Ring) -> None:
    gate = ring.gate()
    _, text = keys.create(ring.ws, "bot", "agent")
    shown = f"Bearer {text}"
    assert gate.known(shown, ring.version) is None
    found = gate.check(shown, ring.version)

    for _ in range(100):
        assert gate.known(shown, ring.version) is found
        assert gate.check(shown, ring.version) is found

    assert ring.read == 1


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer ", "Bearer  ", "Basic YTpi", f"Basic {LOCAL}", LOCAL, f"Bearer{LOCAL}",
     f"Bearer {LOCAL}x", f"Bearer {LOCAL[:-1]}", f"Bearer {LOCAL},{LOCAL}", "Bearer tamp_local_",
     f"Bearer {LOCAL} x", f"Bearer\t{LOCAL}", "Bearer \ud800", "Bearer é", "Bearer " + "x" * 10**7,
     f"Bearer {LOCAL}" + " " * 20_000, f"Bearer {signed(claims(), 'other' * 9)}"],
)  # fmt: skip
def test_anything_else_is_refused_and_never_remembered(ring: Ring, shown: str) -> None:
    gate = ring.gate()

    for _ in range(2):
        assert refused(gate, shown, ring.version) == "unauthenticated"
        assert gate.known(shown, ring.version) is None
    assert not gate._recent
    assert not gate._older


def test_a_gate_without_a_local_token_has_none(ring: Ring) -> None:
    gate = Gate(ring.entries)

    for shown in (f"Bearer {LOCAL}", "Bearer ", "Bearer", f"Bearer {signed(claims())}"):
        refused(gate, shown, ring.version)


def test_the_next_request_after_a_revocation_is_refused(ring: Ring) -> None:
    gate = ring.gate()
    key, text = keys.create(ring.ws, "bot", "agent")
    token = signed(claims(jti="0f3a"))
    for shown in (text, token):
        gate.check(f"Bearer {shown}", ring.version)

    keys.revoke(ring.ws, key.id)
    keys.revoke_token(ring.ws, jti="0f3a")

    for shown, code in ((text, "revoked-key"), (token, "revoked-token")):
        assert gate.known(f"Bearer {shown}", ring.version) is None
        assert refused(gate, f"Bearer {shown}", ring.version) == code


@pytest.mark.parametrize("code", ["unauthenticated", "expired-key", "revoked-key", "revoked-token"])
def test_every_such_refusal_is_a_401(code: str) -> None:
    assert status_of(domain.refused(code)) == 401


def test_what_expires_is_not_remembered_beyond_that(ring: Ring) -> None:
    gate = ring.gate()
    _, text = keys.create(ring.ws, "bot", "agent", expires=keys.expiry("60s", ring.ws.clock()))
    token = signed(claims(exp=NOW + 60))
    for shown in (text, token):
        gate.check(f"Bearer {shown}", ring.version)
    ring.clock.now += 60 + jwt.SKEW

    assert refused(gate, f"Bearer {text}", ring.version) == "expired-key"
    assert refused(gate, f"Bearer {token}", ring.version) == "expired-token"


def test_a_caller_hears_that_a_rotation_is_due_without_any_change_of_the_keys(ring: Ring) -> None:
    gate = ring.gate()
    _, text = keys.create(ring.ws, "bot", "agent")
    shown = f"Bearer {text}"
    assert gate.check(shown, ring.version).notice == ""

    ring.clock.now += 23 * moments.DAY

    assert gate.check(shown, ring.version).notice.startswith("rotate by ")


def test_a_bearer_of_another_project_has_no_role_here(ring: Ring) -> None:
    with pytest.raises(Forbidden) as caught:
        ring.gate().check(f"Bearer {signed(claims(projects={'other': 'admin'}))}", ring.version)
    assert caught.value.code == "no-role"


def test_the_memory_is_bounded_and_keeps_who_comes_often(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "REMEMBERED", 8)
    gate = ring.gate()
    often = f"Bearer {LOCAL}"
    gate.check(often, ring.version)

    for number in range(100):
        gate.check(f"Bearer {signed(claims(sub=f'user {number}'))}", ring.version)
        assert gate.known(often, ring.version)
        assert len(gate._recent) + len(gate._older) <= 16


def test_no_secret_is_kept_in_memory_or_shown(ring: Ring) -> None:
    gate = ring.gate()
    _, text = keys.create(ring.ws, "bot", "agent")
    for shown in (text, LOCAL):
        gate.check(f"Bearer {shown}", ring.version)
    kept = repr(vars(gate)) + repr(vars(gate._tokens)) + repr(gate)

    for secret in (text, LOCAL, SECRET):
        assert secret not in kept


def test_whoever_is_known_passes_in_microseconds(ring: Ring) -> None:
    gate = ring.gate()
    shown, version = f"Bearer {signed(claims())}", ring.version
    gate.check(shown, version)

    spent = min(timeit.repeat(lambda: gate.known(shown, version), number=2_000, repeat=20)) / 2_000

    assert spent < 20e-6, "ten times what it takes, for a machine that is busy"


def test_a_key_that_another_process_revokes_is_refused_at_the_next_request(
    tmp_path: Path,
) -> None:
    """Ten times over, with a command in a process of its own each time."""
    project = Project(tmp_path / "project")
    project.write()
    ws = app.open_project(str(project.folder))
    gate = Gate(lambda: ws.store.keyring().entries())
    for number in range(5):
        said = process(project.folder, "keys", "create", f"bot {number}", "--role=agent")
        shown = f"Bearer {said.out.strip()}"
        found = gate.check(shown, ws.store.version().keys)
        assert gate.known(shown, ws.store.version().keys)

        gone = process(project.folder, "keys", "revoke", found.id.removeprefix("key:"), "--yes")

        assert gone.code == 0, gone
        assert refused(gate, shown, ws.store.version().keys) == "revoked-key"


def test_every_engine_tells_that_its_keys_have_changed(maker: Maker) -> None:
    store = maker.store()
    here = Workspace(store, ANN, doorbell=Silent())
    there = Workspace(maker.again(store, 5), ANN, doorbell=Silent())
    gate = Gate(lambda: here.store.keyring().entries())
    for number in range(5):
        key, text = keys.create(there, f"bot {number}", "viewer")
        shown = f"Bearer {text}"
        assert gate.check(shown, here.store.version().keys).name == f"bot {number}"
        keys.revoke(there, key.id)
        assert refused(gate, shown, here.store.version().keys) == "revoked-key"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> config.Project:
    project = Project(tmp_path / "notes")
    project.write()
    for name in ("TAMP_JWT_SECRET", "TAMP_JWT_JWKS", "SUPABASE_JWT_SECRET", "TAMP_STORAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TAMP_ACTOR", "ann")
    return config.locate({}, str(project.folder))


def test_on_this_machine_the_developers_token_opens_it(place: config.Project) -> None:
    ws = app.workspace(place, {})
    gate = opened("notes", place, ws, alone=True)
    token, created = local.token(place.home)

    assert not created
    assert gate.check(f"Bearer {token}", ws.store.version().keys).name == "ann"


def test_from_elsewhere_it_takes_a_key(place: config.Project) -> None:
    ws = app.workspace(place, {})
    _, text = keys.create(ws, "bot", "agent")
    gate = opened("notes", place, ws, alone=False)
    version = ws.store.version().keys

    assert gate.check(f"Bearer {text}", version).name == "bot"
    refused(gate, f"Bearer {local.token(place.home)[0]}", version)


def test_the_tokens_of_an_issuer_tell_the_role_in_each_project(
    place: config.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAMP_JWT_SECRET", SECRET)
    monkeypatch.setenv("TAMP_JWT_ISSUER", ISSUER)
    ws = app.workspace(place, {})
    version = ws.store.version().keys
    roles = {"notes": "editor", "x": "viewer"}
    shown = f"Bearer {signed(claims(exp=10**10, iat=None, projects=roles))}"

    for name, role in roles.items():
        assert opened(name, place, ws, alone=False).check(shown, version).role == role


def test_a_server_that_others_reach_does_not_start_without_an_active_key(
    place: config.Project,
) -> None:
    ws = app.workspace(place, {})
    key, _ = keys.create(ws, "bot", "agent")
    given = {"projects": {"notes": place.root}, "host": "0.0.0.0"}  # noqa: S104  # begins nothing
    assert starting.start(given, print, check=True)["success"]
    keys.revoke(ws, key.id)
    keys.revoke_token(ws, subject="ann")

    with pytest.raises(Usage) as caught:
        starting.start(given, print, check=True)
    assert caught.value.code == "no-keys"


def test_a_weak_secret_keeps_every_server_from_starting(
    place: config.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPABASE_JWT_SECRET", "dev-secret-key")
    monkeypatch.setenv("TAMP_JWT_ISSUER", ISSUER)

    with pytest.raises(TampError) as caught:
        opened("notes", place, app.workspace(place, {}), alone=True)

    assert caught.value.code == "weak-secret"
    assert "dev-secret-key" not in json.dumps(caught.value.as_json())
