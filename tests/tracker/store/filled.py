"""Filled: a store with cases of two courts, begun on many days, under three profiles, with some events."""

from chakong.tracker.v1 import case_pb2
from runtime.calendar import add_days
from tests.tracker.world import OTHERS, OURS, Store, event, recorded, registration
from tracker.store.work import Register

DAYS = (20260510, 20260601, 20260713, 20260824, 20261012, 20261101, 20261110, 20261116, 20261120)
HANDLERS = ("", "judge-1", "judge-2")
PROFILES = ("", "local-a", "local-b")


def court_of(number: int) -> str:
    """Every fifth case is the other court's."""
    return OTHERS if number % 5 == 0 else OURS


def fill(store: Store, *, with_events: bool = False) -> None:
    """Thirty-six cases."""
    works = []
    for number, day in enumerate(DAYS * 4):
        court = court_of(number)
        events = [event("application_received", day), event("filing", day)]
        if number % 3 == 0:
            events.append(event("distribution", add_days(day, 2)))
        made = registration(
            number, *events, court=court, profile=PROFILES[number % 3], non_litigation=number % 4 == 0
        )
        made.case.handler = HANDLERS[number % 3]
        works.append(Register(court, made))
    assert [outcome.error for outcome in store.do(*works) if outcome.error] == []
    if with_events:
        _record(store)


def _record(store: Store) -> None:
    """What recomputing has to look at closely: stopped clocks, measures, extensions, clues."""
    works = []
    for number, day in enumerate(DAYS * 4):
        at, court = add_days(day, 2), court_of(number)
        events = [
            event("clue_received", at, thing="clue-1", detail=case_pb2.Detail(is_urgent=number % 2 == 0)),
            event("property_found", at, thing="p-1", detail=case_pb2.Detail(property="deposit")),
            event("measure_effective", at, thing="p-1", detail=case_pb2.Detail(property="deposit")),
        ]
        if number % 4 == 1:
            stop = case_pb2.Detail(period="settlement_period")
            events.append(event("clock_stopped", at, detail=stop, basis="b"))
            if number % 8 == 1:
                later = add_days(at, 1)
                events.append(event("clock_resumed", later, detail=stop, basis="b"))
        works += [recorded(number, made, court) for made in events]
    assert [outcome.error for outcome in store.do(*works) if outcome.error] == []
