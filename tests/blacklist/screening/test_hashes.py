"""Many entries in buckets: each is found again, and their memory is what it may be."""

from benchmarks.services.people import LISTED_EVERY, TODAY, innocent, listed, message, rows
from blacklist.screening._snapshot import Base, Binding, Snapshot
from tests.blacklist.screening.model import HASHER, PLAIN, request, response, row, subject

COUNT = 30_000


def test_each_of_thousands_is_found_and_nobody_else() -> None:
    snapshot = Snapshot(Base.of_entries(HASHER, rows(COUNT)), HASHER, 1)
    assert snapshot.entry_count == COUNT
    found = response(snapshot.screen(message(listed(COUNT)), Binding(PLAIN), TODAY, 0)[0]).findings
    assert [list(one.listing_ids) for one in found] == [[entry + 1] for entry in range(COUNT)]
    others = response(snapshot.screen(message(innocent(60_000)), Binding(PLAIN), TODAY, 0)[0])
    assert (others.screened, len(others.findings)) == (60_000, 0)


def test_order_of_rows_makes_no_difference() -> None:
    given = list(rows(1_000))
    asked = message(listed(2_000)[:: LISTED_EVERY // 8])
    one, other = (
        Snapshot(Base.of_entries(HASHER, order), HASHER, 1).screen(asked, Binding(PLAIN), TODAY, 0)
        for order in (given, given[::-1])
    )
    assert one == other
    assert one[1]


def test_a_person_may_have_hundreds_of_listings() -> None:
    given = [row(listing_id=listing) for listing in range(500, 0, -1)]
    snapshot = Snapshot(Base.of_entries(HASHER, given), HASHER, 1)
    (finding,) = response(snapshot.screen(request([subject()]), Binding(PLAIN), TODAY, 0)[0]).findings
    assert list(finding.listing_ids) == list(range(1, 501))


def test_entries_and_filter_take_24_bytes_each_at_most() -> None:
    # Two to four entries a bucket: from 262,144 on the number of buckets follows that of entries.
    base = Base.of_entries(HASHER, rows(270_000))
    assert base.size_bytes / base.entry_count <= 24


def test_empty_list_finds_nobody() -> None:
    snapshot = Snapshot(Base.of_entries(HASHER, []), HASHER, 0)
    assert not response(snapshot.screen(message(listed(100)), Binding(PLAIN), TODAY, 0)[0]).findings
