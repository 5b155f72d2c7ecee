"""Real mistakes, put in one at a time: each is found, and within few seeds."""

from functools import cache

import pytest

from gateway.holds import guard
from tests.simulation.plants import PLANTS, planted
from tests.simulation.seeds import run
from tests.simulation.world import Outcome

# Several times as many as it takes, since any change shifts what a seed brings.
SEEDS_MAX = {
    "lost-resend": 30,
    "double-send": 30,
    "off-by-one-expiry": 60,
    "over-limit-race": 60,
    "forgotten-promotion": 150,
    "forgotten-inquiry": 60,
    "silence-is-nothing": 400,
    "oldest-thing-first": 300,
    "late-lapse": 60,
    "answers-skipped": 60,
    "sent-deduction-ended": 300,
    "gap-taken": 300,
    "second-receipt": 60,
}


@cache
def broken_by(plant: str) -> Outcome:
    """The first world that shows it."""
    found = run(range(SEEDS_MAX[plant]), plant=plant)
    assert found.broken is not None, f"{plant}: not found within {SEEDS_MAX[plant]} seeds"
    return found.broken


@pytest.mark.parametrize("plant", PLANTS)
def test_is_found(plant: str) -> None:
    # The same world holds without the mistake: it is the mistake that is found.
    again = run([broken_by(plant).seed])
    assert again.broken is None, again.sentence()


@pytest.mark.parametrize("plant", PLANTS)
def test_brings_the_same_world_again(plant: str) -> None:
    found = broken_by(plant)
    again = run([found.seed], plant=plant).broken
    assert again is not None
    assert (again.violation, again.trace_hash) == (found.violation, found.trace_hash)


def test_nothing_stays_behind() -> None:
    before = guard.amount_fault
    with planted("over-limit-race"):
        assert guard.amount_fault is not before
    assert guard.amount_fault is before


def test_every_plant_has_its_limit() -> None:
    assert SEEDS_MAX.keys() == PLANTS.keys()
