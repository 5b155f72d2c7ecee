"""Watching: follows one court's answers and holds, each from the cursor that was kept.

Where there are more courts than may be watched at a time, they take turns: who has been told nothing for a
while lets the next one have the place. A watch that breaks is resumed at its cursor.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from runtime.turns import Turns, each
from tracker.follow.recorder import answers_cursor, holds_cursor

if TYPE_CHECKING:
    from runtime.steady import Steady
    from tracker.follow.counts import Counts
    from tracker.follow.gateway import Gateway
    from tracker.follow.known import Cases
    from tracker.follow.recorder import Recorder
    from tracker.store.reader import Reader

# New courts are found after so long at most.
LOOK_EVERY_S: Final = 1.0
COURTS_AT_ONCE: Final = 1_000


class Watching:
    """Follows all courts that there are."""

    def __init__(
        self,
        gateway: "Gateway",
        reader: "Reader",
        cases: "Cases",
        recorder: "Recorder",
        steady: "Steady",
        counts: "Counts",
        courts_at_once: int,
    ) -> None:
        self._gateway = gateway
        self._reader = reader
        self._cases = cases
        self._recorder = recorder
        self._steady = steady
        self._counts = counts
        self._answer_turns = Turns(courts_at_once)
        self._hold_turns = Turns(courts_at_once)
        self._last_court_id = 0

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:

            async def look() -> float:
                found = await asyncio.to_thread(self._cases.courts_after, self._last_court_id, COURTS_AT_ONCE)
                for court_id, code in found:
                    tasks.create_task(self._steady.keep_doing("answers", self._following_answers(code)))
                    tasks.create_task(self._steady.keep_doing("holds", self._following_holds(code)))
                    self._last_court_id = court_id
                return LOOK_EVERY_S

            await self._steady.keep_doing("courts", look)

    def _following_answers(self, court: str) -> Callable[[], Awaitable[float]]:
        async def follow() -> float:
            cursor = await asyncio.to_thread(self._reader.cursor, answers_cursor(court))
            call = self._gateway.watch_answers(court, cursor)
            return await each(call, lambda one: self._recorder.take_answers(court, one), self._answer_turns)

        return self._in_turn(follow, self._answer_turns)

    def _following_holds(self, court: str) -> Callable[[], Awaitable[float]]:
        async def follow() -> float:
            cursor = await asyncio.to_thread(self._reader.cursor, holds_cursor(court))
            call = self._gateway.watch_holds(court, cursor)
            return await each(call, lambda one: self._recorder.take_holds(court, one), self._hold_turns)

        return self._in_turn(follow, self._hold_turns)

    def _in_turn(
        self, follow: Callable[[], Awaitable[float]], turns: Turns
    ) -> Callable[[], Awaitable[float]]:
        async def step() -> float:
            await turns.take()
            self._counts.watching += 1
            try:
                return await follow()
            finally:
                self._counts.watching -= 1
                turns.give_back()

        return step
