"""Snapshots after changes: each is what the changes make of the one before, which stays as it was."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.services.people import listed, message, rows
from blacklist.screening._snapshot import Base, Binding, Snapshot
from chakong.blacklist.v1 import screening_pb2
from tests.blacklist.screening.model import (
    HASHER,
    NAMES,
    PEOPLE,
    RAILWAY,
    TODAY,
    Model,
    request,
    response,
    row,
    subject,
)

BOUND = Binding(RAILWAY)
ENTRY = st.builds(
    row,
    person=st.integers(0, 3),
    name=st.sampled_from(NAMES[:2]),
    listing_id=st.integers(1, 4),
    kinds=st.sampled_from((1, 2, 4)),
    bound=st.integers(0, 2),
    until_day=st.sampled_from((None, TODAY - 1, TODAY + 5)),
)
CHANGES = st.lists(st.tuples(st.booleans(), ENTRY), max_size=6)
ASKED = [subject(person, name) for person in range(len(PEOPLE)) for name in NAMES[:2]]


def told(snapshot: Snapshot) -> list[tuple[int, int, list[int], list[int]]]:
    findings = response(snapshot.screen(request(ASKED), BOUND, TODAY, 0)[0]).findings
    return [(one.index, one.outcome, sorted(one.listing_ids), list(one.measures)) for one in findings]


def told_by(model: Model) -> list[tuple[int, int, list[int], list[int]]]:
    findings = [(index, model.finding(asked, RAILWAY, TODAY)) for index, asked in enumerate(ASKED)]
    return [
        (index, one.outcome, list(one.listing_ids), list(one.measures))
        for index, one in findings
        if one.outcome != screening_pb2.OUTCOME_CLEAR
    ]


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.tuples(CHANGES, st.booleans()), max_size=6))
def test_changed_and_merged_snapshots_say_what_the_model_says(
    steps: list[tuple[list[tuple[bool, tuple[object, ...]]], bool]],
) -> None:
    snapshot, model = Snapshot(Base.of_entries(HASHER, []), HASHER, 0), Model()
    for changes, is_merged in steps:
        before, before_said = snapshot, told(snapshot)
        snapshot = snapshot.changed(changes, snapshot.version + 1)
        for is_added, changed in changes:
            model.change(is_added, changed)
        if is_merged:
            snapshot = snapshot.merged()
            assert snapshot.changed_count == 0
        assert told(snapshot) == told_by(model)
        assert snapshot.entry_count == len(model.rows)
        assert told(before) == before_said


def test_removed_person_is_not_found_from_the_next_version_on() -> None:
    before = Snapshot(Base.of_entries(HASHER, [row(), row(1)]), HASHER, 4)
    after = before.changed([(False, row())], 5)
    assert [one[0] for one in told(before)] == [0, 1, 2, 3]
    assert [one[0] for one in told(after)] == [2, 3]
    assert response(after.screen(request([]), BOUND, TODAY, 0)[0]).version == 5
    assert [one[0] for one in told(after.merged())] == [2, 3]


def test_corrected_name_takes_the_place_of_the_wrong_one() -> None:
    before = Snapshot(Base.of_entries(HASHER, [row(name="李四")]), HASHER, 1)
    after = before.changed([(True, row(name="张三"))], 2)
    assert after.entry_count == 1
    assert told(after)[0][1] == screening_pb2.OUTCOME_LISTED


def test_removing_what_is_not_there_changes_nothing() -> None:
    before = Snapshot(Base.of_entries(HASHER, [row(listing_id=1)]), HASHER, 1)
    after = before.changed([(False, row(listing_id=2)), (False, row(1))], 2)
    assert told(after) == told(before)
    assert after.entry_count == 1


def test_version_never_goes_back() -> None:
    snapshot = Snapshot(Base.of_entries(HASHER, []), HASHER, 5)
    assert snapshot.changed([], 5).version == 5
    with pytest.raises(ValueError, match="version: 4 given, at least 5"):
        snapshot.changed([], 4)


def test_change_of_nobody_is_left_out() -> None:
    snapshot = Snapshot(Base.of_entries(HASHER, [row()]), HASHER, 1)
    assert told(snapshot.changed([(True, (1, b"1", "x", 1, 1, 0, 0, None))], 2)) == told(snapshot)


def test_snapshot_is_screened_in_threads_while_the_next_is_made() -> None:
    asked = message(listed(5_000))
    snapshot = Snapshot(Base.of_entries(HASHER, rows(5_000)), HASHER, 1)
    expected = snapshot.screen(asked, BOUND, TODAY, 0)
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(snapshot.screen, asked, BOUND, TODAY, 0) for _ in range(20)]
        later = snapshot.changed([(False, one) for one in rows(5_000)], 2).merged()
        assert all(answer.result(30) == expected for answer in answers)
    assert not response(later.screen(asked, BOUND, TODAY, 0)[0]).findings


@pytest.mark.parametrize("measures", [((0,),), ((64,),), ((1,),) * 5])
def test_binding_beyond_the_limits_is_refused(measures: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValueError, match="given"):
        Binding(measures)
