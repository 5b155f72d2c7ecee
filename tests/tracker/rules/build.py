"""Build: short ways to say what happened in a case. A test helper; ids are given by position where none
matters."""

from functools import cache
from typing import Any

from runtime import calendar
from runtime import data as installed
from tracker import rules
from tracker.model import NO_DETAIL, Case, Detail, Event, Node, State
from tracker.rules.law import Law, load

# The end of 2026, when everything here is known.
TODAY = 20261231
NOW_NS = calendar.midnight_ns(TODAY)
CASE = Case("京0105-1", "京0105", "(2026)京0105执1号", claim_fen=10_000_000)


@cache
def law() -> Law:
    return load(installed.law_texts())


def changed(name: str, old: str, new: str) -> Law:
    """The installed law with one passage changed."""
    texts = installed.law_texts()
    assert old in texts[name]
    return load({**texts, name: texts[name].replace(old, new)})


def event(kind: str, effective: int, event_id: str = "", thing: str = "", **given: Any) -> Event:
    """By an officer, with a basis; what is no field of an event is its detail's."""
    of_event = {name: given.pop(name) for name in list(given) if name in Event.__slots__}
    settled = {"recorded_ns": NOW_NS, "officer": "officer-1", "basis": "ruling", **of_event}
    return Event(
        event_id=event_id or f"{kind}-{effective}-{thing}",
        case_id=CASE.case_id,
        kind=kind,
        effective=effective,
        thing=thing,
        detail=Detail(**given) if given else NO_DETAIL,
        **settled,
    )


def state(*events: Event, case: Case = CASE, as_of: int = TODAY, known_ns: int = NOW_NS) -> State:
    return rules.fold(law(), case, events, as_of, known_ns)


def node(found: State, number: int, thing: str = "", which: int = 1) -> Node:
    """The only such node, or the round asked for."""
    (one,) = [node for node in found.nodes if (node.number, node.thing, node.round) == (number, thing, which)]
    return one


def has_node(found: State, number: int, thing: str = "") -> bool:
    return any((node.number, node.thing) == (number, thing) for node in found.nodes)


def refused(*events: Event, case: Case = CASE) -> str:
    """The rule that refuses the last event on top of the others, which are all taken; "" if none does."""
    for position, one in enumerate(events):
        found = rules.check(law(), case, state(*events[:position], case=case), one)
        if position == len(events) - 1:
            return "" if found is None else found.rule.value
        assert found is None, found
    return ""


FILED = (event("application_received", 20260105), event("filing", 20260108))
ENDING = (
    *FILED,
    event("notice_served", 20260115),
    event("report_order_served", 20260116),
    event("online_inquiry", 20260401, inquiry="i1", is_full=True, items=(1, 2, 3, 13, 24)),
    event("traditional_inquiry_done", 20260402),
    event("no_property_found", 20260403),
    event("without_property", 20260404),
    event("consumption_restricted", 20260405),
    event("suspension_talk", 20260406),
    event("panel_decided", 20260409),
    event("suspension_ruled", 20260410),
)
ENDED = event("closing", 20260413, "ended", manner="ended_for_now")
CLOSED = event("closing", 20260601, "closed", manner="completed")
