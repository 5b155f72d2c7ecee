"""Turns: who waits for a place gets it, and a watch that is quiet gives it up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from runtime import turns as module
from runtime.turns import AT_ONCE_S, ENDED_S, Turns, each
from tests.patience import DEADLINE_S


class FakeCall:
    """A watch that tells what there is, and then ends or is quiet."""

    def __init__(self, told: list[int], *, ends: bool) -> None:
        self._told = told
        self._ends = ends
        self.is_cancelled = False

    async def __aiter__(self) -> AsyncIterator[int]:
        if self._told:
            yield self._told.pop(0)
        elif not self._ends:
            await asyncio.Event().wait()

    def cancel(self) -> None:
        self.is_cancelled = True


async def test_who_waits_for_a_place_is_seen() -> None:
    turns = Turns(1)
    await turns.take()
    assert not turns.is_wanted
    second = asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    assert turns.is_wanted
    turns.give_back()
    await second
    assert not turns.is_wanted


@pytest.mark.parametrize(("ends", "expected_s"), [(True, ENDED_S), (False, AT_ONCE_S)])
async def test_a_watch_is_read_until_it_ends_or_is_quiet_while_another_waits(
    monkeypatch: pytest.MonkeyPatch, ends: bool, expected_s: float
) -> None:
    monkeypatch.setattr(module, "QUIET_S", 0.001)
    turns = Turns(1)
    await turns.take()
    waiting = asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    call, taken = FakeCall([1, 2, 3], ends=ends), list[int]()

    async def take(one: int) -> None:
        taken.append(one)

    async with asyncio.timeout(DEADLINE_S):
        assert await each(cast("Any", call), take, turns) == expected_s
    assert (taken, call.is_cancelled) == ([1, 2, 3], True)
    turns.give_back()
    await waiting
