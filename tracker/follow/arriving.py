"""Arriving: what is to be done once a case is registered: what was told of it before, and its first inquiry.

Two passes over the cases in the order of their numbers, each with a cursor that is kept: inquiries have a
pace, and nothing that was told waits for that.
"""

import asyncio
from typing import TYPE_CHECKING, Final

from runtime.clock import now_ns
from tracker.follow.orders import first_inquiries
from tracker.store.work import Batch

if TYPE_CHECKING:
    from tracker.follow.known import Cases
    from tracker.follow.ordering import Ordering
    from tracker.follow.recorder import Recorder
    from tracker.follow.strays import Stray, Strays
    from tracker.store.desk import Desk
    from tracker.store.reader import Reader

CASES_AT_ONCE: Final = 500
LOOK_EVERY_S: Final = 0.5
AT_ONCE_S: Final = 0.0
ARRIVED: Final = "follow:arrived"
STARTED: Final = "follow:started"
# As long as the gateway keeps its frames, unless told otherwise.
STRAYS_KEEP_NS: Final = 400 * 86_400 * 1_000_000_000
FORGET_EVERY_S: Final = 3_600.0


class Arriving:
    """`profiles`: of courts whose new cases get their first inquiry unasked."""

    def __init__(
        self,
        reader: "Reader",
        cases: "Cases",
        strays: "Strays",
        desk: "Desk",
        recorder: "Recorder",
        ordering: "Ordering",
        profiles: frozenset[str],
    ) -> None:
        self._reader = reader
        self._cases = cases
        self._strays = strays
        self._desk = desk
        self._recorder = recorder
        self._ordering = ordering
        self._profiles = profiles

    async def join_strays(self) -> float:
        """Record what was told of the next new cases before they were registered; when to look again."""
        after = await asyncio.to_thread(self._reader.cursor, ARRIVED)
        found = await asyncio.to_thread(self._cases.registered_after, after, CASES_AT_ONCE)
        if not found:
            return LOOK_EVERY_S
        # What was told before a transfer was told to the court that registered the case.
        places = {(one.owned.case.court_code, one.owned.case.case_number) for one in found}
        strays = await asyncio.to_thread(self._strays.of, places)
        by_court: dict[str, list[Stray]] = {}
        for stray in strays:
            by_court.setdefault(stray.court, []).append(stray)
        for court, ours in by_court.items():
            await self._recorder.take_strays(court, ours)
        if strays:
            taken = {(stray.court, stray.case_number) for stray in strays}
            await asyncio.to_thread(self._strays.forget, taken)
        await self._desk.do(Batch((), {ARRIVED: found[-1].case_no}))
        return AT_ONCE_S

    async def start_inquiries(self) -> float:
        """Order the first inquiries of the next new cases; when to look again."""
        after = await asyncio.to_thread(self._reader.cursor, STARTED)
        found = await asyncio.to_thread(self._cases.registered_after, after, CASES_AT_ONCE)
        for one in found:
            inquiries = first_inquiries(one.owned, self._profiles) if one.is_open else []
            if inquiries:
                await self._ordering.put("first", inquiries)
                await self._desk.do(Batch((), {STARTED: one.case_no}))
        if not found:
            return LOOK_EVERY_S
        await self._desk.do(Batch((), {STARTED: found[-1].case_no}))
        return AT_ONCE_S

    async def forget_strays(self) -> float:
        """Let go of what nobody registered a case for."""
        await asyncio.to_thread(self._strays.forget_before, now_ns() - STRAYS_KEEP_NS)
        return FORGET_EVERY_S
