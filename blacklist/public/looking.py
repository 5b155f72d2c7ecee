"""Looking: what the public look-up answers: who is on the list, why, by whom, until when, how to object.

A number that is not on the list, one that is under another name, and one that is on it no longer are answered
alike: the same answer after the same steps (one question to the snapshot, one statement to the database, with
as many parameters), given at the same time, a whole number of `answer_every` after it was asked. Nothing of
who was asked about is kept.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from blacklist.model import Kind, Listing, Subject
from blacklist.public.limiter import Limiter
from blacklist.public.masks import masked_name, masked_number
from blacklist.rules.law import Law
from blacklist.rules.units import BOUND_COUNT
from blacklist.screening._snapshot import Binding, Snapshot
from blacklist.screening.folding import folding
from chakong.blacklist.v1 import public_pb2, screening_pb2
from chakong.type.v1 import type_pb2
from runtime.calendar import date_of, day_of
from runtime.errors import FullError, UnavailableError

LISTINGS_MAX: Final = 16
# More are asked for than are shown: restrictions through organisations, which are not, must not take the
# room of a person's own listings.
ASKED_MAX: Final = 256
# No listing has this number.
NOBODIES: Final = [0] * ASKED_MAX
RETRY_MS: Final = 1_000
MS_NS: Final = 1_000_000
KEY_BYTES: Final = 16
# Shows all listings: whom an entry binds is not asked here.
ALL: Final = Binding([[1]] * BOUND_COUNT)
FOUND: Final = (screening_pb2.OUTCOME_LISTED, screening_pb2.OUTCOME_RESTRICTED)


class Reads(Protocol):
    """Where listings are read (store/reader.py). Blocks."""

    def some(self, listing_ids: Sequence[int]) -> list[Listing]:
        """Those of them that there are. UnavailableError."""


class Loaded(Protocol):
    """What is asked first (screening/current.py)."""

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest; None before the first."""

    @property
    def as_of_ns(self) -> int:
        """All changes up to then are in it."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What is asked. `current`: None while nothing is loaded; `superiors`: the superior court of each."""

    current: Callable[[], Loaded | None]
    reader: Reads
    law: Law
    superiors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much, and when. `key`: KEY_BYTES of chance; numbers are counted by hashes that it keys."""

    limiter: Limiter
    key: bytes
    answer_every_ms: int
    at_once_max: int


class Looking:
    """One for a process. `now_ns` is the clock."""

    def __init__(self, sources: Sources, pace: Pace, now_ns: Callable[[], int]) -> None:
        self._sources = sources
        self._pace = pace
        self._now_ns = now_ns
        self.open_count = 0
        self.found_count = 0
        self.none_count = 0

    async def look_up(self, whom: Subject, address: bytes) -> public_pb2.LookUpResponse:
        """An answer. `whom` is well formed (intake.py), `address` of who asks (limiter.network). FullError,
        UnavailableError: for anybody alike."""
        begun_ns = self._now_ns()
        wait_ns = self._pace.limiter.take(begun_ns, address, self._hash_of(whom))
        if wait_ns:
            text = "look-ups: too many from this address, for this number or in all"
            raise FullError(text, retry_ms=-(-wait_ns // MS_NS))
        if self.open_count >= self._pace.at_once_max:
            text = f"look-ups: {self.open_count} are being answered, at most so many at a time"
            raise FullError(text, retry_ms=RETRY_MS)
        self.open_count += 1
        try:
            response = await self._answer(whom)
        finally:
            self.open_count -= 1
        if response.listings:
            self.found_count += 1
        else:
            self.none_count += 1
        return response

    async def _answer(self, whom: Subject) -> public_pb2.LookUpResponse:
        begun_ns = self._now_ns()
        current, snapshot = self._loaded()
        as_of_ns = current.as_of_ns
        listing_ids = self.named(whom)
        try:
            found = await asyncio.to_thread(self._sources.reader.some, listing_ids)
            shown = [self._view(one) for one in found if self._is_shown(one, whom, begun_ns)]
        finally:
            # Whatever came of it, and however long it took.
            wait_ns = until_due_ns(begun_ns, self._now_ns(), self._pace.answer_every_ms * MS_NS)
            await asyncio.sleep(wait_ns / 1e9)
        return public_pb2.LookUpResponse(
            version=snapshot.version, as_of_ns=as_of_ns, listings=shown[:LISTINGS_MAX]
        )

    def named(self, whom: Subject) -> list[int]:
        """ASKED_MAX numbers of listings, nobody's where there are fewer. UnavailableError."""
        current, snapshot = self._loaded()
        asked = type_pb2.Subject(id_type=whom.id_type, id_number=whom.id_number, name=whom.name)  # type: ignore[arg-type]
        message = screening_pb2.ScreenBulkRequest(subjects=[asked]).SerializeToString()
        _, named = snapshot.screen(message, ALL, day_of(self._now_ns()), current.as_of_ns)
        ids = sorted((listing_id for listing_id, outcome in named if outcome in FOUND), reverse=True)
        return (ids + NOBODIES)[:ASKED_MAX]

    def _loaded(self) -> tuple[Loaded, Snapshot]:
        current = self._sources.current()
        snapshot = current.snapshot if current else None
        if current is None or snapshot is None:
            raise UnavailableError("the list is not loaded yet", retry_ms=RETRY_MS)
        return current, snapshot

    def _is_shown(self, one: Listing, whom: Subject, at_ns: int) -> bool:
        """The database may know more than the snapshot, and knows the name itself and not its hash."""
        is_over = 0 < one.until < date_of(at_ns)
        is_same = _folded(one.subject.name) == _folded(whom.name)
        return one.is_on and not is_over and one.kind is not Kind.DERIVED and is_same

    def _view(self, one: Listing) -> public_pb2.PublicListing:
        law = self._sources.law
        ground = law.grounds.get(one.ground)
        return public_pb2.PublicListing(
            kind=int(one.kind),  # type: ignore[arg-type]
            name=masked_name(one.subject.name),
            id_number=masked_number(one.subject.id_number),
            court_code=one.mandate.court,
            case_number=one.mandate.case_number,
            ground=one.ground,
            ground_text=ground.text if ground else "",
            since=one.since,
            until=one.until,
            removal_due=one.removal_due,
            unperformed=one.unperformed,
            how_to_object=public_pb2.HowToObject(
                basis=law.correction_basis,
                court_code=one.mandate.court,
                decided_days=law.objection_days,
                corrected_working_days=law.correct_working_days,
                review_court_code=self._sources.superiors.get(one.mandate.court, ""),
                review_asked_days=law.review_ask_days,
                review_decided_days=law.review_days,
            ),
        )

    def _hash_of(self, whom: Subject) -> bytes:
        written = f"{whom.id_type}\0{whom.id_number}".encode()
        return hashlib.blake2b(written, digest_size=KEY_BYTES, key=self._pace.key).digest()


def until_due_ns(begun_ns: int, now_ns: int, every_ns: int) -> int:
    """How long until an answer is due: a whole number of intervals after it was asked for."""
    return (begun_ns - now_ns) % every_ns


def _folded(name: str) -> bytes:
    return folding().folded(name.encode())
