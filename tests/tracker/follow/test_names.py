"""Names: the same for the same, another for another, and nothing to read in them."""

from hypothesis import given
from hypothesis import strategies as st

from chakong.type.v1.hold_pb2 import Property
from chakong.type.v1.type_pb2 import ID_TYPE_PASSPORT, Subject
from tests.tracker.follow.told import DEBTOR, hold, record
from tracker.follow.names import (
    first_order,
    is_own,
    own_subject,
    patrol_order,
    property_thing,
    subject_key,
    thing_of,
)

ID_BYTES_MAX = 64
PLACES = st.tuples(
    st.integers(0, 3_915), st.integers(1, 25), st.text(max_size=20), st.sampled_from(["", "CNY", "USD"])
)


def test_an_answer_and_a_hold_come_to_the_same_name() -> None:
    found, held = record(), hold()
    assert thing_of(held.property) == property_thing(7, found.item, found.locator, found.currency)


@given(PLACES, PLACES)
def test_two_properties_have_two_names(
    one: tuple[int, int, str, str], other: tuple[int, int, str, str]
) -> None:
    def plain(place: tuple[int, int, str, str]) -> tuple[int, int, str, str]:
        return (*place[:3], place[3] or "CNY")

    assert (property_thing(*one) == property_thing(*other)) == (plain(one) == plain(other))


def test_no_account_number_stands_in_a_name() -> None:
    locator = "6222021234567890123"
    thing = thing_of(Property(institution=3_915, item=25, locator=locator))
    assert locator not in thing
    assert len(f"{thing}-h{2**64 - 1}".encode()) <= ID_BYTES_MAX
    assert len(f"found-{2**64 - 1}-{thing}".encode()) <= ID_BYTES_MAX


@given(st.text(min_size=1, max_size=10), st.text(min_size=1, max_size=42), st.integers(0, 15))
def test_own_orders_are_told_by_their_ids_and_fit(court: str, number: str, index: int) -> None:
    first, patrol = first_order(court, number, index), patrol_order(court, number, 20261123, index)
    assert is_own(first)
    assert (own_subject(first), own_subject(patrol), own_subject("order-1:1")) == (index, index, None)
    assert is_own(patrol)
    assert not is_own("order-1")
    assert (
        len({first, patrol, first_order(court, number, index + 1), first_order(number, court + "x", index)})
        == 4
    )
    assert max(len(first), len(patrol)) <= ID_BYTES_MAX


def test_a_person_is_the_same_by_kind_and_number_however_the_name_is_written() -> None:
    other = Subject(id_type=DEBTOR.id_type, id_number="11010519900307003x", name="a")
    again = Subject(id_type=DEBTOR.id_type, id_number="11010519900307003X", name="b")
    passport = Subject(id_type=ID_TYPE_PASSPORT, id_number=DEBTOR.id_number)
    assert subject_key(other) == subject_key(again)
    assert len({subject_key(one) for one in (DEBTOR, other, passport)}) == 3
