"""Steady: goes on after what failed outside, with longer and longer pauses, and hides no fault of ours."""

import asyncio
import logging

import grpc
import pytest

from runtime.chance import Chance
from runtime.errors import UnavailableError
from runtime.settings_follow import Follow
from runtime.steady import Steady
from tests.patience import DEADLINE_S
from tests.tracker.follow.bench import failure
from tracker.follow.counts import Counts


def steady(counts: Counts, max_ms: int = 2) -> Steady:
    settings = Follow(backoff_base_ms=1, backoff_max_ms=max_ms)
    return Steady(settings, Chance(seed=1), counts)


async def run(made: Steady, outcomes: list[object]) -> int:
    """How many steps were done until the outcomes came to their end."""
    ended = asyncio.Event()
    done = 0

    async def step() -> float:
        nonlocal done
        done += 1
        if len(outcomes) == 1:
            ended.set()
        outcome = outcomes.pop(0) if outcomes else 60.0
        if isinstance(outcome, Exception):
            raise outcome
        return 0.0 if outcomes else 60.0

    running = asyncio.create_task(made.keep_doing("work", step))
    async with asyncio.timeout(DEADLINE_S):
        waiting = asyncio.create_task(ended.wait())
        await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    if running.done():
        await running
    running.cancel()
    return done


async def test_what_fails_outside_is_tried_again_and_told_once_in_a_row(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counts = Counts()
    away = [failure(grpc.StatusCode.UNAVAILABLE), UnavailableError("gone"), failure(grpc.StatusCode.INTERNAL)]
    with caplog.at_level(logging.WARNING):
        assert await run(steady(counts), [0.0, *away, 0.0, UnavailableError("gone"), 0.0]) == 7
    assert counts.troubles["work"] == 4
    assert [record.message for record in caplog.records] == ["following was interrupted"] * 2


async def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        await run(steady(Counts()), [ZeroDivisionError(), 0.0])


def test_pauses_grow_to_their_limit() -> None:
    made = steady(Counts(), max_ms=64)
    pauses_ms = [made.pause_s(failures) * 1_000 for failures in (0, 3, 6, 60)]
    for pause_ms, middle_ms in zip(pauses_ms, (1, 8, 64, 64), strict=True):
        assert middle_ms / 2 <= pause_ms <= middle_ms * 1.5
