"""From the population into the books."""

from dataclasses import replace

import pytest

from chakong.institution.v1.institution_pb2 import Control
from chakong.type.v1 import type_pb2
from simulator import burden
from simulator._population import Population
from simulator.books.audit import faults
from simulator.books.books import Books
from simulator.books.orders import Ability
from simulator.books.owner import PopulationOwner
from simulator.books.property import Holder
from simulator.layout import Layout
from simulator.truth import Record, Subject, Truth
from tests.simulator.batches import people
from tests.simulator.books.acts import (
    ACCOUNT,
    DAY_NS,
    EFFECTIVE,
    ENDED,
    LAW,
    NOW_NS,
    QUEUED,
    events,
    freeze,
    refusal,
)

ITEMS = (1, 2, 7, 8, 9, 12)


@pytest.fixture
def books(layout: Layout, population: Population) -> Books:
    able = Ability(can_freeze=True, can_deduct=True)
    abilities = dict.fromkeys(range(len(layout.institutions)), able)
    return Books(abilities, LAW, PopulationOwner(population))


def found(truth: Truth, items: tuple[int, ...], count: int = 300) -> list[tuple[Subject, int, Record]]:
    """What so many persons own of these items."""
    return [
        (person, institution, record)
        for person in people(count)
        for institution, one in truth.found(person, items).items()
        for record in one.records
    ]


def order(hold_id: int, subject: Subject, institution: int, record: Record) -> Control:
    return freeze(
        hold_id,
        opening=replace(ACCOUNT, institution=institution, item=record.item, locator=record.locator),
        holder=Holder(subject.id_type, subject.id_number, subject.name),
    )


def test_an_untouched_account_controls_what_its_record_says_is_available(books: Books, truth: Truth) -> None:
    queued = 0
    for place, (subject, institution, record) in enumerate(found(truth, ITEMS), start=1):
        fits = (record.holder_number, record.holder_name) == (subject.id_number, subject.name)
        receipt = books.control(order(place, subject, institution, record), NOW_NS)
        if not fits:
            assert refusal(receipt) == "NAME_MISMATCH"
        elif record.kind == "closed":
            assert refusal(receipt) == "ACCOUNT_CLOSED"
        else:
            assert receipt.hold.controlled_fen == record.available_fen
            assert receipt.hold.available_fen == 0
            queued += receipt.hold.life == QUEUED
            account = books.account(institution, record.locator)
            assert (account.balance_fen, account.protected_fen) == (record.amount_fen, record.protected_fen)
            assert account.held_fen - receipt.hold.controlled_fen == record.held_fen
    assert queued > 10
    assert faults(books) == []


def test_what_other_courts_hold_runs_out_and_those_behind_take_effect(books: Books, truth: Truth) -> None:
    held = [one for one in found(truth, (1,), 1_500) if one[2].held_fen and one[2].available_fen == 0]
    assert len(held) > 5
    for place, one in enumerate(held, start=1):
        hold = books.control(order(place, *one), NOW_NS).hold
        assert (hold.life, hold.queue_position) == (QUEUED, 1)
        assert hold.ahead_court_codes[0] in burden.COURTS
    books.advance(NOW_NS + (burden.DAYS_MAX + 1) * DAY_NS)
    promoted = {hold_id for kind, hold_id in events(books) if kind == "PROMOTED"}
    assert promoted == set(range(1, len(held) + 1))
    assert all(books.hold(hold_id).life in (EFFECTIVE, ENDED) for hold_id in promoted)  # type: ignore[union-attr]
    assert faults(books) == []


def test_a_thing_under_another_courts_hold_is_let_go_or_sold(books: Books, truth: Truth) -> None:
    lives = []
    for place, one in enumerate(found(truth, (14, 15), 1_500), start=1):
        lives.append(books.control(order(place, *one), NOW_NS).hold.life)
    assert 10 < lives.count(QUEUED) < lives.count(EFFECTIVE) / 8
    books.advance(NOW_NS + (burden.DAYS_MAX + 1) * DAY_NS)
    kinds = [kind for kind, _ in events(books)]
    assert kinds.count("PROMOTED") + kinds.count("DISPOSED") == lives.count(QUEUED)
    assert 0 < kinds.count("DISPOSED") < kinds.count("PROMOTED")
    assert faults(books) == []


def test_a_namesakes_account_is_not_frozen(books: Books, truth: Truth) -> None:
    odd = [one for one in found(truth, (1,), 3_000) if one[2].holder_number != one[0].id_number]
    assert odd
    for place, one in enumerate(odd, start=1):
        assert refusal(books.control(order(place, *one), NOW_NS)) == "NAME_MISMATCH"
    assert not list(books.accounts())


def test_an_unknown_locator_is_no_property(books: Books, truth: Truth) -> None:
    subject, institution, record = found(truth, (1,))[0]
    other = replace(record, locator="62" + "0" * 17)
    assert refusal(books.control(order(1, subject, institution, other), NOW_NS)) == "NO_SUCH_PROPERTY"
    stranger = Subject(type_pb2.ID_TYPE_RESIDENT_ID, "110105198000000000", "查无此人")
    assert refusal(books.control(order(2, stranger, institution, record), NOW_NS)) == "NO_SUCH_PROPERTY"
    books.control(order(3, subject, institution, record), NOW_NS)
    assert refusal(books.control(order(4, stranger, institution, record), NOW_NS)) == "NAME_MISMATCH"
