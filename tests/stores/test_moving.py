"""Whatever was done on one engine is the same after any way through the others and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import KINDS, Maker
from tests.stores.test_state_machine import OPERATIONS, TEXTS, perform

from taskmaster.domain.changes import same
from taskmaster.domain.parcel import Batch, Shipment
from taskmaster.exchange.json_lines import write_json, write_lines
from taskmaster.ports import Movable, Store
from taskmaster.testing.moves import held_by
from taskmaster.testing.projects import TIME, check_log, stamp
from taskmaster.usecases import storage
from taskmaster.usecases.storage import Contents

MakeMaker = Callable[[str], Maker]
Transactions = list[tuple[list[tuple[Any, ...]], str]]
TRANSACTIONS = st.lists(st.tuples(st.lists(OPERATIONS, min_size=1, max_size=5), TEXTS), max_size=4)


def exported(store: Store) -> tuple[str, str]:
    """The whole project as ``tamp export`` writes it, as JSON and as JSON Lines."""
    with store.reading() as reader:
        batches = [Batch(tag, reader.metadata(tag), reader.tasks(tag)) for tag in reader.tags()]
    shipment = Shipment("project", TIME, batches)
    return write_json(shipment).text, write_lines(shipment).text


def moved(source: Movable, target: Movable, name: str) -> Contents:
    intake = target.intake()
    sent = storage.copy(source, intake)
    return storage.switch(source, intake, name, sent, lambda: None)


def carry_out(store: Store, transactions: Transactions) -> None:
    for operations, note in transactions:
        with store.writing(stamp()._replace(note=note)) as writer:
            for operation in operations:
                perform(writer, operation)


class Journey:
    """Stores of all engines, made when the way first leads there."""

    def __init__(self, makers: Mapping[str, Maker]) -> None:
        self._makers = makers
        self._stores: dict[str, Movable] = {}

    def at(self, kind: str) -> Movable:
        if kind not in self._stores:
            self._stores[kind] = self._makers[kind].store()
        return self._stores[kind]


def check_journey(journey: Journey, legs: list[tuple[str, Transactions]]) -> None:
    here = ""
    for kind, transactions in legs:
        if here and kind != here:
            source, target = journey.at(here), journey.at(kind)
            before, held, sent = exported(source), held_by(source), storage.contents_of(source)
            assert moved(source, target, kind) == sent
            assert exported(target) == before
            assert same(held_by(target), held)
            assert storage.contents_of(target) == sent
            assert (source.successor(), target.successor()) == (kind, "")
        here = kind
        carry_out(journey.at(here), transactions)
    check_log({}, journey.at(here))


def legs_of(*kinds: str) -> st.SearchStrategy[list[tuple[str, Transactions]]]:
    return st.lists(st.tuples(st.sampled_from(kinds), TRANSACTIONS), min_size=2, max_size=4)


@settings(settings.get_profile("store"), max_examples=100)
@given(legs_of("memory", "file", "sqlite"))
def test_any_history_is_the_same_after_any_way_through_engines_on_this_machine(
    make_maker: MakeMaker, legs: list[tuple[str, Transactions]]
) -> None:
    check_journey(Journey({kind: make_maker(kind) for kind in KINDS[:3]}), legs)


@settings(settings.get_profile("store"), max_examples=40)
@given(legs_of(*KINDS))
def test_any_history_is_the_same_after_any_way_through_all_engines(
    make_maker: MakeMaker, legs: list[tuple[str, Transactions]]
) -> None:
    check_journey(Journey({kind: make_maker(kind) for kind in KINDS}), legs)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@settings(settings.get_profile("store"), max_examples=1000)
@given(legs_of(*KINDS))
def test_any_history_is_the_same_after_a_thousand_ways(
    make_maker: MakeMaker, legs: list[tuple[str, Transactions]]
) -> None:
    check_journey(Journey({kind: make_maker(kind) for kind in KINDS}), legs)
