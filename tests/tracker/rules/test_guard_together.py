"""Guard, of events told together: each that is taken so would be taken by itself on top of the others."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.rules.build import CASE, FILED, NOW_NS, TODAY, event, law, state
from tests.tracker.rules.histories import histories
from tracker import rules
from tracker.model import Correction, Event

GIVEN = event("distribution", 20260110)
TOLD = (
    event("online_inquiry", 20260112, source="follower", inquiry="1"),
    event("property_found", 20260112, thing="p1", source="follower", property="deposit"),
    event("with_property", 20260112, source="follower"),
)


def are_taken(known: tuple[Event, ...], *told: Event) -> bool:
    return rules.takes_all(law(), CASE, known, told, TODAY)


def test_what_follows_one_from_the_other_is_taken_together() -> None:
    assert are_taken((*FILED, GIVEN), *TOLD)
    assert are_taken(FILED, GIVEN, *TOLD)
    assert are_taken(FILED, *reversed((GIVEN, *TOLD)))


@pytest.mark.parametrize(
    "wrong",
    [
        event("lunch", 20260201),
        event("distribution", 20260107, "early"),
        event("suspension_start", 20260407),
        event("measure_effective", 20260301, thing="p1", property="deposit", until=20280301),
        event("closing", 20260601, manner="completed"),
        replace(event("corrected", 20260601), correction=Correction("filing", is_void=True)),
    ],
    ids=lambda one: one.kind,
)
def test_one_that_is_wrong_or_special_has_each_judged_by_itself(wrong: Event) -> None:
    assert not are_taken(FILED, *TOLD, wrong)


@settings(max_examples=150)
@given(histories(), st.integers(0, 14))
def test_each_of_those_taken_together_is_taken_on_top_of_the_others(history: list[Event], cut: int) -> None:
    now = [replace(one, recorded_ns=NOW_NS) for one in history]
    known, told = (*FILED, *now[:cut]), now[cut:]
    if not told or not are_taken(known, *told):
        return
    for one in told:
        others = state(*known, *(other for other in told if other is not one))
        assert rules.check(law(), CASE, others, one) is None
