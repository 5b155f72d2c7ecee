"""Watching: every court gets its turn, and a watch goes on from where it was."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from runtime import turns
from runtime.chance import Chance
from runtime.settings_follow import Follow
from runtime.steady import Steady
from tests.patience import DEADLINE_S
from tracker.follow.counts import Counts
from tracker.follow.watching import Watching

COURTS = ("a", "b", "c")


class FakeCall:
    """A watch that tells one thing, and then nothing until it is ended."""

    def __init__(self, told: list[int]) -> None:
        self._told = told
        self.is_cancelled = False

    async def __aiter__(self) -> AsyncIterator[int]:
        if self._told:
            yield self._told.pop(0)
        else:
            await asyncio.Event().wait()

    def cancel(self) -> None:
        self.is_cancelled = True


class World:
    """Courts, what there is to be told of each, and what was taken."""

    def __init__(self, told_count: int) -> None:
        self.left = {court: list(range(1, told_count + 1)) for court in COURTS}
        self.taken: dict[str, list[int]] = {court: [] for court in COURTS}
        self.calls: list[FakeCall] = []
        self.cursors: list[tuple[str, int]] = []
        self.has_all = asyncio.Event()

    # As gateway, as reader, as cases, and as recorder.
    def watch_answers(self, court: str, cursor: int) -> FakeCall:
        self.cursors.append((court, cursor))
        self.calls.append(FakeCall(self.left[court]))
        return self.calls[-1]

    def watch_holds(self, _court: str, _cursor: int) -> FakeCall:
        self.calls.append(FakeCall([]))
        return self.calls[-1]

    def cursor(self, name: str) -> int:
        kind, _, court = name.partition(":")
        return len(self.taken[court]) if kind == "answers" else 0

    def courts_after(self, court_id: int, _limit: int) -> list[tuple[int, str]]:
        return list(enumerate(COURTS, 1))[court_id:]

    async def take_answers(self, court: str, response: int) -> None:
        self.taken[court].append(response)
        if not any(self.left.values()):
            self.has_all.set()

    async def take_holds(self, _court: str, _response: int) -> None:
        raise AssertionError("nothing was told of holds")


async def followed(world: World, courts_at_once: int) -> Counts:
    """Until all that there is was taken."""
    counts = Counts()
    steady = Steady(Follow(), Chance(seed=1), counts)
    part = cast("Any", world)
    made = Watching(part, part, part, part, steady, counts, courts_at_once)
    running = asyncio.create_task(made.run())
    try:
        async with asyncio.timeout(DEADLINE_S):
            await world.has_all.wait()
    finally:
        running.cancel()
        await asyncio.wait((running,))
    return counts


@pytest.mark.parametrize("courts_at_once", [1, 2, 3])
async def test_every_court_is_followed_however_few_places_there_are(
    courts_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "QUIET_S", 0.001)
    world = World(told_count=3)
    counts = await followed(world, courts_at_once)
    assert world.taken == {court: [1, 2, 3] for court in COURTS}
    assert all(call.is_cancelled for call in world.calls)
    assert (counts.watching, dict(+counts.troubles)) == (0, {})
    # Each watch began after what had been taken.
    assert all(cursor <= 3 for _, cursor in world.cursors)
