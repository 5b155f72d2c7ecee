"""Holds: what has become of a hold, as events of its case.

Pure. A hold is told as it stands now, with everything that was ever ordered on it; from that all of its
events are made again each time, under the same ids. The thing of its events is the property it is on, or,
where another hold of the case is on it too, that hold's own name.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Final

from chakong.gateway.v1.controls_pb2 import ControlView, HoldView
from chakong.tracker.v1.case_pb2 import Event
from chakong.type.v1 import hold_pb2
from runtime.calendar import add_days, add_months, date_of
from tracker.follow.names import thing_of

DONE: Final = hold_pb2.CONTROL_OUTCOME_DONE
# How a hold that was in force ends, by a control.
ENDED_BY: Final = {
    hold_pb2.HOLD_END_RELEASED: hold_pb2.CONTROL_KIND_RELEASE,
    hold_pb2.HOLD_END_DEDUCTED: hold_pb2.CONTROL_KIND_DEDUCT,
}

# (case number, thing) -> the hold that has this name; and the other way round.
Taken = MutableMapping[tuple[str, str], int]


def thing_for(hold: HoldView, taken: Taken) -> str:
    """The name of what the hold is on; remembered in `taken`."""
    thing = thing_of(hold.property)
    own = f"{thing}-h{hold.hold_id}"
    if taken.get((hold.case_number, own)) == hold.hold_id:
        return own
    if taken.setdefault((hold.case_number, thing), hold.hold_id) == hold.hold_id:
        return thing
    taken[hold.case_number, own] = hold.hold_id
    return own


def read_hold(hold: HoldView, terms: Mapping[int, str], taken: Taken, today: int) -> list[Event]:
    """The events of a hold; none before it is in force."""
    kind = terms.get(hold.property.item, "")
    if not hold.effective_from or not kind:
        return []
    thing = thing_for(hold, taken)
    since = min(hold.effective_from, today)
    effective = _event(hold, "effective", "measure_effective", since, thing)
    effective.detail.property = kind
    effective.detail.until = _first_until(hold, since)
    effective.detail.origin = thing_of(hold.property)
    controlled = _event(hold, "controlled", "other_control", since, thing_of(hold.property))
    return [effective, controlled, *_later(hold, thing, since, today)]


def without_persons(hold: HoldView) -> HoldView:
    """A copy with no name and number of anybody in it."""
    copy = HoldView()
    copy.CopyFrom(hold)
    copy.ClearField("subject")
    copy.ClearField("objections")
    for control in copy.controls:
        control.ClearField("text")
    return copy


def hold_of(event_id: str) -> int:
    """The hold whose `measure_effective` has this id; 0: it is none of the follower's."""
    first, _, rest = event_id.partition("-")
    number, _, last = rest.partition("-")
    return int(number) if (first, last) == ("hold", "effective") and number.isdecimal() else 0


def held_thing(thing: str) -> str:
    """The property, of a hold's name."""
    return thing.partition("-h")[0]


def _later(hold: HoldView, thing: str, since: int, today: int) -> Iterator[Event]:
    renewals = _done(hold, hold_pb2.CONTROL_KIND_RENEW)
    for control in renewals:
        on = max(since, min(date_of(control.ended_ns), today))
        event = _event(hold, f"renewed-{control.control_id}", "measure_renewed", on, thing)
        longest = add_months(on, control.months) if control.months else 0
        if control is renewals[-1] and hold.effective_until >= on:
            # An institution's clock may be a day ahead; the shorter term is the safe one.
            event.detail.until = min(hold.effective_until, longest or hold.effective_until)
        else:
            event.detail.until = longest
        yield event
    for control in hold.controls:
        if control.kind == hold_pb2.CONTROL_KIND_DEDUCT and not control.waits_for_approval:
            on = max(since, min(date_of(control.ordered_ns), today))
            yield _event(hold, f"deduction-{control.control_id}", "deduction", on, thing)
    if hold.life == hold_pb2.HOLD_LIFE_ENDED:
        ended = _event(hold, "ended", "measure_ended", max(since, min(_end_day(hold), today)), thing)
        ended.detail.reason = hold_pb2.HoldEnd.Name(hold.end).removeprefix("HOLD_END_")
        yield ended


def _first_until(hold: HoldView, since: int) -> int:
    """The last day of the hold's first term; 0: the longest, where renewals have covered it up."""
    months = next((one.months for one in hold.controls if one.kind == hold_pb2.CONTROL_KIND_FREEZE), 0)
    longest = add_months(since, months) if months else 0
    if _done(hold, hold_pb2.CONTROL_KIND_RENEW):
        return longest
    return min(hold.effective_until, longest or hold.effective_until)


def _end_day(hold: HoldView) -> int:
    """On which the hold was over."""
    if hold.end == hold_pb2.HOLD_END_EXPIRED and hold.effective_until:
        return add_days(hold.effective_until, 1)
    by = ENDED_BY.get(hold.end)
    ends = _done(hold, by) if by is not None else []
    return date_of(ends[-1].ended_ns if ends else hold.changed_ns)


def _done(hold: HoldView, kind: hold_pb2.ControlKind.ValueType) -> list[ControlView]:
    return [one for one in hold.controls if one.kind == kind and one.outcome == DONE]


def _event(hold: HoldView, name: str, kind: str, on: int, thing: str) -> Event:
    return Event(
        event_id=f"hold-{hold.hold_id}-{name}",
        case_number=hold.case_number,
        kind=kind,
        effective=on,
        thing=thing,
        basis=f"hold {hold.hold_id}",
    )
