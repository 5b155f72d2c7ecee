"""Folding: the same state in whatever order events come, as of any day, as known at any moment."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import calendar
from tests.tracker.rules.build import (
    CASE,
    CLOSED,
    ENDED,
    ENDING,
    FILED,
    NOW_NS,
    TODAY,
    event,
    has_node,
    law,
    node,
    state,
)
from tests.tracker.rules.histories import histories
from tracker import rules
from tracker.model import Correction, Event, NodeState, State, Status
from tracker.rules import folding


def correction(right: Correction, effective: int = 20260301, recorded_ns: int = NOW_NS) -> Event:
    made = event("corrected", effective, f"fix-{right.event_id}-{recorded_ns}", recorded_ns=recorded_ns)
    return replace(made, correction=right)


def core(found: State) -> tuple[object, ...]:
    """All but when its events were recorded."""
    known = tuple((one.event_id, one.kind, one.effective) for one in found.history)
    return (
        found.status,
        found.status_day,
        found.court,
        found.nodes,
        found.pending,
        found.stops,
        found.alerts,
        known,
    )


@given(histories(), st.randoms())
def test_order_of_recording_makes_no_difference(events: list[Event], chance: st.DataObject) -> None:
    moments = [one.recorded_ns for one in events]
    chance.shuffle(moments)  # type: ignore[attr-defined]
    others = [replace(one, recorded_ns=moment) for one, moment in zip(events, moments, strict=True)]
    chance.shuffle(others)  # type: ignore[attr-defined]
    assert core(state(*events)) == core(state(*others))


@given(histories(), st.integers(0, 13))
def test_event_that_comes_twice_is_one(events: list[Event], which: int) -> None:
    assert core(state(*events, *events[which : which + 3])) == core(state(*events))


@given(histories(), st.integers(0, 330))
def test_state_as_of_a_day_knows_nothing_later(events: list[Event], after: int) -> None:
    as_of = calendar.add_days(20260101, after)
    found = state(*events, as_of=as_of)
    assert core(found) == core(state(*[one for one in events if one.effective <= as_of], as_of=as_of))
    assert all(one.start <= as_of and one.done <= as_of for one in found.nodes)


@given(histories(), st.integers(0, 41))
def test_state_as_known_at_a_moment_is_that_of_what_was_recorded(events: list[Event], ago: int) -> None:
    known_ns = NOW_NS - ago * calendar.DAY_NS
    recorded = [one for one in events if one.recorded_ns <= known_ns]
    assert core(state(*events, known_ns=known_ns)) == core(state(*recorded))


@given(histories())
def test_nodes_do_not_depend_on_the_day_of_reading(events: list[Event]) -> None:
    assert state(*events, as_of=TODAY).nodes == state(*events, as_of=20311231).nodes


@given(histories())
def test_one_round_at_a_time_is_open(events: list[Event]) -> None:
    found = [(one.number, one.thing) for one in state(*events).nodes if one.state is NodeState.OPEN]
    assert len(found) == len(set(found))


@given(histories())
def test_what_is_remembered_is_what_is_made(events: list[Event]) -> None:
    plain = [one for one in events if not one.thing and one.detail == event("filing", 20260101).detail]
    found = state(*plain)
    made = folding._make(law(), "national", True, found.history, 0)
    assert (found.nodes, found.stops) == (made.nodes, made.stops)
    assert set(found.pending) == set(made.pending)


def test_void_event_never_happened_from_when_that_is_known() -> None:
    recorded = [replace(one, recorded_ns=5) for one in (*FILED, event("distribution", 20260110, "d"))]
    fix = correction(Correction("d", is_void=True))
    assert node(state(*recorded, fix, known_ns=NOW_NS - 1), 2).done == 20260110
    found = state(*recorded, fix)
    assert node(found, 2).state is NodeState.OPEN
    assert [one.event_id for one in found.voided] == ["d"]


def test_corrected_day_counts_and_the_later_correction_of_two() -> None:
    recorded = [replace(one, recorded_ns=5) for one in (*FILED, event("distribution", 20260110, "d"))]
    first = correction(Correction("d", effective=20260112), recorded_ns=NOW_NS - 5)
    second = correction(Correction("d", effective=20260113), recorded_ns=NOW_NS - 3)
    assert node(state(*recorded, second, first), 2).done == 20260113
    assert node(state(*recorded, second, first, known_ns=NOW_NS - 4), 2).done == 20260112


def test_correction_of_nothing_is_pending() -> None:
    (pending,) = state(*FILED, correction(Correction("gone", is_void=True))).pending
    assert pending.why == "no_such_event"


def test_event_without_its_start_is_pending_and_joined_when_the_start_arrives() -> None:
    done = event("distribution", 20260112)
    alone = state(done)
    assert [(one.kind, one.why) for one in alone.pending] == [("distribution", "start_unknown")]
    assert not has_node(alone, 2)
    assert has_node(alone, 4)  # what it starts itself runs
    joined = state(done, *FILED)
    assert not joined.pending
    assert (node(joined, 2).start, node(joined, 2).done) == (20260108, 20260112)


def test_event_dated_before_a_start_that_came_later_does_nothing() -> None:
    found = state(event("distribution", 20260107), *FILED)
    assert [(one.kind, one.why) for one in found.pending] == [("distribution", "before_start")]
    assert node(found, 2).state is NodeState.OPEN


def test_node_recurs_for_each_property_clue_and_payment() -> None:
    found = state(
        event("clue_received", 20260201, thing="c1"),
        event("clue_received", 20260203, thing="c2", is_urgent=True),
        event("clue_check", 20260206, thing="c1"),
        event("money_received", 20260210, thing="m1"),
        event("money_received", 20260211, thing="m2"),
    )
    assert (node(found, 9, "c1").state, node(found, 9, "c2").state) == (NodeState.DONE, NodeState.OPEN)
    assert node(found, 9, "c2").due == 20260206
    assert {(one.number, one.thing) for one in found.nodes if one.number in (28, 29)} == {
        (28, "m1"), (28, "m2"), (29, "m1"), (29, "m2"),
    }  # fmt: skip


def test_case_that_ends_drops_its_duties_and_keeps_terms_payments_and_windows() -> None:
    found = state(
        *FILED,
        event("measure_effective", 20260301, thing="p1", property="immovable"),
        event("appraisal_served", 20260527, thing="p1"),
        event("money_received", 20260520, thing="m1"),
        CLOSED,
    )
    assert found.status is Status.CLOSED
    states = {one.number: one.state for one in found.nodes}
    assert states[2] is states[3] is states[17] is states[35] is NodeState.ENDED
    assert states[12] is states[19] is states[28] is states[29] is states[32] is NodeState.OPEN
    assert states[31] is NodeState.DONE


def test_case_taken_up_again_has_its_time_for_closing_anew() -> None:
    found = state(
        *ENDING,
        event("suspension_start", 20260408),
        ENDED,
        event("property_found_after_suspension", 20260701, thing="p1"),
        event("resumption", 20260703),
    )
    assert (found.status, found.status_day) == (Status.OPEN, 20260703)
    assert (node(found, 31).done, node(found, 31, which=2).start, node(found, 31, which=2).due) == (
        20260413, 20260703, 20270104,
    )  # fmt: skip
    assert node(found, 10).state is NodeState.DONE


def test_transferred_case_belongs_to_the_other_court() -> None:
    assert state(*FILED, event("case_transferred", 20260201, court="沪0101")).court == "沪0101"
    back = event("case_transferred", 20260301, court="京0105")
    assert state(*FILED, event("case_transferred", 20260201, court="沪0101"), back).court == "京0105"
    assert (
        state(*FILED, event("case_transferred", 20260201, court="沪0101"), back, as_of=20260228).court
        == "沪0101"
    )


def test_profile_that_the_law_lacks_is_an_error() -> None:
    with pytest.raises(LookupError, match="nowhere"):
        rules.fold(law(), replace(CASE, profile="nowhere"), FILED, TODAY, NOW_NS)


def test_excluded_period_goes_on_until_its_own_kind_ends() -> None:
    found = state(
        *FILED,
        event("clock_stopped", 20260201, period="stay"),
        event("clock_resumed", 20260210, period="auction_period"),
    )
    assert found.stopped_by == ("stay",)
    assert [one.why for one in found.pending] == ["start_unknown"]
    closing = node(found, 31)
    assert (closing.due, closing.is_stopped) == (0, True)
    assert node(found, 2).due == 20260115  # no other node is stopped


def test_nothing_but_the_closing_is_ever_stopped() -> None:
    stopped = (
        event("clock_stopped", 20260110, period="stay"),
        event("clock_resumed", 20260310, period="stay"),
    )
    things = (
        event("measure_effective", 20260115, thing="p1", property="deposit"),
        event("appraisal_served", 20260115, thing="p2"),
    )
    plain, held = state(*FILED, *things), state(*FILED, *things, *stopped)
    for before, after in zip(plain.nodes, held.nodes, strict=True):
        assert (before == after) == (before.number != 31)


@pytest.mark.parametrize("is_backwards", [False, True])
def test_excluded_period_that_begins_anew_on_the_day_of_its_end_goes_on(is_backwards: bool) -> None:
    turns = [
        event("clock_stopped", 20260201, "s1", period="settlement_period"),
        event("clock_resumed", 20260206, "r1", period="settlement_period"),
        event("clock_stopped", 20260206, "s2", period="settlement_period"),
        event("clock_resumed", 20260211, "r2", period="settlement_period"),
    ]
    found = state(*FILED, *(reversed(turns) if is_backwards else turns))
    assert [(stop.since, stop.until) for stop in found.stops] == [(20260201, 20260206), (20260206, 20260211)]
    whole = state(*FILED, turns[0], turns[3])
    assert node(found, 31).due == node(whole, 31).due == 20260720
    alone = state(*FILED, turns[1], turns[2])
    assert [(stop.since, stop.until) for stop in alone.stops] == [(20260206, 20260206)]
    assert not alone.pending
