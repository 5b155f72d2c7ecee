"""Office: one gateway from its start to its crash, made of the gateway's own code.

Controls with its Ledger, desk, lines and handlers, over a journal in memory and calls into the simulated
network. Nothing here decides; a crash takes all of it away but what the disk holds.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from chakong.gateway.v1 import gateway_pb2
from chakong.institution.v1 import institution_pb2
from gateway.edge.controls import Controls
from gateway.edge.journal_schema import ANSWER, Frame
from runtime.chance import Chance
from runtime.config import Config
from tests.simulation.memory_journal import Disk, MemoryJournal
from tests.simulation.network import SimulatedCall
from tests.simulation.town import Town, directory, seats

if TYPE_CHECKING:
    from gateway._core import Answers
    from gateway.edge.control_call import ControlCall
    from gateway.edge.journal import Journal
    from gateway.edge.projection import Projection
    from gateway.edge.store import Store
    from gateway.holds.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ToldAnswers:
    """Answers of a court as the Engine gives them to the pump."""

    court: str
    message: bytes


@dataclass(slots=True)
class Archive:
    """The store of answers and the projection that fills it, always up to date. Survives crashes: it would be
    made again from the journal."""

    views: dict[tuple[str, int], gateway_pb2.InquiryView] = field(default_factory=dict)

    def put(self, court: str, view: gateway_pb2.InquiryView) -> None:
        self.views[court, view.inquiry_id] = view

    async def reached(self, _seq: int, _timeout_s: float) -> bool:
        return True

    def of_case(
        self, court: str, case_number: str, _before_id: int, _limit: int
    ) -> list[gateway_pb2.InquiryView]:
        return [
            view
            for (owner, _), view in self.views.items()
            if owner == court and view.case_number == case_number
        ]

    def by_id(self, court: str, inquiry_id: int) -> gateway_pb2.InquiryView | None:
        return self.views.get((court, inquiry_id))


class Office:
    """`start` it once it is made; `crash` it at any time."""

    def __init__(
        self,
        config: Config,
        disk: Disk,
        town: Town,
        archive: Archive,
        chance: Chance,
        leaving: Callable[[int, Sequence[institution_pb2.Control]], None],
    ) -> None:
        self.journal = MemoryJournal(disk)
        calls: dict[int, ControlCall] = {
            seat.endpoint: SimulatedCall(
                town.ways[seat.endpoint],
                lambda controls, endpoint=seat.endpoint: leaving(endpoint, controls),  # type: ignore[misc]
                can_follow=seat.can_follow,
            )
            for seat in seats()
        }
        journal = cast("Journal", self.journal)
        self.controls = Controls(config, journal, directory(), {}, chance, calls=calls)
        self.controls.recover()
        store, projection = cast("Store", archive), cast("Projection", archive)
        self.handlers = self.controls.handlers(asyncio.Event(), projection, store)
        self.running: asyncio.Task[None] | None = None
        # Courts that follow changes; and calls of courts that wait for their answer.
        self.watching: list[asyncio.Task[None]] = []
        self.asking: dict[asyncio.Task[None], None] = {}

    @property
    def ledger(self) -> "Ledger":
        return self.controls.desk.ledger

    def start(self) -> None:
        """Decide, send and follow."""
        self.running = asyncio.get_running_loop().create_task(self.controls.run())

    def answer(self, told: ToldAnswers, at_ns: int) -> None:
        """What the pump does with an answer: make it durable, then tell of it."""

        def publish(durable: "asyncio.Future[int]") -> None:
            if not durable.cancelled() and durable.exception() is None:
                self.controls.sighting.publish(durable.result(), cast("Answers", told))

        frame = Frame(ANSWER, told.message, at_ns, told.court)
        self.journal.append(frame).add_done_callback(publish)

    @property
    def is_behind(self) -> bool:
        """Whether answers are durable that the ledger was not told of."""
        return self.controls.sighting.behind_frames > 0

    def crash(self) -> None:
        """Everything stops here and now."""
        self.journal.crash()
        for task in (*self.asking, *self.watching):
            task.cancel()
        if self.running is not None:
            self.running.cancel()

    def fault(self) -> str:
        """Why it has ended by itself; empty while it runs."""
        if self.running is None or not self.running.done():
            return ""
        if self.running.cancelled():
            return "the gateway stopped by itself"
        return f"the gateway broke: {_innermost(self.running.exception())}"


def _innermost(error: BaseException | None) -> str:
    for _ in range(10):
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
