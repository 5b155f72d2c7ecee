"""Control line: one endpoint as far as holds go: controls out, receipts in, and what it says by itself.

A control that leaves here was made durable; it comes back from every failure until it has an outcome. A few
calls at a time, so that one slow institution behind a hub does not keep the others. Events are followed, or
polled where they cannot be, from the cursor that is durable. What an endpoint says is taken in slices, so
that one that talks much keeps nobody else. What anything means, only the Ledger knows.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from google.protobuf.message import DecodeError, Message

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.edge.control_call import CallError, ControlCall
from gateway.edge.desk import pieces
from gateway.edge.errors import EdgeError
from gateway.holds.face import Fault, FaultKind
from gateway.holds.reading import Receipt, read_receipt
from gateway.policy import retry
from runtime._plain import Shape
from runtime.clock import now_ns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.directory.model import Endpoint
    from gateway.edge.desk import Desk
    from gateway.holds.ledger import Ledger
    from gateway.holds.sending import Leaving
    from runtime.chance import Chance
    from runtime.settings import Controls as ControlSettings

NS: Final = 1_000_000_000
MS_NS: Final = 1_000_000
EVENTS_MAX: Final = 1_000
# Events that are decided together; the next are not looked at before.
EVENTS_AT_ONCE: Final = 256
# Far above 1,024 receipts or 1,000 events; it keeps an endpoint from holding the loop, and the journal, with
# one message.
MESSAGE_BYTES_MAX: Final = 4 << 20
# Four times what a batch has at most: who says everything twice is heard.
RECEIPTS_MAX: Final = 4_096
# A receipt or an event has a few short texts. What is longer is not put into the journal.
WORD_BYTES_MAX: Final = 16 << 10
UNAVAILABLE: Final = hold_pb2.CONTROL_OUTCOME_UNAVAILABLE
# After so many tries the wait no longer grows.
TRIES_MAX: Final = 32

_BATCHES: Final = Shape(institution_pb2.ReceiptBatch.DESCRIPTOR)
_RECEIPTS: Final = institution_pb2.ReceiptBatch.RECEIPTS_FIELD_NUMBER

M = TypeVar("M", bound=Message)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class ControlLineCounts:
    """What came of one endpoint's controls and events since the start."""

    sent: int = 0
    receipts: int = 0
    unavailable: int = 0
    # Receipts and events that cannot be.
    faults: int = 0
    # Calls that came to nothing, by the status' name.
    failures: Counter[str] = field(default_factory=Counter)
    events: int = 0
    follows: int = 0
    # Whether the endpoint said last that it knows no controls.
    takes_none: bool = False


class ControlLine:
    """One endpoint. Only the event loop's thread may call it; `run` until cancelled."""

    def __init__(
        self,
        endpoint: "Endpoint",
        call: ControlCall,
        desk: "Desk",
        settings: "ControlSettings",
        chance: "Chance",
        replied: Callable[[int], None],
    ) -> None:
        """`replied` is told how many microseconds a call took."""
        self._endpoint = endpoint.index
        self._key = endpoint.key
        self._call = call
        self._desk = desk
        self._settings = settings
        self._chance = chance
        self._replied = replied
        self._due = asyncio.Event()
        # Set once there is a hold at this endpoint, or there may be one: before, nothing can happen to it.
        self._has_holds = asyncio.Event()
        self._failures = 0
        self._follow_failures = 0
        # Controls on their way, or waiting to be tried again.
        self._in_flight: set[int] = set()
        # How often a control was answered without an outcome.
        self._fruitless: dict[int, int] = {}
        self._again: set[asyncio.TimerHandle] = set()
        self.is_following = False
        self.counts = ControlLineCounts()

    @property
    def in_flight(self) -> int:
        """Controls that are on their way or wait to be tried again."""
        return len(self._in_flight)

    def poke(self) -> None:
        """There is something to take."""
        self._has_holds.set()
        self._due.set()

    def follow(self) -> None:
        """There are holds."""
        self._has_holds.set()

    async def run(self) -> None:
        """Send and follow until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(self._settings.calls_max):
                    tasks.create_task(self._send())
                tasks.create_task(self._follow())
        finally:
            for timer in self._again:
                timer.cancel()
            await self._call.close()

    async def list_holds(self, request: institution_pb2.ListHoldsRequest) -> list[hold_pb2.HoldStatement]:
        """A page of an institution's book. CallError."""
        message = await self._call.list_holds(request.SerializeToString(), self._settings.timeout_s)
        page = list(_read(institution_pb2.ListHoldsResponse, message).holds)
        if len(page) > request.page_size:
            raise CallError("TOO_LARGE")
        return page

    # -- controls

    async def _send(self) -> None:
        batch_max = self._settings.batch_max
        while True:
            await self._due.wait()
            self._due.clear()
            controls = self._desk.take(self._endpoint, batch_max)
            if not controls:
                continue
            if len(controls) == batch_max:
                # There may be more: for the other call.
                self._due.set()
            control_ids = {control.control_id for control in controls}
            self._in_flight |= control_ids
            try:
                receipts = await self._exchange(controls)
            except CallError as error:
                if error.is_unimplemented:
                    self._takes_none(is_so=True)
                self.counts.failures[str(error)] += 1
                self._failures += 1
                await asyncio.sleep(self._backoff_s(self._failures))
                self._give_back(control_ids)
            else:
                self._takes_none(is_so=False)
                self._failures = 0
                self._later(control_ids - await self._decided(receipts, control_ids))

    def _takes_none(self, *, is_so: bool) -> None:
        """Say once that the endpoint takes no controls, and once that it does again; they wait meanwhile."""
        if is_so == self.counts.takes_none:
            return
        self.counts.takes_none = is_so
        if is_so:
            log.warning("endpoint takes no controls", extra={"endpoint": self._key})
        else:
            log.info("endpoint takes controls again", extra={"endpoint": self._key})

    async def _exchange(self, controls: "Sequence[Leaving]") -> list[Receipt]:
        """Send; what came. CallError: nothing that counts."""
        self.counts.sent += len(controls)
        sent_ns = now_ns()
        batch = b"".join([control.message for control in controls])
        message = await self._call.control(batch, self._settings.timeout_s)
        words = _words(message)
        self._replied((now_ns() - sent_ns) // 1000)
        if len(message) > WORD_BYTES_MAX:
            word_count = len(words)
            words = [word for word in words if len(word) <= WORD_BYTES_MAX]
            self.counts.faults += word_count - len(words)
        return [read_receipt(word) for word in words]

    async def _decided(self, receipts: "Iterable[Receipt]", control_ids: set[int]) -> set[int]:
        """Have the receipts decided that answer this call, each control's first; which have an outcome."""
        taken: list[Receipt] = []
        left = control_ids.copy()
        for receipt in receipts:
            if receipt.control_id not in left:
                self.counts.faults += 1
                continue
            left.discard(receipt.control_id)
            if receipt.outcome == UNAVAILABLE:
                self.counts.unavailable += 1
                continue
            taken.append(receipt)
        ended: set[int] = set()
        deciding: list[asyncio.Future[list[Fault | None]]] = []
        with suppress(EdgeError):  # no room: their receipts come again
            deciding = self._desk.hear_each(self._receipts, taken)
        for piece, decided in zip(pieces(taken), deciding, strict=False):
            with suppress(EdgeError):  # not durable: they stay without outcome, and their receipts come again
                ended |= self._ended(piece, await decided)
        self._in_flight -= ended
        if self._fruitless:
            for control_id in ended:
                self._fruitless.pop(control_id, None)
        return ended

    def _receipts(self, ledger: "Ledger", receipts: "Sequence[Receipt]") -> list[Fault | None]:
        return ledger.receipts(self._endpoint, receipts)

    def _ended(self, receipts: "Sequence[Receipt]", faults: "Sequence[Fault | None]") -> set[int]:
        """Which of the controls have an outcome now."""
        self.counts.faults += len(faults) - faults.count(None)
        ended = {
            receipt.control_id
            for receipt, fault in zip(receipts, faults, strict=True)
            if fault is None or fault.is_taken
        }
        self.counts.receipts += len(ended)
        return ended

    def _give_back(self, control_ids: "Iterable[int]") -> None:
        self._in_flight.difference_update(control_ids)
        self._desk.give_back(control_ids)

    def _later(self, control_ids: set[int]) -> None:
        """They were answered and have no outcome: due again, but not at once, and each time later."""
        by_tries: dict[int, list[int]] = {}
        for control_id in sorted(control_ids):
            tries = self._fruitless[control_id] = self._fruitless.get(control_id, 0) + 1
            by_tries.setdefault(min(tries, TRIES_MAX), []).append(control_id)
        for tries, together in by_tries.items():
            self._after(self._backoff_s(tries), together)

    def _after(self, delay_s: float, control_ids: list[int]) -> None:
        def again() -> None:
            self._again.discard(timer)
            self._give_back(control_ids)

        timer = asyncio.get_running_loop().call_later(delay_s, again)
        self._again.add(timer)

    def _backoff_s(self, failures: int) -> float:
        base_ns = self._settings.backoff_base_ms * MS_NS
        max_ns = self._settings.backoff_max_ms * MS_NS
        return retry.backoff_ns(max(1, failures), base_ns, max_ns, self._chance.jitter) / NS

    # -- events

    async def _follow(self) -> None:
        await self._has_holds.wait()
        listen = self._stream_events
        while True:
            try:
                self.is_following = True
                self.counts.follows += 1
                await listen()
            except CallError as error:
                if error.is_unimplemented and listen == self._stream_events:
                    listen = self._poll_events
                    continue
                listen = self._stream_events
                self.counts.failures[str(error)] += 1
            except EdgeError:
                pass  # not durable: it is told again, from the cursor that is
            finally:
                self.is_following = False
            self._follow_failures += 1
            await asyncio.sleep(self._backoff_s(self._follow_failures))

    async def _stream_events(self) -> None:
        async with aclosing(self._call.follow(self._position())) as messages:
            async for message in messages:
                await self._take_events(message)
        # It was ended in order; nothing is wrong with the endpoint.
        self._follow_failures = 0

    async def _poll_events(self) -> None:
        while True:
            message = await self._call.poll(self._position(), self._settings.timeout_s)
            is_full_page = await self._take_events(message)
            if not is_full_page:
                await asyncio.sleep(self._settings.poll_every_s)

    def _position(self) -> bytes:
        cursor = self._desk.ledger.cursor(self._endpoint)
        return institution_pb2.FollowRequest(cursor=cursor).SerializeToString()

    async def _take_events(self, message: bytes) -> bool:
        """Have a message's events decided, slice by slice; whether it was a full page. CallError: from here
        on it cannot be taken."""
        events = _read(institution_pb2.HoldEvents, message).events
        for start in range(0, len(events), EVENTS_AT_ONCE):
            slice_ = events[start : start + EVENTS_AT_ONCE]
            if any(event.ByteSize() > WORD_BYTES_MAX for event in slice_):
                raise CallError("TOO_LARGE")
            # All of them are waited for, also when one is lost.
            outcomes = await asyncio.gather(*map(self._hear, slice_), return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
                self.counts.events += 1
                self.counts.faults += outcome is not None
                if outcome is not None and outcome.kind is FaultKind.GAP:
                    raise CallError("GAP")
        if events:
            self._follow_failures = 0
        return len(events) >= EVENTS_MAX

    async def _hear(self, event: "institution_pb2.HoldEvent") -> Fault | None:
        return await self._desk.hear(partial(_event, self._endpoint, event))


def _event(endpoint: int, event: institution_pb2.HoldEvent, ledger: "Ledger") -> Fault | None:
    return ledger.event(endpoint, event)


def _words(message: bytes) -> list[bytes]:
    """The receipts of a batch, each as the runtime writes it. CallError."""
    if len(message) > MESSAGE_BYTES_MAX:
        raise CallError("TOO_LARGE")
    words = _BATCHES.contents(message, _RECEIPTS)
    if words is None:
        batch = _read(institution_pb2.ReceiptBatch, message)
        words = [receipt.SerializeToString() for receipt in batch.receipts[: RECEIPTS_MAX + 1]]
    if len(words) > RECEIPTS_MAX:
        raise CallError("TOO_LARGE")
    return words


def _read(kind: type[M], message: bytes) -> M:
    if len(message) > MESSAGE_BYTES_MAX:
        raise CallError("TOO_LARGE")
    try:
        return kind.FromString(message)
    except DecodeError:
        raise CallError("UNREADABLE") from None
