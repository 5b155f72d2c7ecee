"""Gather: inquiries that came one by one go to the Engine together, and share a frame.

What waits when a round begins is one message of many inquiries; what comes meanwhile is the next round's.
There is no timer: a call that comes alone goes alone, at once. Each has a verdict of its own, and one that
goes away takes nothing from the others. It judges nothing; the Engine does.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from chakong.gateway.v1 import gateway_pb2
from gateway._core import CHECK_OK

if TYPE_CHECKING:
    from gateway._core import Checked

# One is on its way to the disk while the next one is judged and joins the commit after it; with more, rounds
# would only be smaller.
ROUNDS_MAX: Final = 2
# Of one message to the Engine, far below what it takes; a round holds the loop for as long as it is judged.
COUNT_MAX: Final = 1_024
BYTES_MAX: Final = 1 << 20


class Intake(Protocol):
    """The pump, as far as a caller's messages go."""

    async def submit(self, message: bytes, court: str) -> "Checked":
        """Judge a message; returns once what it accepts is durable."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one inquiry. Without a verdict it was newly accepted, as `inquiry_id`; with one it was
    not. A `status` other than CHECK_OK: nothing was taken, for this error."""

    inquiry_id: int = 0
    verdict: gateway_pb2.Verdict | None = None
    status: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Single:
    message: bytes
    outcome: asyncio.Future[Outcome]


class _Court:
    """What waits of one court, and how many rounds of it are under way."""

    def __init__(self) -> None:
        self.waiting: deque[_Single] = deque()
        self.round_count = 0

    def take(self) -> list[_Single]:
        """The next round, without those that went away while they waited: COUNT_MAX and BYTES_MAX at most, or
        one larger message alone."""
        taken: list[_Single] = []
        size_bytes = 0
        while self.waiting and len(taken) < COUNT_MAX:
            size_bytes += len(self.waiting[0].message)
            if taken and size_bytes > BYTES_MAX:
                break
            single = self.waiting.popleft()
            if not single.outcome.done():
                taken.append(single)
        return taken


class Gather:
    """In front of the pump. What waits is bounded by the open calls: each waits for one outcome."""

    def __init__(self, pump: Intake) -> None:
        self._pump = pump
        self._courts: dict[str, _Court] = {}
        self._has_come = asyncio.Event()

    async def submit(self, message: bytes, court: str) -> Outcome:
        """`message`: an encoded SubmitRequest with one inquiry and nothing else. Cancelling the caller takes
        nothing back; raises what Pump.submit raises."""
        known = self._courts.get(court)
        if known is None:
            known = self._courts[court] = _Court()
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        known.waiting.append(_Single(message, outcome))
        self._has_come.set()
        return await outcome

    async def run(self) -> None:
        """Make rounds until cancelled."""
        async with asyncio.TaskGroup() as rounds:
            while True:
                await self._has_come.wait()
                self._has_come.clear()
                for name, court in self._courts.items():
                    while court.round_count < ROUNDS_MAX and (singles := court.take()):
                        court.round_count += 1
                        rounds.create_task(self._round(name, court, singles))

    async def _round(self, name: str, court: _Court, singles: Sequence[_Single]) -> None:
        try:
            outcomes = _outcomes(
                await self._pump.submit(b"".join([one.message for one in singles]), name), len(singles)
            )
        except Exception as error:
            # It is theirs, who wait.
            for single in singles:
                if not single.outcome.done():
                    single.outcome.set_exception(error)
        else:
            for single, outcome in zip(singles, outcomes, strict=True):
                if not single.outcome.done():
                    single.outcome.set_result(outcome)
        finally:
            court.round_count -= 1
            if court.waiting:
                self._has_come.set()


def _outcomes(checked: "Checked", count: int) -> list[Outcome]:
    """One for each inquiry of a message of `count`."""
    if checked.status != CHECK_OK:
        return [Outcome(status=checked.status, error=checked.error)] * count
    first_id = checked.first_inquiry_id
    if checked.accepted == count:
        return [Outcome(first_id + place) for place in range(count)]
    response = gateway_pb2.SubmitBulkResponse.FromString(checked.response)
    verdicts = {verdict.index: verdict for verdict in response.verdicts}
    ids = iter(range(first_id, first_id + checked.accepted))
    return [
        Outcome(verdict=verdicts[place]) if place in verdicts else Outcome(next(ids))
        for place in range(count)
    ]
