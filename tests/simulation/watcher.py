"""Watcher: a court's system that follows the changes of its holds, and goes on from its cursor after a crash.

It keeps what it was told last of each hold. At rest that must be what the ledger shows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import Ledger
from tests.simulation.office import Office


@dataclass(slots=True)
class Watcher:
    """Of one court."""

    court: str
    fail: Callable[[str], None]
    cursor: int = 0
    told: dict[int, controls_pb2.HoldView] = field(default_factory=dict)

    async def follow(self, office: Office) -> None:
        """From where it was, until the office crashes."""
        request = controls_pb2.WatchHoldsRequest(cursor=self.cursor)
        async for message in office.handlers.watch.follow(self.court, request):
            response = controls_pb2.WatchHoldsResponse.FromString(message)
            if response.cursor < self.cursor:
                self.fail(f"a watcher of {self.court} at {self.cursor} is told of {response.cursor}")
            self.cursor = response.cursor
            self.told |= {view.hold_id: view for view in response.holds}

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
