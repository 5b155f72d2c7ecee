"""Holds: their events, made again each time they are told, under names that hold still."""

import pytest

from chakong.type.v1 import hold_pb2
from tests.tracker.follow.told import CASE, TERMS, TODAY, at, control, hold, said
from tracker.follow.holds import Taken, hold_of, read_hold, thing_for, without_persons
from tracker.follow.names import thing_of

RENEW, DEDUCT, RELEASE = (
    hold_pb2.CONTROL_KIND_RENEW,
    hold_pb2.CONTROL_KIND_DEDUCT,
    hold_pb2.CONTROL_KIND_RELEASE,
)
ENDED = hold_pb2.HOLD_LIFE_ENDED
THING = thing_of(hold().property)


def test_a_hold_in_force_has_a_term_and_its_property_is_under_control() -> None:
    events = read_hold(hold(), TERMS, {}, TODAY)
    assert said(events) == [("measure_effective", THING, 20261101), ("other_control", THING, 20261101)]
    detail = events[0].detail
    assert (detail.property, detail.until, detail.origin) == ("deposit", 20271101, THING)


@pytest.mark.parametrize("life", [hold_pb2.HOLD_LIFE_SENT, hold_pb2.HOLD_LIFE_QUEUED, ENDED])
def test_a_hold_that_was_never_in_force_is_no_measure(life: hold_pb2.HoldLife.ValueType) -> None:
    assert read_hold(hold(life=life, since=0, until=0), TERMS, {}, TODAY) == []


def test_a_renewal_has_its_own_day_and_the_first_term_its_own_end() -> None:
    events = read_hold(hold(control(20, RENEW, 20261110, months=12), until=20271110), TERMS, {}, TODAY)
    renewed = [event for event in events if event.kind == "measure_renewed"]
    assert [(event.effective, event.detail.until) for event in renewed] == [(20261110, 20271110)]
    assert events[0].detail.until == 20271101


def test_of_several_renewals_only_the_last_has_the_end_that_is_told() -> None:
    renewals = [control(20, RENEW, 20261105, months=6), control(21, RENEW, 20261110, months=12)]
    events = read_hold(hold(*renewals, until=20271110), TERMS, {}, TODAY)
    assert [event.detail.until for event in events if event.kind == "measure_renewed"] == [20270505, 20271110]


def test_an_institution_whose_clock_is_ahead_makes_no_term_longer_than_ordered() -> None:
    events = read_hold(hold(control(20, RENEW, 20261110, months=12), until=20271111), TERMS, {}, TODAY)
    assert events[-1].detail.until == 20271110


def test_a_hold_of_tomorrow_is_of_today_and_its_term_as_long_as_ordered() -> None:
    event = read_hold(hold(since=20261124, until=20271124), TERMS, {}, TODAY)[0]
    assert (event.effective, event.detail.until) == (TODAY, 20271123)


def test_a_deduction_is_started_with_its_order_but_not_while_it_waits_for_an_officer() -> None:
    events = read_hold(hold(control(30, DEDUCT, 20261112)), TERMS, {}, TODAY)
    assert said(events)[-1] == ("deduction", THING, 20261112)
    assert len(read_hold(hold(control(30, DEDUCT, 20261112, waits=True)), TERMS, {}, TODAY)) == 2
    # Ordered late in the evening, in force after midnight.
    early = read_hold(hold(control(30, DEDUCT, 20261031)), TERMS, {}, TODAY)
    assert early[-1].effective == 20261101


@pytest.mark.parametrize(
    ("end", "controls", "day"),
    [
        (hold_pb2.HOLD_END_RELEASED, [control(40, RELEASE, 20261115)], 20261115),
        (hold_pb2.HOLD_END_DEDUCTED, [control(40, DEDUCT, 20261116)], 20261116),
        (hold_pb2.HOLD_END_EXPIRED, [], 20261121),
        (hold_pb2.HOLD_END_DISPOSED, [], 20261118),
    ],
)
def test_a_hold_ends_on_the_day_of_what_ended_it(
    end: hold_pb2.HoldEnd.ValueType, controls: list[object], day: int
) -> None:
    told = hold(*controls, life=ENDED, end=end, until=20261120, changed_ns=at(20261118))  # type: ignore[arg-type]
    last = read_hold(told, TERMS, {}, TODAY)[-1]
    assert (last.kind, last.effective) == ("measure_ended", day)
    assert last.detail.reason == hold_pb2.HoldEnd.Name(end).removeprefix("HOLD_END_")


def test_a_second_hold_on_the_same_property_has_a_name_of_its_own_whenever_it_is_told() -> None:
    taken: Taken = {}
    first, second, other = hold(), hold(hold_id=10), hold(hold_id=11, locator="6223")
    names = [thing_for(one, taken) for one in (first, second, other)]
    assert names == [THING, f"{THING}-h10", thing_of(other.property)]
    assert [thing_for(one, taken) for one in (second, other, first)] == [names[1], names[2], names[0]]
    # The property itself is under control, by whichever.
    assert said(read_hold(second, TERMS, taken, TODAY))[1][:2] == ("other_control", THING)


def test_the_hold_is_read_off_the_id_of_its_measure() -> None:
    (event, _) = read_hold(hold(), TERMS, {}, TODAY)
    assert hold_of(event.event_id) == 9
    assert [hold_of(one) for one in ("hold-9-ended", "hold-x-effective", "hold-effective", "e1")] == [0] * 4


def test_what_no_law_has_a_term_for_is_no_measure() -> None:
    assert read_hold(hold(), {}, {}, TODAY) == []


def test_nobody_is_named_in_what_is_kept_or_recorded() -> None:
    told = hold()
    told.objections.add(text="王伟 objects")
    events = read_hold(told, TERMS, {}, TODAY)
    for message in (without_persons(told), *events):
        content = message.SerializeToString()
        assert "王伟".encode() not in content
        assert b"110105199003070038" not in content
    assert read_hold(without_persons(told), TERMS, {}, TODAY) == events
    assert without_persons(told).case_number == CASE
