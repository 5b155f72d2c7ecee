"""Branching: nothing was found only when nothing can be hidden."""

import pytest

from tests.tracker.rules.build import event
from tracker.model import Count
from tracker.rules.branching import is_trifle, is_without_property, left_behind
from tracker.rules.details import END_STATES


@pytest.mark.parametrize("state", END_STATES)
def test_one_other_end_state_is_enough_to_doubt(state: str) -> None:
    ended = [Count("NONE", 5), Count(state, 1)]
    assert is_without_property(True, ended) == (state in {"NONE", "INCAPABLE"})
    assert not is_without_property(False, ended)


def test_inquiry_without_queries_proves_nothing() -> None:
    assert not is_without_property(True, [])
    assert not is_without_property(True, [Count("NONE", 0)])


def test_property_is_left_until_its_measure_ends_or_it_is_handed_over() -> None:
    found = [
        event("property_found", 20260301, str(at), thing=f"p{at}", property="movable") for at in range(3)
    ]
    gone = [event("measure_ended", 20260310, thing="p0"), event("handover", 20260311, thing="p1")]
    assert [one.thing for one in left_behind([*found, *gone], 20260312)] == ["p2"]
    assert [one.thing for one in left_behind([*found, *gone], 20260310)] == ["p1", "p2"]


def test_only_deposits_of_known_amounts_are_trifles() -> None:
    deposit = event("property_found", 20260301, "d", thing="p1", property="deposit", amount_fen=100)
    car = event("property_found", 20260301, "c", thing="p2", property="movable", amount_fen=100)
    unknown = event("property_found", 20260301, "u", thing="p3", property="deposit")
    assert is_trifle([deposit], 10_000)
    assert not is_trifle([deposit, car], 10_000)
    assert not is_trifle([deposit, unknown], 10_000)
