"""Keys are made, shown, rotated and revoked; all of it on a store of every engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from tests.makers import Maker

from taskmaster.domain import keys as domain
from taskmaster.domain import moments
from taskmaster.domain.changes import Actor
from taskmaster.domain.keys import Principal
from taskmaster.doorbells.silent import Silent
from taskmaster.errors import Conflict, Invalid, NotFound, TampError, Unauthenticated, Usage
from taskmaster.ports import Store
from taskmaster.stores.memory import MemoryStore
from taskmaster.usecases import keys
from taskmaster.workspace import Workspace

START = "2026-11-22T10:00:00.000Z"


class Days:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> str:
        return self.now

    def move(self, days: float) -> None:
        self.now = moments.later(self.now, days * moments.DAY)


@pytest.fixture
def days() -> Days:
    return Days()


def workspace(store: Store, clock: Callable[[], str]) -> Workspace:
    return Workspace(store, Actor("ann", "person", ""), doorbell=Silent(), clock=clock)


@pytest.fixture
def ws(days: Days) -> Workspace:
    return workspace(MemoryStore(), days)


def shown(ws: Workspace, text: str) -> Principal:
    return keys.check(ws.store.keyring().entries(), text, ws.clock())


def refusal(ws: Workspace, text: str) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as caught:
        shown(ws, text)
    return caught.value


def test_a_key_works_until_it_is_revoked_on_every_engine(maker: Maker, days: Days) -> None:
    store = maker.store()
    ws, elsewhere = workspace(store, days), workspace(maker.again(store, 5), days)
    unused = store.version().keys

    key, text = keys.create(ws, "bot", "agent", scopes=["read"], tier="premium")

    used = elsewhere.store.version().keys
    assert used != unused
    found = shown(elsewhere, text)
    assert found[:4] == (f"key:{key.id}", "bot", "agent", "agent")
    assert found.permissions == {"read"}
    assert found.tier == "premium"
    assert found.actor == Actor("bot", "agent", "")
    _, fresh = keys.rotate(elsewhere, key.id)
    assert shown(ws, text).id == shown(ws, fresh).id
    keys.revoke(elsewhere, key.id)
    assert ws.store.version().keys != used
    assert {refusal(ws, text).code, refusal(ws, fresh).code} == {"revoked-key"}
    assert [one.name for one in keys.listed(ws)[0]] == ["bot"]
    with ws.reading() as reader:
        assert reader.last_change() == 0


def test_the_text_is_kept_nowhere(ws: Workspace) -> None:
    key, text = keys.create(ws, "bot", "agent")

    assert re.fullmatch(rf"tamp_{key.id}_[0-9A-Za-z]{{43}}", text)
    stored = json.dumps(dict(ws.store.keyring().entries()))
    secret = text.rpartition("_")[2]
    assert secret not in stored + repr(key) + repr(shown(ws, text))
    assert domain.digest(text) in stored


def test_every_key_has_a_text_of_its_own(ws: Workspace) -> None:
    texts = [keys.create(ws, f"bot {number}", "viewer")[1] for number in range(20)]

    assert len({text[5:13] for text in texts}) == len({text[14:] for text in texts}) == 20


def test_whatever_opens_nothing_is_refused_in_the_same_words(ws: Workspace, days: Days) -> None:
    revoked, text = keys.create(ws, "gone", "admin")
    keys.revoke(ws, revoked.id)
    _, old = keys.create(ws, "old", "admin", expires=keys.expiry("2d", days.now))
    days.move(2)
    wrong = text[:-1] + ("a" if text[-1] != "a" else "b")
    unknown = f"tamp_AAAAAAAA{text[13:]}"
    shown_texts = (text, old, wrong, unknown, "", "x", "tamp_", text.upper(), f"{text} ", "ö" * 57)

    refusals = [refusal(ws, one) for one in shown_texts]

    assert len({(one.message, one.hint, one.exit_code) for one in refusals}) == 1
    assert [one.code for one in refusals[:2]] == ["revoked-key", "expired-key"]
    assert {one.code for one in refusals[2:]} == {"unauthenticated"}
    assert not any(one.__cause__ or one.__context__ for one in refusals)


def test_who_does_not_know_the_secret_cannot_tell_a_revoked_key(ws: Workspace) -> None:
    key, text = keys.create(ws, "gone", "admin")
    keys.revoke(ws, key.id)

    assert refusal(ws, text[:-4] + "0000").code == "unauthenticated"


def test_old_and_new_are_both_good_for_a_week_after_a_rotation(ws: Workspace, days: Days) -> None:
    key, old = keys.create(ws, "bot", "agent")
    days.move(25)
    assert shown(ws, old).notice == "rotate by 2026-12-22"

    rotated, new = keys.rotate(ws, key.id)

    assert (rotated.id, rotated.name, rotated.role) == (key.id, key.name, key.role)
    assert [one.version for one in rotated.versions] == [1, 2]
    assert shown(ws, new).notice == ""
    assert shown(ws, old).notice == "replaced, and good until 2026-12-24"
    assert shown(ws, old).until == moments.seconds(days.now) + 7 * moments.DAY
    days.move(7)
    assert refusal(ws, old).code == "expired-key"
    assert shown(ws, new).id == f"key:{key.id}"


def test_a_rotation_without_overlap_ends_the_old_text_at_once(ws: Workspace) -> None:
    key, old = keys.create(ws, "bot", "agent")

    _, new = keys.rotate(ws, key.id, 0)

    refusal(ws, old)
    assert shown(ws, new).name == "bot"


def test_a_second_rotation_prolongs_nothing_and_drops_what_is_over(
    ws: Workspace, days: Days
) -> None:
    key, first = keys.create(ws, "bot", "agent")
    keys.rotate(ws, key.id, 2)
    days.move(1)
    thrice, _ = keys.rotate(ws, key.id, 7)
    assert [one.until[:10] for one in thrice.versions] == ["2026-11-24", "2026-11-30", ""]
    assert shown(ws, first).name == "bot"
    days.move(2)

    last, _ = keys.rotate(ws, key.id)

    assert [one.version for one in last.versions] == [2, 3, 4]
    refusal(ws, first)


def test_an_overdue_key_still_works_and_says_so(ws: Workspace, days: Days) -> None:
    _, text = keys.create(ws, "bot", "agent", rotate_days=30)
    days.move(400)

    assert shown(ws, text).notice == "rotation is overdue since 2026-12-22"


def test_what_is_remembered_ends_when_something_about_it_changes(ws: Workspace, days: Days) -> None:
    _, text = keys.create(ws, "bot", "agent", expires=keys.expiry("40d", days.now))
    begin = moments.seconds(START)

    ends = []
    for _ in range(3):
        ends.append(round((shown(ws, text).until - begin) / moments.DAY, 3))
        days.now = moments.at(shown(ws, text).until)

    assert ends == [23, 30, 40]
    assert refusal(ws, text).code == "expired-key"


def test_names_of_active_keys_are_taken_and_free_afterwards(ws: Workspace, days: Days) -> None:
    key, _ = keys.create(ws, "bot", "agent", expires=keys.expiry("1d", days.now))
    with pytest.raises(Conflict, match="an active key named bot"):
        keys.create(ws, "bot", "viewer")

    days.move(1)
    second, _ = keys.create(ws, "bot", "viewer")
    keys.revoke(ws, second.id)
    keys.create(ws, "bot", "viewer")

    assert [domain.state(one, days.now) for one in keys.listed(ws)[0]] == [
        "expired", "revoked", "active",
    ]  # fmt: skip
    with pytest.raises(Conflict, match="is expired and cannot be rotated"):
        keys.rotate(ws, key.id)


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        ({"name": ""}, "bad-name", ""),
        ({"name": " bot"}, "bad-name", ""),
        ({"name": "-bot"}, "bad-name", ""),
        ({"name": "b\x1bot"}, "bad-name", ""),
        ({"name": "b" * 65}, "bad-name", ""),
        ({"role": "edtior"}, "bad-role", "did you mean editor?"),
        ({"role": ""}, "bad-role", "viewer, agent, editor, admin"),
        ({"scopes": ["raed"]}, "bad-scope", "did you mean read?"),
        ({"scopes": ["read", "admin"]}, "bad-scope", "it permits read, write"),
        ({"tier": "gold"}, "bad-tier", "free, standard, premium"),
        ({"rotate_days": -1}, "bad-span", ""),
        ({"rotate_days": 10**6}, "bad-span", ""),
    ],
)
def test_a_key_that_cannot_be_is_not_made(
    ws: Workspace, arguments: dict[str, object], code: str, hint: str
) -> None:
    with pytest.raises(Invalid) as caught:
        keys.create(ws, **{"name": "bot", "role": "agent", **arguments})  # type: ignore[arg-type]

    assert caught.value.code == code
    assert hint in caught.value.hint
    assert keys.listed(ws) == ([], [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ""),
        ("90d", "2027-02-20T10:00:00.000Z"),
        ("12h", "2026-11-22T22:00:00.000Z"),
        ("2027-01-31", "2027-01-31T00:00:00.000Z"),
    ],
)
def test_an_end_is_a_span_or_a_day(text: str, found: str) -> None:
    assert keys.expiry(text, START) == found


@pytest.mark.parametrize(
    "text", ["0d", "2026-11-22", "2020-01-01", "soon", "999999w", "9999-01-01"]
)
def test_no_other_end_is_taken(text: str) -> None:
    with pytest.raises(Invalid, match="is no time to come"):
        keys.expiry(text, START)


def test_a_key_is_named_by_its_id_its_beginning_or_all_of_it(ws: Workspace) -> None:
    key, text = keys.create(ws, "bot", "agent")

    assert keys.find(ws, key.id) == keys.find(ws, text[:13]) == keys.find(ws, text) == key


@pytest.mark.parametrize("act", [keys.find, keys.rotate, keys.revoke])
def test_a_key_that_is_not_there_is_not_found_and_its_secret_not_told(
    ws: Workspace, act: Callable[[Workspace, str], object]
) -> None:
    keys.revoke_token(ws, jti="one")
    secret = "S" * 43

    for named in (f"tamp_AAAAAAAA_{secret}", f"tamp_AAAAAAAA_{secret}x", "jwt:one", ""):
        with pytest.raises(NotFound) as caught:
            act(ws, named)
        assert secret not in json.dumps(caught.value.as_json())


def test_revoking_again_changes_nothing(ws: Workspace, days: Days) -> None:
    key, _ = keys.create(ws, "bot", "agent")
    first = keys.revoke(ws, key.id)
    days.move(1)

    assert keys.revoke(ws, key.id) == first


def test_a_damaged_key_opens_nothing_harms_no_other_and_can_be_taken_away(ws: Workspace) -> None:
    broken, text = keys.create(ws, "broken", "admin")
    _, good = keys.create(ws, "good", "viewer")
    with ws.store.keyring().changing() as entries:
        entries[broken.id] = {**entries[broken.id], "scopes": "read"}

    refusal(ws, text)
    assert shown(ws, good).name == "good"
    assert [domain.state(one, START) for one in keys.listed(ws)[0]] == ["damaged", "active"]
    with pytest.raises(Conflict):
        keys.rotate(ws, broken.id)
    keys.revoke(ws, broken.id)
    assert [one.name for one in keys.listed(ws)[0]] == ["good"]


def test_a_role_that_nobody_knows_any_more_permits_nothing(ws: Workspace) -> None:
    key, text = keys.create(ws, "bot", "admin")
    with ws.store.keyring().changing() as entries:
        entries[key.id] = {**entries[key.id], "role": "owner"}

    assert shown(ws, text).permissions == frozenset()


def test_tokens_of_others_are_denied_beside_the_keys(ws: Workspace) -> None:
    keys.revoke_token(ws, jti="0f3a")
    keys.revoke_token(ws, subject="ann@example.org")

    assert keys.listed(ws) == ([], [("jwt:0f3a", START), ("sub:ann@example.org", START)])


@pytest.mark.parametrize("named", [{}, {"jti": "x", "subject": "y"}, {"subject": "y" * 256}])
def test_a_denial_names_one_thing(ws: Workspace, named: dict[str, str]) -> None:
    with pytest.raises(TampError) as caught:
        keys.revoke_token(ws, **named)

    assert isinstance(caught.value, Usage | Invalid)
    assert keys.listed(ws) == ([], [])
