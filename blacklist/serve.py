"""Serve: makes the blacklist's parts, beside the gateway in its process or alone.

A database that cannot be reached stops nobody: acts are answered UNAVAILABLE, screening goes on from the
snapshot that is there, health says so of all services but screening, and the tables are looked for again.
It decides nothing else.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from alembic.util import CommandError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from blacklist.figures import Counted, blacklist_figures, push_figures
from blacklist.follow.follow import Follow
from blacklist.offline.keys import SECRET_BYTES_MIN, KeyFileError, identity_key, read_private_key
from blacklist.offline.maker import Maker
from blacklist.offline.publisher import Publisher
from blacklist.offline.publisher import Sources as OfflineSources
from blacklist.public.compose import Person
from blacklist.public.looking import Sources
from blacklist.push.escalation import Escalation
from blacklist.push.feed import Feed
from blacklist.push.follow import Followers
from blacklist.push.telling import Telling, Told
from blacklist.rpc.bindings import Bindings
from blacklist.rpc.changes import Books, ChangeCalls
from blacklist.rpc.listings import ListingCalls
from blacklist.rpc.offline import OfflineCalls
from blacklist.rpc.proposals import ProposalCalls
from blacklist.rpc.public import PublicCalls, Shown
from blacklist.rpc.screening import UnitCalls
from blacklist.rpc.service import SCREENING, SERVICES, Handlers, blacklist_methods
from blacklist.rules import law, units
from blacklist.screening._identity import Hasher
from blacklist.screening.calls import ScreeningCalls
from blacklist.screening.current import Current
from blacklist.screening.folding import folding
from blacklist.store.desk import Desk
from blacklist.store.entries import Entries
from blacklist.store.head import secret
from blacklist.store.ledger import Ledger
from blacklist.store.migrate import migrate
from blacklist.store.proposal_reader import ProposalReader
from blacklist.store.proposer import Proposer
from blacklist.store.proving import Proving
from blacklist.store.reader import Reader
from blacklist.store.writer import Writer
from runtime import alone
from runtime.calendar import date_of
from runtime.chance import Chance
from runtime.clock import now_ns
from runtime.data import courts, listing_text, measure_texts
from runtime.database import make_engine, takes
from runtime.errors import CallError, StartError
from runtime.guard import CallCounts
from runtime.lifecycle import ends_within, whole
from runtime.metrics import Figure

if TYPE_CHECKING:
    from runtime.beside import TellHealth
    from runtime.config import Config
    from runtime.server import Methods

OPEN_AGAIN_S: Final = 1.0
LOOK_EVERY_S: Final = 1.0
# What cannot answer without the database.
_WRITING: Final = tuple(name for name in SERVICES if name != SCREENING)

log = logging.getLogger(__name__)


class Blacklist:
    """All parts of one blacklist. `draining`: nothing new is taken once it is set. StartError for a URL that
    cannot be used."""

    def __init__(self, config: "Config", draining: asyncio.Event) -> None:
        self._settings = config.blacklist
        try:
            self.engine = make_engine(self._settings.url, "blacklist.url", is_source=True)
        except ValueError as error:
            raise StartError(str(error)) from None
        # Set once the database was looked for.
        self._looked = asyncio.Event()
        self.calls = CallCounts()
        self._changed = asyncio.Event()
        self.desk = Desk(self._settings.waiting_max, self._changed.set)
        self.entries = Entries(self.engine)
        self.reader = Reader(self.engine)
        rules, superiors = law.load(listing_text()), _superiors()
        self.writer = Writer(self.engine, rules, superiors)
        self.proposals = ProposalReader(self.engine)
        self.follow = Follow(config.follow_tracker, self.desk, Proposer(self.engine, rules))
        self.bindings = bindings = Bindings(units.load(*measure_texts()))
        self.ledger = Ledger(self.engine, bindings.units, self._settings.acknowledge_working_days)
        # Hashed with the database's own secret: until that is known nobody can be screened.
        self.current: Current | None = None
        self._screening: ScreeningCalls | None = None
        self._publisher: Publisher | None = None
        self.escalation = Escalation()
        self.telling = Telling(self._tell_told)
        feed = Feed(self.entries.since)
        self.followers = Followers(feed, bindings.today, self.telling.note, self._as_of_ns)
        books = Books(self.entries, self.ledger, Proving(self.engine, bindings.units, self.ledger))
        self.changes = ChangeCalls(self.desk, books, bindings, self.followers, self.telling)
        self._private_key = self._read_private_key()
        sources = Sources(lambda: self.current, self.reader, rules, superiors)
        self.person = person = Person(config, self.engine, sources, draining)
        self.counted = Counted(named=person.recording.named)
        shown = Shown(person.hits, person.recording)
        handlers = Handlers(
            listings=ListingCalls(self.desk, self.writer, self.reader, draining),
            screening=UnitCalls(lambda: self._screening, bindings, draining),
            changes=self.changes,
            offline=OfflineCalls(lambda: self._publisher, bindings, is_signing=self._private_key is not None),
            proposals=ProposalCalls(self.desk, self.writer, self.proposals, draining),
            public=PublicCalls(person.looking, self.desk, self.writer, shown, draining),
        )
        self.methods: Methods = blacklist_methods(handlers, self.calls, plaintext=config.listen.plaintext)

    def figures(self) -> Iterable[Figure]:
        """What Prometheus is told, from any thread."""
        yield from blacklist_figures(self.calls, self.desk, self.current, self.counted)
        yield from push_figures(self.followers, self.escalation)
        yield from self.follow.figures()
        yield from self.person.figures()

    async def run(self, tell_health: "TellHealth") -> None:
        """Open the database when it is there, load the list, then keep up until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.person.serve())
            current = await self._open(tell_health)
            tasks.create_task(self._refresh(current))
            tasks.create_task(self._expire())
            tasks.create_task(self._count())
            tasks.create_task(self.telling.run())
            tasks.create_task(self.follow.run())
            tasks.create_task(self._tell(tell_health))
            tasks.create_task(self.person.keep())

    async def looked(self) -> None:
        """Return when the database was looked for, and the list loaded if it was there."""
        await self._looked.wait()

    async def drain(self) -> None:
        """Return when what was taken is durable; those who follow come to their end."""
        self.followers.close()
        await self.telling.flush()
        await self.desk.drain()
        await self.person.recording.write()

    def close(self) -> None:
        """Idle connections are closed."""
        self.desk.close()
        self.person.close()
        self.engine.dispose()

    async def _open(self, tell_health: "TellHealth") -> Current:
        is_first = True
        # A long list takes longer to load than the port waits for.
        await _tell_all(tell_health, is_serving=False)
        while True:
            try:
                kept = await asyncio.to_thread(open_database, self.engine)
                current = Current(self.entries, Hasher(identity_key(kept), folding()), now_ns)
                await current.load()
            except (SQLAlchemyError, OSError, CommandError, TimeoutError) as error:
                if is_first:
                    # Not its text, which may name the database's host and user.
                    kind = type(error).__name__
                    log.error("the blacklist's database cannot be opened", extra={"error": kind})  # noqa: TRY400
                is_first = False
                self._looked.set()
                await asyncio.sleep(OPEN_AGAIN_S)
            else:
                self.current = current
                self._screening = ScreeningCalls(
                    current, self.bindings.binding, self.person.recording.record, now_ns
                )
                self._publisher = self._make_publisher(kept, current)
                _log_opened(current)
                await _tell_all(tell_health, is_serving=True)
                self._looked.set()
                return current

    async def _refresh(self, current: Current) -> None:
        """At once after an act of ours, and now and then for those of other processes."""
        while True:
            await ends_within(self._settings.refresh_s, self._changed.wait())
            self._changed.clear()
            await whole(current.refresh())
            if current.snapshot is not None:
                self.followers.publish(current.snapshot.version)

    async def _expire(self) -> None:
        while True:
            try:
                while count := await whole(self.desk.do(self.writer.expire)):
                    self.counted.expired_count += count
            except CallError as error:
                log.warning("terms that are over were not ended", extra={"error": error.message})
            await asyncio.sleep(self._settings.expire_every_s)

    async def _count(self) -> None:
        while True:
            try:
                figures = await whole(asyncio.to_thread(self.reader.figures, date_of(now_ns())))
                waiting = await whole(asyncio.to_thread(self.proposals.waiting, date_of(now_ns())))
                standings = await whole(asyncio.to_thread(self.ledger.standings, now_ns()))
            except CallError as error:
                log.warning("the list was not counted", extra={"error": error.message})
            else:
                self.counted.figures = figures
                self.counted.proposals = waiting
                self.escalation.look(standings, date_of(now_ns()))
            await asyncio.sleep(self._settings.count_every_s)

    async def _tell(self, tell_health: "TellHealth") -> None:
        """Health follows whether the database can be written; screening goes on without it."""
        was_available = True
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            # An act may find it there while it is asked: what was found before takes nothing back.
            if not self.desk.is_available and await asyncio.to_thread(takes, self.engine):
                self.desk.is_available = True
            if self.desk.is_available != was_available:
                was_available = self.desk.is_available
                await _tell_all(tell_health, is_serving=was_available, services=_WRITING)

    async def _tell_told(self, given: Told) -> None:
        await whole(self.desk.do(lambda at_ns: self.ledger.tell(given, at_ns)))

    def _as_of_ns(self) -> int:
        return self.current.as_of_ns if self.current is not None else 0

    def _read_private_key(self) -> Ed25519PrivateKey | None:
        path = self._settings.signing_key
        try:
            return None if path is None else read_private_key(path)
        except (KeyFileError, OSError) as error:
            raise StartError(f"blacklist.signing_key: {error}") from None

    def _make_publisher(self, kept: bytes, current: Current) -> Publisher | None:
        """None: there is no key to sign with."""
        if self._private_key is None:
            return None
        sources = OfflineSources(current, self.entries, self.bindings.measures, now_ns, Chance().token)
        return Publisher(Maker(kept, self._private_key), sources, self._settings.offline_good_for_s)


def _log_opened(current: Current) -> None:
    if current.snapshot is not None:
        extra = {"cursor": current.snapshot.version, "entry_count": current.snapshot.entry_count}
        log.info("blacklist opened", extra=extra)
    if current.refused:
        log.warning("entries that can be nobody's", extra={"refused_count": len(current.refused)})


async def _tell_all(
    tell_health: "TellHealth", *, is_serving: bool, services: Sequence[str] = SERVICES
) -> None:
    for service in services:
        await tell_health(service, is_serving)


def open_database(engine: Engine) -> bytes:
    """Bring the tables to this version; the secret that this list's hashes are made from. Blocks."""
    migrate(engine)
    return secret(engine, Chance().token(SECRET_BYTES_MIN))


def _superiors() -> dict[str, str]:
    return {row["code"]: row["superior"] for row in courts()}


async def serve(config: "Config") -> None:
    """Run the blacklist alone until SIGTERM or SIGINT. SystemExit with a message when it cannot start."""
    await alone.serve(config, Blacklist)
