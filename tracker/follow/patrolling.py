"""Patrolling: asks again about cases that are ended for now, on the days that the law gives them.

One pass over all of them for each day, page by page, with a place that is kept. After days without a tracker
the pass covers all days since the last one; a case is asked about once then. So is one whose ending is
recorded when a day of it has passed already. The first pass of all looks back no further than its own day.
"""

import asyncio
from typing import TYPE_CHECKING, Final

from runtime.calendar import add_days, date_of
from runtime.clock import now_ns
from tracker.follow.known import Place
from tracker.follow.orders import patrols
from tracker.rules import patrol
from tracker.store.work import Batch

if TYPE_CHECKING:
    from tracker.follow.known import Cases
    from tracker.follow.ordering import Ordering
    from tracker.rpc.lawyer import Lawyer
    from tracker.store.desk import Desk
    from tracker.store.reader import Reader

CASES_AT_ONCE: Final = 1_000
LOOK_EVERY_S: Final = 60.0
AT_ONCE_S: Final = 0.0
# The last day that is done; the day that is being done, and how far.
DONE: Final = "patrol:done"
DOING: Final = "patrol:doing"
STATUS_DAY: Final = "patrol:status_day"
CASE_NO: Final = "patrol:case_no"
# The last event that was looked at for endings of days that are done.
SEQ: Final = "patrol:seq"


class Patrolling:
    """Of one database."""

    def __init__(
        self, reader: "Reader", cases: "Cases", lawyer: "Lawyer", desk: "Desk", ordering: "Ordering"
    ) -> None:
        self._reader = reader
        self._cases = cases
        self._lawyer = lawyer
        self._desk = desk
        self._ordering = ordering

    async def step(self) -> float:
        """The next page of cases; when to look again."""
        today = date_of(now_ns())
        done, doing, status_day, case_no = await asyncio.to_thread(self._places)
        if not done:
            done = add_days(today, -1)
            await self._keep({DONE: done, SEQ: await asyncio.to_thread(self._reader.last_seq)})
        if not doing:
            if done >= today:
                return await self._catch_up(done)
            doing = today
            await self._keep({DONE: done, DOING: doing})
        found = await asyncio.to_thread(self._cases.ended_after, Place(status_day, case_no), CASES_AT_ONCE)
        if not found:
            await self._keep({DONE: doing, DOING: 0, STATUS_DAY: 0, CASE_NO: 0})
            return AT_ONCE_S
        law = (await asyncio.to_thread(self._lawyer.latest)).law
        for place, owned in found:
            day = patrol.next_day(law, owned.case.case_number, place.status_day, done)
            inquiries = patrols(owned, day) if 0 < day <= doing else []
            if inquiries:
                await self._ordering.put("patrol", inquiries)
                await self._keep_place(place)
        await self._keep_place(found[-1].place)
        return AT_ONCE_S

    async def _catch_up(self, done: int) -> float:
        """Ask about the next cases whose endings were recorded after their day; when to look again."""
        seq = await asyncio.to_thread(self._reader.cursor, SEQ)
        last_seq = await asyncio.to_thread(self._reader.last_seq)
        found = await asyncio.to_thread(self._cases.ended_since, seq, CASES_AT_ONCE)
        law = (await asyncio.to_thread(self._lawyer.latest)).law
        for at, (place, owned) in found:
            day = patrol.last_day(law, owned.case.case_number, place.status_day, done)
            inquiries = patrols(owned, day) if day else []
            if inquiries:
                # What was asked about on its day is the same order, and asks nothing again.
                await self._ordering.put("patrol", inquiries)
                await self._keep({SEQ: at})
        has_more = len(found) == CASES_AT_ONCE
        reached = found[-1][0] if has_more else max([last_seq, *(at for at, _ in found)])
        if reached > seq:
            await self._keep({SEQ: reached})
        return AT_ONCE_S if has_more else LOOK_EVERY_S

    def _places(self) -> tuple[int, int, int, int]:
        done, doing, status_day, case_no = map(self._reader.cursor, (DONE, DOING, STATUS_DAY, CASE_NO))
        return done, doing, status_day, case_no

    async def _keep_place(self, place: Place) -> None:
        await self._keep({STATUS_DAY: place.status_day, CASE_NO: place.case_no})

    async def _keep(self, cursors: dict[str, int]) -> None:
        await self._desk.do(Batch((), cursors))
