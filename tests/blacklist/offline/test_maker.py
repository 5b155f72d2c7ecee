"""What is handed out: nothing personal, no two alike, deltas small."""

import pytest

from benchmarks.services.people import rows
from blacklist.offline.maker import Moment, Unit
from blacklist.offline.seal import SNAPSHOT, unseal
from chakong.blacklist.v1.offline_pb2 import SnapshotHead
from tests.blacklist.offline.sets import (
    AS_OF_NS,
    GOOD_FOR_S,
    MAKER,
    PUBLIC_KEY,
    SNAPSHOT_ID,
    UNIT,
    a_list,
    moment,
    sealed,
)
from tests.blacklist.screening.model import PLAIN, RAILWAY, TODAY, row


def test_head_says_what_the_set_is() -> None:
    head, _ = unseal(SNAPSHOT, SnapshotHead(), sealed(row(), row(1), version=9), PUBLIC_KEY)
    assert (head.unit, head.snapshot_id, head.version, head.day) == ("railway", SNAPSHOT_ID, 9, TODAY)
    assert (head.as_of_ns, head.good_until_ns) == (AS_OF_NS, AS_OF_NS + GOOD_FOR_S * 10**9)
    assert (head.entry_count, head.odd_count) == (2, 0)
    assert [tuple(bound.measures) for bound in head.bounds] == list(RAILWAY)


def test_file_holds_no_number_and_no_name() -> None:
    made = sealed(row())
    assert b"11010519491231002X" not in made
    assert "张三".encode() not in made


def test_sets_of_two_units_have_no_hash_in_common() -> None:
    bodies = [
        unseal(SNAPSHOT, SnapshotHead(), sealed(*rows(500), unit=Unit(key, PLAIN)), PUBLIC_KEY)[1]
        for key in ("mps", "sat")
    ]
    one, other = ({body[place : place + 8] for place in range(1 << 18, len(body), 8)} for body in bodies)
    assert (len(one), len(one & other)) == (500, 0)


def test_thousand_changes_make_at_most_50_kb() -> None:
    before, changed = a_list(*rows(500)), list(rows(1_000))
    after = before.changed([(place >= 500, one) for place, one in enumerate(changed)], 2)
    assert len(MAKER.delta(after, UNIT, SNAPSHOT_ID, 1, changed, moment())) <= 50_000


@pytest.mark.parametrize("good_for_s", [0, 6 * 86_400 + 1])
def test_set_is_good_for_no_longer_than_it_can_count(good_for_s: int) -> None:
    with pytest.raises(ValueError, match="must be 1 to 518400"):
        Moment(AS_OF_NS, TODAY, good_for_s)
