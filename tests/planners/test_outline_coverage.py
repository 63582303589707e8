"""Which requirements the tasks cover."""

from __future__ import annotations

from taskmaster.domain.coverage import Claim, coverage, is_explicit
from taskmaster.domain.plan import Passage, Requirement

LOGIN = Requirement("FR-1", "Login", Passage(3, 5), "aaaaaaaaaaaa")
LOGIN_TEN = Requirement("FR-10", "Single sign-on", Passage(6, 7), "bbbbbbbbbbbb")
SEARCH = Requirement("search", "Search", Passage(9, 9), "cccccccccccc")


def test_the_same_text_is_covered_wherever_it_moved() -> None:
    found = coverage([LOGIN], [Claim("1", "", digests=("aaaaaaaaaaaa",))])
    assert found.covered == ((LOGIN, ("1",)),)
    assert found.uncovered == ()


def test_a_named_key_covers_even_when_the_text_changed() -> None:
    found = coverage([SEARCH], [Claim("2", "Find things", keys=("search",))])
    assert found.covered == ((SEARCH, ("2",)),)


def test_an_id_in_the_text_of_a_task_covers_but_only_as_a_word() -> None:
    found = coverage([LOGIN, LOGIN_TEN], [Claim("3", "Do what FR-10 asks for")])
    assert found.covered == ((LOGIN_TEN, ("3",)),)
    assert found.uncovered == (LOGIN,)


def test_a_slug_in_the_text_of_a_task_proves_nothing() -> None:
    found = coverage([SEARCH], [Claim("4", "Make search faster")])
    assert found.uncovered == (SEARCH,)
    assert found.orphans == ("4",)


def test_several_tasks_cover_one_requirement_in_their_order() -> None:
    claims = [Claim("5", "FR-1 form"), Claim("6", "", keys=("FR-1",)), Claim("7", "")]
    found = coverage([LOGIN], claims)
    assert found.covered == ((LOGIN, ("5", "6")),)
    assert found.orphans == ("7",)


def test_only_ids_of_the_document_are_explicit() -> None:
    assert all(is_explicit(key) for key in ("FR-1", "REQ-001", "US1", "Story 2", "Task 1.2"))
    assert not any(is_explicit(key) for key in ("login", "phase-1", "login-2", "茶叶"))
