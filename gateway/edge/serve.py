"""Serve: makes the gateway's parts, starts them in order, and stops them in order.

The journal is read before anything is heard, and what it holds unfinished is asked again; on SIGTERM nothing
new is taken, and what was taken is made durable and handed on first. It decides nothing else.
"""

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from adapters.table import ADAPTERS
from gateway.directory.directory import Directory
from gateway.edge.controls import Controls
from gateway.edge.dial import dialer
from gateway.edge.dispatch import Dispatch
from gateway.edge.errors import JournalError, StartError
from gateway.edge.figures import Parts, edge_figures
from gateway.edge.journal import Journal
from gateway.edge.journal_schema import DAY_NS
from gateway.edge.listing import Listing
from gateway.edge.lookup import Lookup
from gateway.edge.metrics import GatewayCollector
from gateway.edge.projection import Projection
from gateway.edge.pump import Limits, Pump
from gateway.edge.server import Handlers, Server
from gateway.edge.store import Store
from gateway.edge.submit import Submit
from gateway.edge.watch import Watch
from runtime.chance import Chance
from runtime.clock import now_ns
from runtime.database import make_engine
from runtime.lifecycle import ends_within, run_until, stop_on_signals
from runtime.metrics import Exporter, Metrics, export

if TYPE_CHECKING:
    from gateway._core import Answers, Engine
    from gateway.edge.dial import Dials
    from runtime.beside import MakeBeside
    from runtime.config import Config
    from runtime.server import Methods

    EngineFactory = Callable[..., Engine]

MS_NS: Final = 1_000_000
# The journal's thread needs the interpreter's lock several times a commit; with Python's own 5 ms a busy loop
# would make every commit wait a whole tick each time.
SWITCH_INTERVAL_S: Final = 0.0005
# Almost everything is freed by its reference count: Python's own thresholds spent a quarter of the processor
# time of a single inquiry on looking for cycles in what is kept.
GARBAGE_THRESHOLDS: Final = (200_000, 50, 1_000)
WATCHERS_GRACE_S: Final = 2.0
# The port is opened so late at most for what other services in the process need.
BESIDE_S_MAX: Final = 5.0
# Revisions have 32 bits; within one life an inquiry has no more answers than institutions.
REVISIONS_PER_START_BITS: Final = 16
STARTS_MAX: Final = (1 << 16) - 1
FORGET_EVERY_S: Final = 3_600.0

log = logging.getLogger(__name__)


async def serve(
    config: "Config", engine_factory: "EngineFactory | None" = None, beside: "Sequence[MakeBeside]" = ()
) -> None:
    """Run the gateway, and services beside it, until SIGTERM or SIGINT. SystemExit with a message when it
    cannot start."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    async with stop_on_signals() as stop:
        try:
            journal = await asyncio.to_thread(Journal.open, config.journal.path)
        except JournalError as error:
            raise SystemExit(f"chakong: {error.message}") from None
        try:
            gateway = Gateway(config, journal, engine_factory, beside=beside)
            await gateway.recover()
            await gateway.run(stop, _print_ready)
        except (StartError, JournalError) as error:
            raise SystemExit(f"chakong: {error.message}") from None
        finally:
            journal.close()


class Outside:
    """What a gateway meets the world through: gRPC, the tables, and chance. A simulation brings another."""

    def chance(self) -> Chance:
        """Where its random numbers come from."""
        return Chance()

    def dials(self, config: "Config") -> "Dials":
        """How its endpoints are reached."""
        return dialer(config.endpoints)

    def projection(self, config: "Config", journal: Journal, chance: Chance) -> Projection:
        """What keeps the tables."""
        return Projection(journal.path, config.projection.url, chance, config.log)

    def store(self, config: "Config") -> Store:
        """What reads them. StartError when there is no such database."""
        try:
            return Store(make_engine(config.projection.url))
        except ValueError as error:
            raise StartError(str(error)) from None

    def server(
        self, config: "Config", handlers: Handlers, draining: asyncio.Event, shared: "Sequence[Methods]"
    ) -> Server:
        """Where courts call; `shared`: the methods of services beside it."""
        return Server(config.listen, config.limits.calls_max, handlers, draining, shared)


class Gateway:
    """All parts of one gateway. `recover`, then `run`."""

    def __init__(
        self,
        config: "Config",
        journal: Journal,
        engine_factory: "EngineFactory | None" = None,
        directory: Directory | None = None,
        outside: Outside | None = None,
        beside: "Sequence[MakeBeside]" = (),
    ) -> None:
        self._config = config
        self._journal = journal
        self._draining = asyncio.Event()
        outside = outside or Outside()
        chance = outside.chance()
        directory = directory or Directory.load()
        self.engine = (engine_factory or _compiled_engine())(journal.secret, **engine_limits(config, journal))
        self.engine.set_directory(directory.snapshot())
        self.watch = Watch(journal, config.limits.watch_ring_bytes, config.limits.watchers_max)
        self.pump = Pump(
            self.engine, journal, self._publish, Limits(retry_after_ms=config.limits.retry_after_ms)
        )
        dials = outside.dials(config)
        self.controls = Controls(config, journal, directory, dials, chance)
        self.dispatch = Dispatch(
            directory, self.pump, dials, ADAPTERS, config.line, chance, self.controls.set_directory
        )
        self.projection = outside.projection(config, journal, chance)
        self._store = outside.store(config)
        self._submit = Submit(self.pump, self._draining, config.limits.retry_after_ms)
        handlers = Handlers(
            controls=self.controls.handlers(self._draining, self.projection, self._store),
            submit=self._submit,
            watch=self.watch,
            lookup=Lookup(journal, self.projection, self._store, self.pump),
            listing=Listing(self.dispatch),
        )
        self.beside = [make(config, self._draining) for make in beside]
        shared = [one.methods for one in self.beside]
        self.server = outside.server(config, handlers, self._draining, shared)

    async def recover(self) -> None:
        """Take up what the journal holds: the order ids that were used, and everything unfinished."""
        # One more than the Engine holds: it then knows that it forgot some.
        rows = self._journal.order_rows(self._config.limits.orders_max + 1)
        while piece := await asyncio.to_thread(next, rows, b""):
            self.engine.recall_orders(piece)
        frame_count = self.pump.replay()
        step_count = await asyncio.to_thread(self.controls.recover)
        without_address = len(self.dispatch.lines) - len(self._config.endpoints.addresses)
        path = str(self._journal.path.absolute())
        if not self._journal.starts:
            log.info("journal made", extra={"path": path})
        log.info(
            "recovered",
            extra={
                "frame_count": frame_count,
                "step_count": step_count,
                "cursor": self._journal.last_seq,
                "path": path,
            },
        )
        if without_address:
            log.warning("endpoints without an address", extra={"endpoint_count": without_address})

    async def run(self, stop: asyncio.Event, ready: Callable[[int], None]) -> None:
        """Serve until `stop`, drain, and end. `ready` is told the port once it serves. StartError when it
        cannot."""
        port = self.server.bind()
        ended = asyncio.Event()
        self._journal.listen(self.projection.grown)
        self.projection.grown(self._journal.last_seq)
        has_scraper = bool(self._config.metrics.address)
        collector = GatewayCollector(self.pump, self.dispatch, self.controls) if has_scraper else None
        exporter = self._export(collector) if collector else None
        services = (
            self.pump.run(),
            self._submit.run(),
            self.dispatch.run(),
            self.controls.run(),
            self.projection.run(),
            self._forget(),
            self._serve_until(stop, ended, partial(ready, port)),
            *((collector.run(),) if collector else ()),
            *(one.run(self._tell_health) for one in self.beside),
        )
        try:
            await run_until(ended, services)
        finally:
            if exporter is not None:
                exporter.close()
            self._store.close()
            for one in self.beside:
                one.close()

    async def _tell_health(self, service: str, is_serving: bool) -> None:
        await self.server.tell_health(service, is_serving=is_serving)

    def _export(self, collector: GatewayCollector) -> Exporter:
        """Open the port that Prometheus scrapes. StartError when it is taken."""
        address = self._config.metrics.address
        metrics = Metrics()
        metrics.registry.register(collector)
        parts = Parts(self._journal, self.watch, self.projection, self.server.guard.counts)
        metrics.figures(partial(edge_figures, parts))
        for one in self.beside:
            metrics.figures(one.figures)
        try:
            return export(metrics, address)
        except OSError as error:
            raise StartError(f"metrics.address {address}: {error.strerror}") from None

    async def _serve_until(
        self, stop: asyncio.Event, ended: asyncio.Event, ready: Callable[[], None]
    ) -> None:
        self.pump.start(self.dispatch)
        looked = asyncio.gather(*(one.looked() for one in self.beside))
        if not await ends_within(BESIDE_S_MAX, looked):
            log.warning("a service beside the gateway is not there yet")
        await self.server.start()
        ready()
        try:
            await stop.wait()
            await self._drain()
        finally:
            await self.server.stop(0)
        ended.set()

    async def _drain(self) -> None:
        drain_s = self._config.listen.drain_s
        log.info("draining", extra={"cursor": self._journal.last_seq})
        await self.server.drain()
        others = (one.drain() for one in self.beside)
        drained = asyncio.gather(self.pump.drain(), self.controls.desk.drain(), *others)
        if not await ends_within(drain_s, drained):
            log.error(
                "not everything could be made durable in time; it will be asked again at the next start"
            )
        self.watch.close()
        self.controls.watch.close()
        await self.server.stop(min(drain_s, WATCHERS_GRACE_S))

    def _publish(self, seq: int, answers: "Answers") -> None:
        """Hand durable answers to those who watch, and to the claims of their cases."""
        self.watch.publish(seq, answers)
        self.controls.sighting.publish(seq, answers)

    async def _forget(self) -> None:
        while True:
            await self._forget_old()
            await asyncio.sleep(FORGET_EVERY_S)

    async def _forget_old(self) -> None:
        """Let go of order ids and frames that are old enough; what fails is tried again the next time."""
        settings = self._config.journal
        self._journal.forget_orders(now_ns() - settings.orders_keep_days * DAY_NS)
        before_ns = now_ns() - settings.frames_keep_days * DAY_NS
        cursor = self.projection.cursor
        try:
            steps_from = self.controls.snapshots.steps_from
            count = await asyncio.to_thread(self._journal.forget_frames, before_ns, cursor, steps_from)
        except JournalError as error:
            log.warning("old frames are still there", extra={"error": error.message})
        else:
            if count:
                log.info("old frames deleted", extra={"file_count": count})


def engine_limits(config: "Config", journal: Journal) -> dict[str, int]:
    """The Engine's arguments but its key."""
    order, limits = config.order, config.limits
    return {
        "first_inquiry_id": journal.next_inquiry_id,
        "revision_base": min(journal.starts, STARTS_MAX) << REVISIONS_PER_START_BITS,
        "deadline_default_s": order.deadline_default_s,
        "attempts_max": order.attempts_max,
        "unanswered_retry_ns": order.unanswered_retry_ms * MS_NS,
        "partial_every_ns": order.partial_every_ms * MS_NS,
        "inquiries_max": limits.inquiries_max,
        "asks_max": limits.asks_max,
        "orders_max": limits.orders_max,
        "bytes_max": limits.bytes_max,
    }


def _print_ready(port: int) -> None:
    print(f"ready port={port}", flush=True)


def _compiled_engine() -> "EngineFactory":
    from gateway._core import Engine  # noqa: PLC0415 - a test brings its own

    return Engine
