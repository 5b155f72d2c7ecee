"""Due: what time alone brings, and when.

Entries may be stale: whoever takes one looks at the hold. So a dropped step leaves nothing that harms. It
reads no clock.
"""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from runtime import calendar

# No day comes after it.
LAST_DATE: Final = 99991231


class Timetable:
    """Deadlines of FREEZEs in order, the last days of holds by date, the days of standing orders, and when
    claims leave."""

    def __init__(self) -> None:
        self._deadlines: deque[tuple[int, int]] = deque()
        self._ending: dict[int, list[int]] = {}
        self._dates: list[int] = []
        # Standing orders are looked at again on the next day.
        self.standing: set[int] = set()
        self.standing_day = 0
        # Claims to look at whether they leave, each once, and when.
        self._settled: set[int] = set()
        self._leaving: list[tuple[int, int]] = []

    def deadline(self, due_ns: int, hold_id: int) -> None:
        """A FREEZE is overdue from then on. Deadlines come in the order of time."""
        self._deadlines.append((due_ns, hold_id))

    def take_back(self, deadline_count: int, last_days: Sequence[int]) -> None:
        """Take back the newest deadlines, and these last days (date, hold, date, hold ...). What was taken
        meanwhile was put back."""
        for _ in range(min(deadline_count, len(self._deadlines))):
            self._deadlines.pop()
        for until, hold_id in zip(last_days[::2], last_days[1::2], strict=True):
            holds = self._ending.get(until, [])
            at = next((at for at in range(len(holds) - 1, -1, -1) if holds[at] == hold_id), None)
            if at is not None:
                del holds[at]

    def last_day(self, until: int, hold_id: int) -> None:
        """A hold ends with this date."""
        holds = self._ending.get(until)
        if holds is None:
            holds = self._ending[until] = []
            heapq.heappush(self._dates, until)
        holds.append(hold_id)

    def next_due_ns(self, is_over: Callable[[int], bool]) -> int:
        """When the first of them is due; 0: never. `is_over`: whether a hold's deadline is met for good."""
        while self._deadlines and is_over(self._deadlines[0][1]):
            self._deadlines.popleft()
        moments = [self._deadlines[0][0]] if self._deadlines else []
        if self._dates and self._dates[0] < LAST_DATE:
            moments.append(calendar.midnight_ns(calendar.add_days(self._dates[0], 1)))
        if self.standing:
            moments.append(calendar.midnight_ns(calendar.date_of_day(self.standing_day + 1)))
        if self._leaving:
            moments.append(self._leaving[0][0])
        return max(1, min(moments)) if moments else 0

    def overdue(self, now_ns: int, count_max: int) -> list[tuple[int, int]]:
        """Take deadlines that have passed, with their holds."""
        found: list[tuple[int, int]] = []
        while self._deadlines and self._deadlines[0][0] <= now_ns and len(found) < count_max:
            found.append(self._deadlines.popleft())
        return found

    def put_back(self, due_ns: int, hold_id: int) -> None:
        """A deadline that was taken; the last taken first."""
        self._deadlines.appendleft((due_ns, hold_id))

    def set_standing_day(self, day: int) -> None:
        """Standing orders were looked at on that day."""
        self.standing_day = day

    def ended(self, today: int, count_max: int) -> list[tuple[int, int]]:
        """Take last days that have passed, with their holds."""
        found: list[tuple[int, int]] = []
        while self._dates and self._dates[0] < today and len(found) < count_max:
            until = self._dates[0]
            holds = self._ending[until]
            room = count_max - len(found)
            found += [(until, hold_id) for hold_id in holds[-room:]]
            del holds[-room:]
            if not holds:
                del self._ending[heapq.heappop(self._dates)]
        return found

    def settled(self, number: int, due_ns: int) -> None:
        """Look then whether this claim leaves, unless it is to be looked at already."""
        if number not in self._settled:
            self._settled.add(number)
            heapq.heappush(self._leaving, (due_ns, number))

    def take_settled(self, now_ns: int) -> tuple[int, int] | None:
        """Take a claim whose time has come, with when it had; None: there is none."""
        if not self._leaving or self._leaving[0][0] > now_ns:
            return None
        due_ns, number = heapq.heappop(self._leaving)
        self._settled.discard(number)
        return due_ns, number
