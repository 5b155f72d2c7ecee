"""Folding: a case's state out of its events, as of any day, as known at any moment.

Pure. The state is the same in whatever order the events came; nothing in it but its warnings depends on the
day of reading.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from tracker.model import NO_DETAIL, Case, Event, Node, Pending, State, Stop
from tracker.rules import counting, reckoning
from tracker.rules.alerts import alerts
from tracker.rules.law import Law
from tracker.rules.life import Life, life
from tracker.rules.places import places, without_effect
from tracker.rules.reckoning import Circumstances
from tracker.rules.rounds import Run, run, walk
from tracker.rules.things import things
from tracker.rules.timeline import facts
from tracker.rules.words import (
    CLOCK_RESUMED,
    CLOCK_STOPPED,
    CLOSING,
    ENDED_FOR_NOW,
    EXTENSION,
    NATIONAL,
    ONLINE_INQUIRY,
    SUSPENSION_START,
    TERM,
    TRANSFERRED,
)

# Cases whose few events are of the same kinds and days have the same nodes: whole bulks of registrations.
CACHED_COUNT: Final = 65_536
CACHED_EVENTS_MAX: Final = 8


class Made(NamedTuple):
    """What the events of a case make."""

    nodes: tuple[Node, ...]
    pending: tuple[Pending, ...]
    stops: tuple[Stop, ...]
    life: Life


def fold(law: Law, case: Case, events: Iterable[Event], as_of: int, known_ns: int) -> State:
    """The state of a case at the end of the day `as_of`, by what had been recorded at `known_ns`. LookupError
    for a profile that the law does not have."""
    found = facts(events, as_of, known_ns)
    made = make(law, case, found.history)
    court = next(
        (
            event.detail.court
            for event in reversed(found.history)
            if event.kind == TRANSFERRED and event.detail.court
        ),
        case.court,
    )
    phase = made.life.now
    return State(
        status=phase.status,
        status_day=phase.since,
        court=court,
        nodes=made.nodes,
        pending=(*made.pending, *found.lost) if found.lost else made.pending,
        stops=made.stops,
        alerts=alerts(law, made.nodes, found.history, as_of),
        history=found.history,
        voided=found.voided,
        as_of=as_of,
        law_version=law.version,
    )


def make(law: Law, case: Case, history: tuple[Event, ...]) -> Made:
    """What the facts of a case make; `history` as timeline.facts gives it. LookupError as fold."""
    profile = case.profile or NATIONAL
    if profile not in law.started:
        raise LookupError(f"profile: {profile!r} is not in the law, it has {', '.join(law.profiles)}")
    made = _plain(law, profile, case.is_litigation, history)
    if made is not None:
        return made
    return _make(law, profile, case.is_litigation, history, case.subject_count)


def _plain(law: Law, profile: str, is_litigation: bool, history: tuple[Event, ...]) -> Made | None:
    """What few events without detail make, remembered; None: there are others."""
    if len(history) > CACHED_EVENTS_MAX:
        return None
    for event in history:
        if event.thing or event.detail is not NO_DETAIL:
            return None
    made = _remembered(law, profile, is_litigation, tuple((event.kind, event.effective) for event in history))
    # What is pending is named by its event's id, which is not remembered.
    return None if made.pending else made


@lru_cache(CACHED_COUNT)
def _remembered(law: Law, profile: str, is_litigation: bool, history: tuple[tuple[str, int], ...]) -> Made:
    # Each has an id of its own: inquiries are counted by them.
    events = tuple(
        Event(str(number), "", kind, effective, 0) for number, (kind, effective) in enumerate(history)
    )
    # Without detail no inquiry is full, however many debtors there are.
    return _make(law, profile, is_litigation, events, 0)


def _make(
    law: Law, profile: str, is_litigation: bool, history: tuple[Event, ...], subject_count: int
) -> Made:
    lived = life(history)
    idle = without_effect(law, history, lived)
    effective = tuple(event for event in history if event.event_id not in idle) if idle else history
    about = things(effective)
    found = places(law, profile, effective, lived, about)
    stops, orphans = excluded(effective)
    case = Circumstances(
        law=law,
        profile=profile,
        is_litigation=is_litigation,
        stops=counting.spans((stop.since, stop.until) for stop in stops),
        endings=tuple(event.effective for event in effective if _is_ending(event)),
        extensions=tuple(event for event in effective if event.kind == EXTENSION),
        inquiries=tuple(event for event in effective if event.kind == ONLINE_INQUIRY),
        subject_count=subject_count,
    )
    pending = [*idle.values(), *found.pending, *orphans]
    nodes: list[Node] = []
    extended: set[str] = set()
    for place, entries in sorted(found.entries.items()):
        if law.nodes[place[0]].kind == TERM:
            runs = run(entries, _due_of(law, law.nodes[place[0]].term))
            pending += runs.pending
            made = [reckoning.term_node(case, place[1], place[0], one) for one in runs.runs]
        else:
            walked = walk(entries)
            pending += walked.pending
            made = []
            for one in walked.rounds:
                more = reckoning.extend(case, place[0], one)
                extended.update(more.used)
                pending += more.pending
                made.append(reckoning.node_of(case, place[1], place[0], one, more))
        nodes += [node._replace(round=number) for number, node in enumerate(made, 1)] if made[1:] else made
    pending += [
        Pending(event.event_id, event.kind, event.thing, "start_unknown")
        for event in case.extensions
        if event.event_id not in extended
    ]
    return Made(tuple(nodes), tuple(sorted(set(pending))), stops, lived)


def excluded(history: Iterable[Event]) -> tuple[tuple[Stop, ...], list[Pending]]:
    """The excluded periods of a case, and the ends of those that were never begun. Of one kind there is one
    at a time; on one day the end of the one that goes on goes first, then a beginning, then its end."""
    days: dict[tuple[int, str], tuple[list[Event], list[Event]]] = {}
    for event in history:
        if event.kind in (CLOCK_STOPPED, CLOCK_RESUMED):
            of_day = days.setdefault((event.effective, event.detail.period), ([], []))
            of_day[event.kind == CLOCK_RESUMED].append(event)
    first: dict[str, int] = {}
    for (day, period), (began, _) in days.items():
        if began:
            first[period] = min(day, first.get(period, day))
    open_since: dict[str, int] = {}
    stops: list[Stop] = []
    pending: list[Pending] = []
    for day, period in sorted(days):
        began, ended = days[day, period]
        if period not in first or day < first[period]:
            why = "before_start" if period in first else "start_unknown"
            pending += [Pending(event.event_id, event.kind, "", why) for event in ended]
            continue
        goes_on = period in open_since
        if ended and goes_on:
            stops.append(Stop(period, open_since.pop(period), day))
        if began:
            open_since.setdefault(period, day)
            if ended and not goes_on:
                stops.append(Stop(period, open_since.pop(period), day))
    stops += [Stop(period, since, 0) for period, since in open_since.items()]
    return tuple(sorted(stops, key=lambda stop: (stop.since, stop.period))), pending


def _is_ending(event: Event) -> bool:
    return event.kind == SUSPENSION_START or (event.kind == CLOSING and event.detail.manner == ENDED_FOR_NOW)


def _due_of(law: Law, kind: str) -> Callable[[Run], int]:
    return lambda one: reckoning.due_of(law, kind, one)
