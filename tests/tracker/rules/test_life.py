"""Life: open, ended for now, closed, and open again."""

import itertools

from hypothesis import given

from tests.tracker.rules.build import event
from tests.tracker.rules.histories import histories
from tracker.model import Event, Status
from tracker.rules.life import UNBORN, Life, life
from tracker.rules.rule import FOREVER
from tracker.rules.timeline import in_order

CLOSED = event("closing", 20260601, "closed", manner="completed")
ENDED = event("closing", 20260413, "ended", manner="ended_for_now")
RESUMED = event("resumption", 20260501, "resumed")


def statuses(found: Life) -> list[tuple[Status, int]]:
    return [(phase.status, phase.since) for phase in found.phases]


def test_case_without_closing_is_open() -> None:
    assert life([event("filing", 20260108)]) is UNBORN


def test_phases_follow_each_other() -> None:
    found = life([ENDED, RESUMED, CLOSED])
    kinds = [status for status, _ in statuses(found)]
    assert kinds == [Status.OPEN, Status.ENDED_FOR_NOW, Status.OPEN, Status.CLOSED]
    assert [since for _, since in statuses(found)] == [0, 20260413, 20260501, 20260601]
    assert (found.ends, found.resumed) == ((20260413, 20260601), (20260501,))
    assert found.status_after(20260430) is Status.ENDED_FOR_NOW
    assert found.now.status is Status.CLOSED


def test_day_of_closing_is_not_yet_closed() -> None:
    found = life([CLOSED])
    assert (found.is_closed_on(20260601), found.is_closed_on(20260602)) == (False, True)
    assert not life([ENDED]).is_closed_on(20260501)
    assert life([ENDED]).was_ended_on(20260413)
    assert not life([ENDED]).was_ended_on(20260412)


def test_second_closing_and_idle_resumption_change_nothing() -> None:
    again = event("closing", 20260602, "again")
    assert [one.why for one in life([CLOSED, again]).pending] == ["closed_before"]
    assert [one.why for one in life([RESUMED]).pending] == ["start_unknown"]


def test_closing_and_resumption_of_one_day_go_both_ways() -> None:
    closed = event("closing", 20260501, "x")
    assert life([closed, RESUMED]).now.status is Status.OPEN
    assert life([ENDED, closed, RESUMED]).now.status is Status.CLOSED


@given(histories())
def test_phases_cover_all_days_without_a_gap(events: list[Event]) -> None:
    phases = life(in_order(events)).phases
    assert (phases[0].since, phases[-1].until) == (0, FOREVER)
    assert all(one.until == other.since for one, other in itertools.pairwise(phases))
    assert all(one.status != other.status for one, other in itertools.pairwise(phases))
