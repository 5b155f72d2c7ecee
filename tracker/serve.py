"""Serve: makes the tracker's parts, beside the gateway in its process or alone.

A database that cannot be reached stops nobody: calls are answered UNAVAILABLE, health says so, and the tables
are looked for again. It decides nothing else.
"""

import asyncio
import gc
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from runtime import alone
from runtime.clock import now_ns
from runtime.data import law_texts
from runtime.database import answers, make_engine, takes
from runtime.errors import StartError
from runtime.guard import CallCounts
from runtime.metrics import Figure
from tracker.figures import tracker_figures
from tracker.follow.follow import Follow
from tracker.rpc.bulk import Bulk
from tracker.rpc.cases import Cases
from tracker.rpc.figures import Figures
from tracker.rpc.lawyer import Lawyer
from tracker.rpc.nodes import Nodes
from tracker.rpc.service import SERVICE, Handlers, tracker_methods
from tracker.rpc.watch import EventsWatch
from tracker.store.calendars import ours
from tracker.store.catching_up import CatchingUp
from tracker.store.desk import Desk
from tracker.store.head import writing
from tracker.store.laws import adopt_first, judge_of
from tracker.store.listing import Listing
from tracker.store.migrate import migrate
from tracker.store.reader import Reader
from tracker.store.series import Pace, Series
from tracker.store.writer import Writer

if TYPE_CHECKING:
    from runtime.beside import TellHealth
    from runtime.config import Config
    from runtime.server import Methods

OPEN_AGAIN_S: Final = 1.0
LOOK_EVERY_S: Final = 1.0
# As long as a statement waits for another's lock.
ANSWER_S_MAX: Final = 10.0
# Almost everything is freed by its reference count: Python's own thresholds spent a fifth of the processor
# time of a registration on looking for cycles in what is kept.
GARBAGE_THRESHOLDS: Final = (200_000, 50, 1_000)

log = logging.getLogger(__name__)


class Tracker:
    """All parts of one tracker. `draining`: nothing new is taken once it is set. StartError for a URL that
    cannot be used."""

    def __init__(self, config: "Config", draining: asyncio.Event) -> None:
        settings = config.tracker
        try:
            self.engine = make_engine(settings.url, "tracker.url", is_source=True)
        except ValueError as error:
            raise StartError(str(error)) from None
        # Set once the database was looked for.
        self._looked = asyncio.Event()
        self.calls = CallCounts()
        self.lawyer = Lawyer(self.engine)
        self.reader = Reader(self.engine)
        self.watch = EventsWatch(self.reader, settings.watchers_max)
        writer = Writer(self.engine, judge_of)
        self.desk = Desk(writer, settings.waiting_max, lambda courts, _seq: self.watch.publish(courts))
        pace = Pace(settings.series_every_s, settings.series_keep_days)
        self.series = Series(self.engine, pace, self._duties)
        self.catching_up = CatchingUp(self.engine, lambda law_id: self.lawyer.ruling(law_id).law)
        handlers = Handlers(
            cases=Cases(self.desk, self.reader, self.lawyer),
            bulk=Bulk(self.desk, draining),
            nodes=Nodes(Listing(self.engine), self.lawyer),
            figures=Figures(self.engine, self.lawyer),
            watch=self.watch,
        )
        self.follow = Follow(config.follow, self.engine, self.desk, self.reader, self.lawyer)
        self.methods: Methods = tracker_methods(handlers, self.calls, plaintext=config.listen.plaintext)

    def figures(self) -> Iterable[Figure]:
        """What Prometheus is told, from any thread."""
        yield from tracker_figures(self.calls, self.desk, self.watch, self.series)
        yield from self.follow.figures()

    async def run(self, tell_health: "TellHealth") -> None:
        """Open the database when it is there, then write until cancelled."""
        await self._open(tell_health)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.desk.run())
            tasks.create_task(self._say_looked())
            tasks.create_task(self.series.run())
            tasks.create_task(self.follow.run())
            tasks.create_task(self.catching_up.run())
            tasks.create_task(self._tell(tell_health))

    async def looked(self) -> None:
        """Return when the database was looked for, and opened if it was there."""
        await self._looked.wait()

    async def drain(self) -> None:
        """Return when what was taken is durable; watchers come to their end."""
        try:
            await self.desk.drain()
        finally:
            self.watch.close()

    def close(self) -> None:
        """Idle connections are closed."""
        self.engine.dispose()

    async def _open(self, tell_health: "TellHealth") -> None:
        is_first = True
        while True:
            try:
                version = await asyncio.to_thread(open_database, self.engine)
            except (SQLAlchemyError, OSError, CommandError) as error:
                if is_first:
                    # Not its text, which may name the database's host and user.
                    kind = type(error).__name__
                    log.error("the tracker's database cannot be opened", extra={"error": kind})  # noqa: TRY400
                    await tell_health(SERVICE, False)
                is_first = False
                self._looked.set()
                await asyncio.sleep(OPEN_AGAIN_S)
            else:
                log.info("tracker opened", extra={"version": version})
                if not is_first:
                    await tell_health(SERVICE, True)
                return

    async def _say_looked(self) -> None:
        """After the desk's first turn: it takes works now."""
        self._looked.set()

    async def _tell(self, tell_health: "TellHealth") -> None:
        """Health follows the database, also while nobody writes: whether it answers, and once it could not be
        written, whether it can."""
        was_available = True
        asked = answers
        question: asyncio.Future[bool] | None = None
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            # One that hangs is waited for, and no other put beside it.
            if question is None:
                asked = answers if self.desk.is_available else takes
                question = asyncio.ensure_future(asyncio.to_thread(asked, self.engine))
            await asyncio.wait((question,), timeout=ANSWER_S_MAX)
            if not (question.done() and question.result()):
                self.desk.is_available = False
            elif asked is takes:
                self.desk.is_available = True
            question = None if question.done() else question
            if self.desk.is_available != was_available:
                was_available = self.desk.is_available
                if was_available:
                    log.info("the tracker's database answers again")
                else:
                    log.error("the tracker's database is away")
                await tell_health(SERVICE, was_available)

    def _duties(self) -> list[int]:
        law = self.lawyer.latest().law
        return [number for number, rule in law.nodes.items() if rule.kind == "duty"]


def open_database(engine: Engine) -> str:
    """Bring the tables to this version, and adopt the installed law where there is none; the version of the
    law in force. Blocks."""
    migrate(engine)
    # Some tenths of a second, and not while others wait to write.
    ours()
    with writing(engine) as connection:
        return adopt_first(connection, law_texts(), now_ns())


async def serve(config: "Config") -> None:
    """Run the tracker alone until SIGTERM or SIGINT. SystemExit with a message when it cannot start."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    await alone.serve(config, Tracker)
