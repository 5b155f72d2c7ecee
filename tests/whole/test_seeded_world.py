"""Seeded world: whole days of courts, endpoints with every fault, and crashes, played on the compiled Engine."""

import pytest

from gateway._core import Engine
from tests.whole.day import Day

SEEDS = 240
PARTS = 8


def play(seed: int) -> Day:
    try:
        day = Day(seed, Engine)
        day.play()
    except Exception as error:
        error.add_note(f"seed {seed}")
        raise
    return day


@pytest.mark.parametrize("part", range(PARTS))
def test_every_seeded_day_ends_as_it_must(part: int) -> None:
    days = [play(seed) for seed in range(part, SEEDS, PARTS)]
    assert sum(day.ledger.answer_count for day in days) > len(days)
