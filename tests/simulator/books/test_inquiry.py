"""Records of accounts as they are now."""

from dataclasses import replace

import pytest

from chakong.type.v1.type_pb2 import Record
from simulator._population import Population
from simulator.books.books import Books
from simulator.books.orders import Ability
from simulator.books.owner import PopulationOwner
from simulator.books.property import Holder
from simulator.layout import Layout
from simulator.truth import Truth
from tests.simulator.batches import people
from tests.simulator.books.acts import BANK, HOLDER, LAW, LOCATOR, NOW_NS, REGISTRY, bank, freeze
from tests.simulator.test_draw import record_of

ITEMS = range(1, 26)


def test_a_touched_account_says_what_is_in_it() -> None:
    books = bank(1_000)
    books.control(freeze(1, 300), NOW_NS)
    (record,) = books.records(BANK, HOLDER, ITEMS, NOW_NS)
    assert (record.locator, record.kind, record.amount_fen) == (LOCATOR, "general_settlement", 1_000)
    assert (record.protected_fen, record.held_fen, record.available_fen) == (0, 300, 700)
    assert books.records(BANK, HOLDER, (2,), NOW_NS) == []
    assert books.records(BANK, Holder(2, HOLDER.id_number, "远大"), ITEMS, NOW_NS) == []


def test_a_sold_thing_is_not_found_and_a_closed_account_is_closed() -> None:
    books = bank(1_000)
    assert [record.kind for record in books.records(REGISTRY, HOLDER, ITEMS, NOW_NS)] == ["car"]
    books.dispose(REGISTRY, "牌照1", NOW_NS)
    assert books.records(REGISTRY, HOLDER, ITEMS, NOW_NS) == []
    books.close(BANK, LOCATOR, NOW_NS)
    (record,) = books.records(BANK, HOLDER, ITEMS, NOW_NS)
    assert (record.kind, record.amount_fen) == ("closed", 0)


@pytest.fixture
def books(layout: Layout, population: Population) -> Books:
    able = Ability(can_freeze=True, can_deduct=True)
    return Books(dict.fromkeys(range(len(layout.institutions)), able), LAW, PopulationOwner(population))


def test_an_untouched_account_is_as_drawn_and_asking_touches_nothing(books: Books, truth: Truth) -> None:
    for person in people(60):
        holder = Holder(person.id_type, person.id_number, person.name)
        for institution, found in truth.found(person).items():
            told = [record_of(one) for one in books.records(institution, holder, ITEMS, NOW_NS)]
            drawn = list(found.records)
            key = [(one.item, one.locator) for one in drawn]
            told.sort(key=lambda one: key.index((one.item, one.locator)))
            for one, other in zip(told, drawn, strict=True):
                assert replace(one, description="") == replace(other, description="")
                assert (one.protected_fen, one.held_fen) == (other.protected_fen, other.held_fen)
                assert one.available_fen == other.available_fen
    assert not books.is_touched


def test_a_drawn_record_is_brought_up_to_date_once_touched() -> None:
    books = bank(1_000)
    record = Record(
        item=1, locator=LOCATOR, amount_fen=5, holder_number=HOLDER.id_number, holder_name=HOLDER.name
    )
    books.control(freeze(1), NOW_NS)
    assert books.refresh(BANK, record, NOW_NS)
    assert (record.amount_fen, record.held_fen, record.available_fen) == (1_000, 1_000, 0)
    record.holder_name = "远大"
    assert not books.refresh(BANK, record, NOW_NS)
    assert not books.refresh(BANK, Record(item=1, locator="62002"), NOW_NS)
