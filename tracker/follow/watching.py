"""Watching: follows one court's answers and holds, each from the cursor that was kept.

Where there are more courts than may be watched at a time, they take turns: who has been told nothing for a
while lets the next one have the place. A watch that breaks is resumed at its cursor.
"""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracker.follow.recorder import answers_cursor, holds_cursor

if TYPE_CHECKING:
    from grpc import aio

    from tracker.follow.counts import Counts
    from tracker.follow.gateway import Gateway
    from tracker.follow.known import Cases
    from tracker.follow.recorder import Recorder
    from tracker.follow.steady import Steady
    from tracker.store.reader import Reader

# A court without a word for so long is quiet; a gateway tells what it has kept much faster.
QUIET_S: Final = 1.0
# New courts are found after so long at most.
LOOK_EVERY_S: Final = 1.0
COURTS_AT_ONCE: Final = 1_000
AT_ONCE_S: Final = 0.0
# A gateway that ends a watch is stopping.
ENDED_S: Final = 0.5

T = TypeVar("T")


class Turns:
    """Places for so many watches."""

    def __init__(self, count: int) -> None:
        self._places = asyncio.Semaphore(count)
        self._waiting = 0

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for a place."""
        return self._waiting > 0

    async def take(self) -> None:
        """Wait for a place; who comes first is served first."""
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1

    def give_back(self) -> None:
        """Let the next one have it."""
        self._places.release()


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
            return await _each(call, lambda one: self._recorder.take_answers(court, one), self._answer_turns)

        return self._in_turn(follow, self._answer_turns)

    def _following_holds(self, court: str) -> Callable[[], Awaitable[float]]:
        async def follow() -> float:
            cursor = await asyncio.to_thread(self._reader.cursor, holds_cursor(court))
            call = self._gateway.watch_holds(court, cursor)
            return await _each(call, lambda one: self._recorder.take_holds(court, one), self._hold_turns)

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


async def _each(
    call: "aio.UnaryStreamCall[Any, T]", take: Callable[[T], Awaitable[None]], turns: Turns
) -> float:
    """Take each response, until the watch ends, or is quiet while another court waits; when to watch
    again."""
    try:
        while True:
            coming = asyncio.create_task(_read(call))
            try:
                while not (await asyncio.wait((coming,), timeout=QUIET_S))[0]:
                    if turns.is_wanted:
                        return AT_ONCE_S
            finally:
                # What reads a call ends it when it is cancelled.
                coming.cancel()
            response = coming.result()
            if response is None:
                return ENDED_S
            await take(response)
    finally:
        call.cancel()


async def _read(call: AsyncIterable[T]) -> T | None:
    """The next response; None: the gateway ended the watch. grpc.RpcError when it failed."""
    async for response in call:
        return response
    return None
