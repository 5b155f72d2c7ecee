"""Timeline: duplicates, corrections, and the days and moments that cut it."""

from dataclasses import replace

from tests.tracker.rules.build import FILED, NOW_NS, event
from tracker.model import Correction, Event
from tracker.rules.timeline import facts, in_order


def fix(right: Correction, event_id: str = "fix", recorded_ns: int = NOW_NS) -> Event:
    return replace(event("corrected", 20260201, event_id, recorded_ns=recorded_ns), correction=right)


def ids(events: tuple[Event, ...]) -> list[str]:
    return [one.event_id for one in events]


def test_events_stand_in_the_order_of_their_days_whatever_was_recorded_first() -> None:
    late = event("filing", 20260108, "b", recorded_ns=1)
    early = event("application_received", 20260105, "z", recorded_ns=2)
    same = event("distribution", 20260108, "a", recorded_ns=3)
    assert ids(facts([late, same, early], 20260201, NOW_NS).history) == ["z", "a", "b"]
    assert ids(in_order([late, same, early])) == ["z", "a", "b"]


def test_same_event_again_is_one_and_the_first_recorded_stands() -> None:
    first = replace(FILED[0], recorded_ns=5)
    again = replace(FILED[0], recorded_ns=6, effective=20260101)
    for events in ([first, again], [again, first]):
        (found,) = facts(events, 20260201, NOW_NS).history
        assert found.effective == 20260105


def test_day_after_and_moment_after_are_left_out() -> None:
    assert ids(facts(FILED, 20260107, NOW_NS).history) == ["application_received-20260105-"]
    assert facts(FILED, 20260107, NOW_NS - 1).history == ()
    assert len(facts(FILED, 20260108, NOW_NS).history) == 2


def test_corrected_event_may_move_beyond_the_day_asked_for() -> None:
    moved = fix(Correction("filing-20260108-", effective=20260301))
    assert ids(facts([*FILED, moved], 20260201, NOW_NS).history) == ["application_received-20260105-"]


def test_later_correction_replaces_the_earlier_one_and_brings_back_what_was_void() -> None:
    void = fix(Correction("filing-20260108-", is_void=True), "one", NOW_NS - 2)
    back = fix(Correction("filing-20260108-", effective=20260109), "two", NOW_NS - 1)
    assert ids(facts([*FILED, void], 20260201, NOW_NS).voided) == ["filing-20260108-"]
    found = facts([*FILED, back, void], 20260201, NOW_NS)
    assert (found.voided, found.history[-1].effective) == ((), 20260109)


def test_correction_changes_thing_and_detail() -> None:
    clue = event("clue_received", 20260110, "c", thing="c1", is_urgent=True)
    right = Correction("c", effective=20260111, thing="c2")
    (found,) = facts([clue, fix(right)], 20260201, NOW_NS).history
    assert (found.thing, found.effective, found.detail.is_urgent) == ("c2", 20260111, False)


def test_correction_of_a_correction_or_of_nothing_is_lost() -> None:
    of_nothing = fix(Correction("gone"), "a")
    of_it = fix(Correction("a", is_void=True), "b")
    assert [one.event_id for one in facts([of_nothing, of_it], 20260201, NOW_NS).lost] == ["a", "b"]
