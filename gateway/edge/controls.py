"""Controls: everything of the gateway that has to do with holds, put together.

The Ledger, the desk that drives it, the lines to institutions, and the face to courts. It decides nothing.
"""

import asyncio
from typing import TYPE_CHECKING, Final

from gateway.edge.claims import Claims
from gateway.edge.control_call import GrpcControlCall
from gateway.edge.control_lines import ControlLines
from gateway.edge.control_server import ControlHandlers
from gateway.edge.desk import Desk
from gateway.edge.holding import Holding
from gateway.edge.holds_watch import HoldsWatch
from gateway.edge.ordering import Ordering
from gateway.edge.sighting import Sighting
from gateway.edge.snapshots import Snapshots
from gateway.holds import Ledger, Limits, installed_law
from gateway.holds.face import DAY_NS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gateway.directory.directory import Directory
    from gateway.edge.control_call import ControlCall
    from gateway.edge.dial import Dials
    from gateway.edge.journal import Journal
    from gateway.edge.projection import Projection
    from gateway.edge.store import Store
    from runtime.chance import Chance
    from runtime.config import Config

SECOND_NS: Final = 1_000_000_000


class Controls:
    """`recover`, then `run`; `calls` by endpoint index, instead of gRPC to the addresses of `dials`."""

    def __init__(
        self,
        config: "Config",
        journal: "Journal",
        directory: "Directory",
        dials: "Dials",
        chance: "Chance",
        calls: "Mapping[int, ControlCall] | None" = None,
    ) -> None:
        self._config = config
        self._journal = journal
        ledger = Ledger(installed_law(), directory, ledger_limits(config))
        self.watch = HoldsWatch(ledger, journal, config.limits.watchers_max)
        self.desk = Desk(ledger, journal, self._publish)
        self.snapshots = Snapshots(self.desk, journal, config.controls.snapshot_every_steps)
        self.sighting = Sighting(self.desk, journal)
        if calls is None:
            calls = {
                endpoint.index: GrpcControlCall(dials[endpoint.key], endpoint.key)
                for endpoint in directory.endpoints
                if endpoint.key in dials
            }
        self.lines = ControlLines(directory, calls, self.desk, config.controls, chance)

    def recover(self) -> int:
        """Take up what the journal holds: the newest snapshot, and the steps after it; how many."""
        step_count = self.desk.replay(self.snapshots.restore())
        self.snapshots.replayed(step_count)
        return step_count

    def _publish(self, seq: int, hold_ids: tuple[int, ...], ordered: "Collection[int]") -> None:
        """A step is kept: tell those who watch, and begin a snapshot if it is time."""
        self.watch.publish(seq, hold_ids, ordered)
        self.snapshots.kept(seq)

    def handlers(self, draining: asyncio.Event, projection: "Projection", store: "Store") -> ControlHandlers:
        """What the calls of the Controls service do."""
        return ControlHandlers(
            claims=Claims(self.desk, self._journal, projection, store),
            ordering=Ordering(self.desk, draining, self._config.limits.retry_after_ms),
            holding=Holding(self.desk, self.lines),
            watch=self.watch,
        )

    async def run(self) -> None:
        """Decide, send and follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.desk.run())
            tasks.create_task(self.lines.run())
            tasks.create_task(self.sighting.run())
            tasks.create_task(self.snapshots.run())

    def set_directory(self, directory: "Directory") -> None:
        """Institutions can do other things now."""
        self.desk.ledger.set_directory(directory)


def ledger_limits(config: "Config") -> Limits:
    """What the ledger holds at most, and when it waits for somebody."""
    controls = config.controls
    return Limits(
        approval_above_fen=controls.approval_above_fen,
        unknown_after_ns=round(controls.unknown_after_s * SECOND_NS),
        holds_max=controls.holds_max,
        claims_max=controls.claims_max,
        ended_keep_ns=controls.ended_keep_days * DAY_NS,
        orders_keep_ns=config.journal.orders_keep_days * DAY_NS,
    )
