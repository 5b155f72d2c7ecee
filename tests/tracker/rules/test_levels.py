"""Levels: duties warn and become overdue; windows and terms end."""

import pytest

from tests.tracker.rules.build import FILED, event, law, node, state
from tracker.model import NodeState, Urgency
from tracker.rules import levels


@pytest.mark.parametrize(
    ("day", "urgency"),
    [
        (20260109, Urgency.NORMAL),
        (20260112, Urgency.NORMAL),
        (20260113, Urgency.AMBER),
        (20260114, Urgency.AMBER),
        (20260115, Urgency.RED),
        (20260116, Urgency.OVERDUE),
        (20300101, Urgency.OVERDUE),
    ],
)
def test_duty_warns_amber_and_red_and_is_overdue_the_day_after_its_last(day: int, urgency: Urgency) -> None:
    distribution = node(state(*FILED), 2)
    assert levels.urgency(law(), distribution, day) is urgency
    assert levels.state_on(law(), distribution, day) is NodeState.OPEN


def test_window_warns_nobody_and_ends() -> None:
    window = node(state(event("appraisal_served", 20260302, thing="p1")), 19, "p1")
    assert window.due == 20260309
    assert levels.urgency(law(), window, 20260309) is Urgency.NORMAL
    assert levels.urgency(law(), window, 20260310) is None
    assert levels.state_on(law(), window, 20260310) is NodeState.ENDED


def test_term_warns_before_its_last_day_and_ends() -> None:
    term = node(state(event("measure_effective", 20260302, thing="p1", property="deposit")), 15, "p1")
    found = [levels.urgency(law(), term, day) for day in (20270130, 20270131, 20270223, 20270302, 20270303)]
    assert found == [Urgency.NORMAL, Urgency.AMBER, Urgency.RED, Urgency.RED, None]
    assert levels.state_on(law(), term, 20270303) is NodeState.ENDED


def test_duty_without_a_limit_is_never_urgent() -> None:
    talk = node(state(event("no_property_found", 20260302)), 7)
    assert levels.urgency(law(), talk, 20500101) is Urgency.NORMAL


def test_what_is_done_is_not_urgent() -> None:
    done = node(state(*FILED, event("distribution", 20260120)), 2)
    assert levels.urgency(law(), done, 20260201) is None
    assert levels.state_on(law(), done, 20260201) is NodeState.DONE
