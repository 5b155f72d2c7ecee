"""Entries: within the contract's limits, and at them where that is the point."""

from chakong.institution.v1 import institution_pb2
from conformance.entries import entry, filled, hello, long_entry, odd_entry
from conformance.fixture import Fixture


def test_a_first_message_has_id_0_and_no_entries(fixture: Fixture) -> None:
    first = hello([3, 5])
    assert (first.id, len(first.entries), list(first.institutions)) == (0, 0, [3, 5])


def test_an_entry_asks_with_ascending_items(fixture: Fixture) -> None:
    asked = entry(fixture.courts[0], fixture.subjects.unknown, [7, 2], [4])
    assert list(asked.items) == [2, 7]
    assert asked.kind == institution_pb2.KIND_ASK
    assert all(value for _, value in asked.mandate.ListFields())
    assert len(asked.mandate.ListFields()) == 6


def test_an_odd_entry_is_valid_and_at_its_limits(fixture: Fixture) -> None:
    odd = odd_entry(fixture.courts[0])
    assert len(odd.subject.name.encode()) == 256
    assert 126 <= len(odd.mandate.case_number.encode()) <= 128
    assert list(odd.items) == list(range(1, 26))


def test_a_filled_batch_stays_within_entries_and_bytes(fixture: Fixture) -> None:
    short = entry(fixture.courts[0], fixture.subjects.unknown)
    last = entry(fixture.courts[0], fixture.accounts.full.subject)
    by_entries = filled(9, short, last, 100, 1 << 20)
    assert len(by_entries.entries) == 100
    assert by_entries.entries[99] == last
    by_bytes = filled(9, long_entry(short), last, 100_000, 50_000)
    assert 49_000 < by_bytes.ByteSize() <= 50_000
