"""What a key permits, how it is stored, and when somebody is told to rotate it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskmaster.domain import keys, moments
from taskmaster.domain.keys import Key, KeyVersion

MOMENTS = st.floats(0, 2e11).map(moments.at)
ENDS = st.just("") | MOMENTS
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
VERSIONS = st.builds(KeyVersion, st.integers(0), st.text(), MOMENTS, ENDS)
KEYS = st.builds(
    Key,
    id=st.text("abc019", min_size=8, max_size=8),
    name=st.text(),
    role=st.sampled_from([*keys.ROLES]),
    scopes=st.lists(st.sampled_from(keys.SCOPES)).map(tuple),
    tier=st.sampled_from(keys.TIERS),
    created=MOMENTS,
    expires=ENDS,
    rotate_days=st.integers(0, keys.LONGEST_AGE),
    revoked=ENDS,
    versions=st.lists(VERSIONS, min_size=1, max_size=3).map(tuple),
)
FIELDS = [*keys.entry_of(Key("", "", "", (), "", "", "", 0, "", ()))]


def key(created: str, days: int = 30) -> Key:
    versions = (KeyVersion(1, "", created, ""),)
    return Key("abcdefgh", "bot", "agent", (), "free", created, "", days, "", versions)


@given(
    role=st.sampled_from([*keys.ROLES]) | st.text(),
    scopes=st.lists(st.text() | st.sampled_from(keys.SCOPES)),
)
def test_scopes_narrow_a_role_and_never_widen_it(role: str, scopes: list[str]) -> None:
    whole = keys.permissions(role)
    narrowed = keys.permissions(role, scopes)

    assert narrowed <= whole
    assert narrowed == (whole & set(scopes) if scopes else whole)


def test_each_role_permits_what_it_should() -> None:
    assert {role: keys.permissions(role) for role in (*keys.ROLES, "root", "")} == {
        "viewer": {"read"},
        "agent": {"read", "write"},
        "editor": {"read", "write", "manage"},
        "admin": {"read", "write", "manage", "admin"},
        "root": frozenset(),
        "": frozenset(),
    }


@given(number=st.integers(0, 2**64 - 1), secret=st.integers(0, 2**256 - 1))
def test_the_text_of_a_key_tells_its_id_and_all_of_its_secret(number: int, secret: int) -> None:
    key_id = keys.new_id(number)
    text = keys.text_of(key_id, secret)

    assert keys.id_in(text) == key_id
    assert text.startswith(keys.prefix(key_id))
    digits = text.rpartition("_")[2]
    assert sum(keys._DIGITS.index(one) * 62**place for place, one in enumerate(digits)) == secret


@pytest.mark.parametrize(
    "text",
    ["", "tamp_", "tamp_abcdefgh", f"tamp_abcdefgh_{'a' * 42}", f"tamp_abcdefgh_{'a' * 44}",
     f"tamp_abcdefgh_{'a' * 42}é", f"tamp_abcdefgh_{'a' * 43}\n", f"TAMP_abcdefgh_{'a' * 43}"],
)  # fmt: skip
def test_what_only_looks_like_a_key_names_none(text: str) -> None:
    assert keys.id_in(text) == ""


@given(stored=KEYS)
def test_a_key_is_read_as_it_was_stored(stored: Key) -> None:
    entry = json.loads(json.dumps(keys.entry_of(stored)))

    assert keys.key_of(stored.id, entry) == stored


@given(stored=KEYS, field=st.sampled_from(FIELDS), value=JSON)
def test_a_damaged_entry_never_becomes_another_key(stored: Key, field: str, value: object) -> None:
    entry = keys.entry_of(stored) | {field: value}

    read = keys.key_of(stored.id, entry)

    if read.versions:
        assert json.dumps(keys.entry_of(read)) == json.dumps({**entry, "id": stored.id})
    else:
        assert keys.state(read, "2026-01-01T00:00:00.000Z") == "damaged"
        assert keys.permissions(read.role) == frozenset()


@given(entry=JSON)
def test_whatever_is_stored_as_a_key_can_be_looked_at(entry: object) -> None:
    read = keys.key_of("abcdefgh", entry)

    assert not read.versions
    assert keys.rotation(read, "2026-01-01T00:00:00.000Z") == ("", "")


@given(moment=st.integers(0, 253_402_300_798_000))
def test_moments_are_the_same_as_seconds_and_ordered_as_texts(moment: int) -> None:
    text = moments.at(moment / 1000)

    assert moments.at(moments.seconds(text)) == text
    assert moments.at(moment / 1000 + 1) > text


@pytest.mark.parametrize(
    ("now", "notice"),
    [
        ("2026-11-22T10:00:00.000Z", ""),
        ("2026-12-15T09:59:59.999Z", ""),
        ("2026-12-15T10:00:00.000Z", "rotate by 2026-12-22"),
        ("2026-12-22T09:59:59.999Z", "rotate by 2026-12-22"),
        ("2026-12-22T10:00:00.000Z", "rotation is overdue since 2026-12-22"),
        ("2027-03-01T00:00:00.000Z", "rotation is overdue since 2026-12-22"),
    ],
)
def test_a_rotation_is_announced_a_week_before_it_is_due(now: str, notice: str) -> None:
    told, changes = keys.rotation(key("2026-11-22T10:00:00.000Z"), now)

    assert told == notice
    assert changes > now or told.startswith("rotation is overdue")


def test_a_key_that_may_grow_old_is_never_announced() -> None:
    assert keys.rotation(key("2020-01-01T00:00:00.000Z", 0), "2026-01-01T00:00:00.000Z") == ("", "")


def test_a_token_is_denied_by_its_id_or_by_when_its_subject_was() -> None:
    before = "2026-06-15T10:00:00.000Z"
    entries = {"jwt:one": {"before": before}, "sub:ann": {"before": before}, "sub:bob": {}}
    at = moments.seconds(before)

    assert keys.denied(entries, "one", "eve", at + 100)
    assert keys.denied(entries, "two", "ann", at)
    assert not keys.denied(entries, "two", "ann", at + 1)
    assert not keys.denied(entries, "", "eve", 0)
    assert keys.denied(entries, "", "bob", at + 1e9), "a damaged denial denies"
