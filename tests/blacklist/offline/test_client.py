"""A unit's own screening: what is listed is found, what is removed is not, and nothing wrong is taken."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist.offline.client import OfflineOutcome, OfflineSet
from blacklist.offline.errors import ForeignError, StaleError, TamperedError, TruncatedError
from blacklist.offline.keys import SetKey
from blacklist.offline.maker import Maker, Unit
from chakong.blacklist.v1 import screening_pb2
from tests.blacklist.offline.sets import (
    AS_OF_NS,
    KEY,
    MAKER,
    NS_PER_DAY,
    PUBLIC_KEY,
    SECRET,
    SNAPSHOT_ID,
    UNIT,
    a_list,
    asked,
    moment,
    opened,
    sealed,
)
from tests.blacklist.screening.model import (
    DERIVED,
    NAMES,
    OF_A_FIRM,
    RAILWAY,
    TODAY,
    Model,
    row,
    subject,
)

CLEAR, LISTED, RESTRICTED, BY_HAND, NOT_SCREENED = OfflineOutcome
ENTRY = st.builds(
    row,
    person=st.integers(0, 3),
    name=st.sampled_from(NAMES[:2]),
    listing_id=st.integers(1, 4),
    kinds=st.sampled_from((1, 2, 4)),
    bound=st.integers(0, 2),
    since_day=st.sampled_from((TODAY - 1, TODAY, TODAY + 1)),
    until_day=st.sampled_from((None, TODAY - 1, TODAY, TODAY + 1, TODAY + 5)),
)
SAME = {
    screening_pb2.OUTCOME_CLEAR: CLEAR,
    screening_pb2.OUTCOME_LISTED: LISTED,
    screening_pb2.OUTCOME_RESTRICTED: RESTRICTED,
    screening_pb2.OUTCOME_CHECK_BY_HAND: BY_HAND,
}


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(ENTRY, max_size=6),
    changes=st.lists(st.tuples(st.booleans(), ENTRY), max_size=6),
    days=st.integers(0, 1),
)
def test_set_with_its_delta_says_what_the_model_says(
    rows: list[tuple[object, ...]], changes: list[tuple[bool, tuple[object, ...]]], days: int
) -> None:
    model = Model()
    for one in rows:
        model.change(True, one)
    before = a_list(*model.rows)
    offline = opened(*model.rows)
    after = before.changed(changes, 2)
    delta = MAKER.delta(after, UNIT, SNAPSHOT_ID, 1, [one for _, one in changes], moment())
    for is_laid in (False, True):
        if is_laid:
            offline = offline.with_delta(delta, AS_OF_NS)
            for is_added, one in changes:
                model.change(is_added, one)
        for person in range(4):
            for name in NAMES[:2]:
                expected = model.finding(subject(person, name), RAILWAY, TODAY + days)
                answer = asked(offline, person, name, days)
                assert answer.outcome is SAME[expected.outcome]
                assert answer.measures == tuple(expected.measures)
                assert answer.version == (2 if is_laid else 1)


def test_hit_is_something_to_confirm_and_says_by_which_measures() -> None:
    offline = opened(row(), row(1, kinds=DERIVED, bound=OF_A_FIRM))
    assert (asked(offline).outcome, asked(offline).measures) == (LISTED, (28,))
    assert asked(offline, 1).outcome is RESTRICTED
    assert asked(offline, 0, "李四").outcome is BY_HAND
    assert asked(offline, 2).outcome is CLEAR


@pytest.mark.parametrize(("number", "name"), [("1", "张三"), ("11010519491231002X", ""), ("1\ud800", "x")])
def test_who_cannot_be_anybody_is_not_screened(number: str, name: str) -> None:
    assert opened(row()).check(1, number, name, AS_OF_NS).outcome is NOT_SCREENED


def test_answers_say_how_old_they_are() -> None:
    answer = asked(opened(row()), days=1)
    assert (answer.age_s, answer.is_stale) == (86_400.0, False)
    assert asked(opened(row()), days=2).is_stale
    # A clock that was set back is no reason to trust.
    assert asked(opened(row()), days=-1).is_stale


def test_delta_makes_a_set_fresh_again_for_six_days_at_most() -> None:
    offline, listed = opened(row()), a_list(row())
    for days in (1, 2, 6):
        delta = MAKER.delta(listed, UNIT, SNAPSHOT_ID, 1, [], moment(days))
        assert not offline.with_delta(delta, AS_OF_NS + days * NS_PER_DAY).is_stale(
            AS_OF_NS + days * NS_PER_DAY
        )
    delta = MAKER.delta(listed, UNIT, SNAPSHOT_ID, 1, [], moment(7))
    with pytest.raises(StaleError, match="delta: the snapshot is 7 days old, at most 6 expected; a new one"):
        offline.with_delta(delta, AS_OF_NS + 7 * NS_PER_DAY)
    with pytest.raises(StaleError, match="snapshot: made 1 days after today"):
        opened(row(), now_ns=AS_OF_NS - NS_PER_DAY)


def test_firm_with_hundreds_of_listings_is_in_a_delta_in_one_entry_with_the_later_end() -> None:
    many = [row(listing_id=number, until_day=TODAY + number % 5) for number in range(1, 301)]
    delta = MAKER.delta(a_list(*many, version=2), UNIT, SNAPSHOT_ID, 1, many, moment())
    offline = opened(row(1)).with_delta(delta, AS_OF_NS)
    assert [asked(offline, days=days).outcome for days in (0, 4, 5)] == [LISTED, LISTED, CLEAR]
    assert len(delta) < 400


def test_stale_snapshot_and_stale_delta_are_refused_and_say_how_old() -> None:
    with pytest.raises(StaleError, match="snapshot: 172800 s old, at most 86400 s"):
        opened(row(), now_ns=AS_OF_NS + 2 * NS_PER_DAY)
    delta = MAKER.delta(a_list(row()), UNIT, SNAPSHOT_ID, 1, [], moment())
    with pytest.raises(StaleError, match="delta: 172800 s old"):
        opened(row()).with_delta(delta, AS_OF_NS + 2 * NS_PER_DAY)


def test_delta_may_reach_back_further_and_never_leave_a_gap() -> None:
    offline = opened(row())
    later = a_list(row(), version=5)
    offline = offline.with_delta(MAKER.delta(later, UNIT, SNAPSHOT_ID, 1, [row(1)], moment()), AS_OF_NS)
    reaching_back = MAKER.delta(a_list(version=6), UNIT, SNAPSHOT_ID, 0, [row()], moment())
    assert asked(offline.with_delta(reaching_back, AS_OF_NS)).outcome is CLEAR
    gap = MAKER.delta(a_list(version=9), UNIT, SNAPSHOT_ID, 8, [], moment())
    with pytest.raises(ForeignError, match="from version 8 on given, at most 5"):
        offline.with_delta(gap, AS_OF_NS)
    back = MAKER.delta(a_list(version=4), UNIT, SNAPSHOT_ID, 1, [], moment())
    with pytest.raises(StaleError, match="version 4 given, at least 5"):
        offline.with_delta(back, AS_OF_NS)
    assert asked(offline).outcome is LISTED


def test_what_is_anothers_is_refused() -> None:
    offline = opened(row())
    listed = a_list(row())
    with pytest.raises(ForeignError, match="unit: mps given, railway"):
        OfflineSet.open(sealed(unit=Unit("mps", RAILWAY)), KEY, PUBLIC_KEY, unit="railway", now_ns=AS_OF_NS)
    with pytest.raises(ForeignError, match="unit: mps"):
        offline.with_delta(MAKER.delta(listed, Unit("mps", ()), SNAPSHOT_ID, 1, [], moment()), AS_OF_NS)
    with pytest.raises(ForeignError, match="another snapshot"):
        offline.with_delta(MAKER.delta(listed, UNIT, b"another snapshot", 1, [], moment()), AS_OF_NS)


def test_wrong_key_is_refused_since_it_would_find_nobody() -> None:
    for unit, snapshot_id in (("mps", SNAPSHOT_ID), ("railway", b"another snapshot")):
        key = SetKey.of_bytes(MAKER.key(unit, snapshot_id))
        with pytest.raises(ForeignError, match="key: of another unit or another snapshot"):
            OfflineSet.open(sealed(row()), key, PUBLIC_KEY, unit="railway", now_ns=AS_OF_NS)


def test_set_that_another_signed_is_refused() -> None:
    forged = Maker(SECRET, Ed25519PrivateKey.generate()).snapshot(a_list(), UNIT, SNAPSHOT_ID, moment())
    with pytest.raises(TamperedError):
        OfflineSet.open(forged, KEY, PUBLIC_KEY, unit="railway", now_ns=AS_OF_NS)
    delta = Maker(SECRET, Ed25519PrivateKey.generate()).delta(a_list(), UNIT, SNAPSHOT_ID, 1, [], moment())
    offline = opened(row())
    with pytest.raises(TamperedError):
        offline.with_delta(delta, AS_OF_NS)
    assert asked(offline).outcome is LISTED


@pytest.mark.parametrize("size", [0, 11, 100, 300, 200_000])
def test_set_cut_short_is_refused(size: int) -> None:
    with pytest.raises(TruncatedError):
        OfflineSet.open(sealed(row())[:size], KEY, PUBLIC_KEY, unit="railway", now_ns=AS_OF_NS)


def test_key_is_in_no_repr_of_a_set() -> None:
    offline = opened(row())
    assert repr(KEY.outer)[2:-1] not in repr(offline)
