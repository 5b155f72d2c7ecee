"""Watcher: a court's system that follows its answers and the changes of its holds, and goes on from its
cursors after a crash.

It keeps what it was told last of each inquiry and of each hold. At rest that must be what is durable.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import Ledger
from tests.simulation.office import Office
from tests.simulation.promises import Promises


@dataclass(slots=True)
class Watcher:
    """Of one court."""

    court: str
    fail: Callable[[str], None]
    cursor: int = 0
    told: dict[int, controls_pb2.HoldView] = field(default_factory=dict)
    answers_cursor: int = 0
    revisions: dict[int, int] = field(default_factory=dict)

    async def follow_holds(self, office: Office) -> None:
        """From where it was, until the office is gone."""
        await office.ready.wait()
        request = controls_pb2.WatchHoldsRequest(cursor=self.cursor)
        async for message in office.handlers.controls.watch.follow(self.court, request):
            response = controls_pb2.WatchHoldsResponse.FromString(message)
            if response.cursor < self.cursor:
                self.fail(f"a watcher of {self.court} at {self.cursor} is told of {response.cursor}")
            self.cursor = response.cursor
            self.told |= {view.hold_id: view for view in response.holds}

    async def follow_answers(self, office: Office) -> None:
        """The same for answers."""
        await office.ready.wait()
        request = gateway_pb2.WatchRequest(cursor=self.answers_cursor)
        async for message in office.handlers.watch.follow(self.court, request):
            response = gateway_pb2.WatchResponse.FromString(message)
            if response.cursor < self.answers_cursor:
                self.fail(f"a watcher of {self.court} at {self.answers_cursor} is told of {response.cursor}")
            self.answers_cursor = response.cursor
            for answer in response.answers:
                before = self.revisions.get(answer.inquiry_id, 0)
                if answer.revision <= before:
                    self.fail(f"inquiry {answer.inquiry_id}: {answer.revision} is told after {before}")
                self.revisions[answer.inquiry_id] = answer.revision

    def faults_of_answers(self, promises: Promises) -> Iterator[str]:
        """What it was not told of its inquiries."""
        for promise in promises.by_id.values():
            if promise.court == self.court and promise.last is not None:
                told = self.revisions.get(promise.inquiry_id)
                if told != promise.last.revision:
                    yield f"inquiry {promise.inquiry_id} is at {promise.last.revision}, told was {told}"

    def faults(self, ledger: Ledger, hold_ids: list[int], now_ns: int) -> Iterator[str]:
        """What it was not told, of these holds of its own."""
        for hold_id in hold_ids:
            view, told = ledger.hold_view(hold_id, now_ns), self.told.get(hold_id)
            if told is None:
                yield f"{self.court} was never told of hold {hold_id}"
            elif view is not None and _plain(view) != _plain(told):
                yield f"{self.court} was last told otherwise of hold {hold_id}"


def _plain(view: controls_pb2.HoldView) -> bytes:
    """Without what is known of this process alone: whether a FREEZE has left."""
    plain = controls_pb2.HoldView()
    plain.CopyFrom(view)
    if plain.life == hold_pb2.HOLD_LIFE_SENT:
        plain.life = hold_pb2.HOLD_LIFE_REQUESTED
    return plain.SerializeToString(deterministic=True)
