"""The truth: what it says of queries, and that its words fit the contract."""

import time

import pytest
from hypothesis import given, settings
from stdnum.cn import ric

from chakong.type.v1 import type_pb2
from simulator.catalogue import KINDS_EMPTY
from simulator.layout import INQUIRE, Layout
from simulator.truth import Subject, Truth
from tests.simulator.batches import FIRM, PERSON, item_lists, people, subjects


@settings(deadline=None)
@given(subject=subjects, items=item_lists)
def test_what_is_found_is_of_the_items_asked_for_and_kept(
    layout: Layout, truth: Truth, subject: Subject, items: list[int]
) -> None:
    everything = truth.found(subject)
    for institution, found in truth.found(subject, items).items():
        kept = layout.institutions[institution].items
        assert {record.item for record in found.records} <= kept.intersection(items or kept)
        assert set(found.records) <= set(everything[institution].records)


def test_a_query_ends_as_its_institution_can(layout: Layout, truth: Truth) -> None:
    found = truth.found(PERSON)
    quiet = next(one.index for one in layout.institutions if INQUIRE in one.can and one.index not in found)
    unable = next(one.index for one in layout.institutions if INQUIRE not in one.can)
    assert truth.expected(PERSON, (), quiet).state == type_pb2.END_STATE_NONE
    assert truth.expected(PERSON, (), unable).state == type_pb2.END_STATE_INCAPABLE
    holder = next(iter(found))
    assert truth.expected(PERSON, (), holder) == found[holder]


def test_who_keeps_none_of_the_items_has_no_query(layout: Layout, truth: Truth) -> None:
    with pytest.raises(LookupError, match="keeps none of the items"):
        truth.expected(PERSON, [1], layout.keepers[14])


def test_a_small_x_is_the_same_person(truth: Truth) -> None:
    small = Subject(PERSON.id_type, PERSON.id_number.lower(), PERSON.name)
    assert truth.found(small) == truth.found(PERSON)


def test_a_closed_account_holds_no_money(truth: Truth) -> None:
    records = [
        record for one in people(300) for found in truth.found(one).values() for record in found.records
    ]
    closed = [record for record in records if record.kind in KINDS_EMPTY]
    assert closed
    assert all(record.amount_fen == 0 for record in closed)
    assert all(record.amount_fen > 0 for record in records if record.item == 1 and record not in closed)


def test_organisations_own_other_things_than_persons(truth: Truth) -> None:
    kinds = [
        {record.kind for found in truth.found(one).values() for record in found.records}
        for one in (PERSON, FIRM)
    ]
    assert kinds[0].isdisjoint(kinds[1])


def test_about_one_person_in_300_has_a_namesake_and_as_many_a_name_that_does_not_fit(truth: Truth) -> None:
    namesakes = misfits = 0
    for person in people(12_000):
        odd = [one for one in truth.found(person).values() if one.state == type_pb2.END_STATE_AMBIGUOUS]
        misfits += any(record.holder_name != person.name for one in odd for record in one.records)
        namesakes += any(all(record.holder_name == person.name for record in one.records) for one in odd)
    assert 25 <= namesakes <= 60
    assert 25 <= misfits <= 60


def test_a_namesake_has_a_valid_number_of_the_same_area(truth: Truth) -> None:
    numbers = {
        record.holder_number
        for person in people(3_000)
        for found in truth.found(person).values()
        for record in found.records
        if record.holder_number != person.id_number
    }
    assert numbers
    assert all(ric.is_valid(number) and number.startswith("110105") for number in numbers)


def test_the_truth_of_one_inquiry_takes_less_than_a_millisecond(truth: Truth) -> None:
    asked = people(200)
    spent_ns = []
    for _ in range(5):
        begun_ns = time.thread_time_ns()
        for person in asked:
            truth.found(person)
        spent_ns.append(time.thread_time_ns() - begun_ns)
    assert min(spent_ns) / len(asked) < 1_000_000
