"""Client: what a unit runs to screen without the service.

    key = SetKey.of_bytes(...)
    offline = OfflineSet.open(snapshot, key, public_key, unit="railway", now_ns=now_ns())
    offline = offline.with_delta(delta, now_ns())
    answer = offline.check(ID_TYPE_RESIDENT_ID, "11010519491231002X", "...", now_ns())

A set is immutable: what is refused leaves the one that is there. Every answer says which version it is from
and how old that is. A hit binds nobody until the service confirms it.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from blacklist.offline import seal
from blacklist.offline._proofs import Proofs, proof_of
from blacklist.offline.errors import ForeignError, StaleError, TamperedError
from blacklist.offline.keys import SetKey
from blacklist.offline.states import State, read_states
from blacklist.screening._identity import Hasher
from blacklist.screening.folding import folding
from chakong.blacklist.v1 import offline_pb2
from runtime.calendar import day_of

NS_PER_S: Final = 1_000_000_000
LISTED: Final = 1
# A snapshot knows of entries that end in so many days; later it would report what has ended.
DAYS_COUNTED: Final = 6


class OfflineOutcome(IntEnum):
    """What a set says. It cannot say more than that somebody is to be asked about."""

    CLEAR = 1
    # On the list, says the set: ask the service before anything is refused.
    CONFIRM_LISTED = 2
    # Restricted in consumption, says the set: ask the service.
    CONFIRM_RESTRICTED = 3
    # The number is one of the list's, the name is not: a person has to look.
    CHECK_BY_HAND = 4
    # Number or name cannot be anybody's.
    NOT_SCREENED = 5


@dataclass(frozen=True, slots=True)
class OfflineAnswer:
    """`measures` would bind the unit if the service confirms. `age_s`: since all changes were in the set."""

    outcome: OfflineOutcome
    measures: tuple[int, ...]
    version: int
    age_s: float
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Freshness:
    """Of a set: the version it has, when the list stood so, and until when it may be relied on."""

    version: int
    as_of_ns: int
    good_until_ns: int

    @property
    def good_for_s(self) -> float:
        """How old it may become."""
        return (self.good_until_ns - self.as_of_ns) / NS_PER_S


@dataclass(frozen=True, slots=True)
class OfflineSet:
    """A snapshot with the deltas that were laid over it."""

    head: offline_pb2.SnapshotHead
    freshness: Freshness
    _proofs: Proofs
    _changed: dict[int, tuple[State, ...]]
    _hasher: Hasher
    _key: SetKey
    _public_key: Ed25519PublicKey

    @classmethod
    def open(
        cls, sealed: bytes, key: SetKey, public_key: Ed25519PublicKey, *, unit: str, now_ns: int | None
    ) -> "OfflineSet":
        """A snapshot that is what the service made, for this unit, and not stale at `now_ns`; None: stale is
        taken too, where deltas are still to come. Errors of OfflineError."""
        head, body = seal.unseal(seal.SNAPSHOT, offline_pb2.SnapshotHead(), sealed, public_key)
        _require_unit(head.unit, unit)
        if head.key_check != key.check:
            raise ForeignError("key: of another unit or another snapshot")
        freshness = Freshness(head.version, head.as_of_ns, head.good_until_ns)
        try:
            proofs = Proofs.of_body(body, head.bucket_bits, head.entry_count, head.odd_count)
        except ValueError as error:
            raise TamperedError(str(error)) from None
        odd = read_states(proofs.odd, head.odd_count)
        found = cls(head, freshness, proofs, odd, Hasher(key.identity, folding()), key, public_key)
        return found if now_ns is None else found.required_fresh("snapshot", now_ns)

    def with_delta(self, sealed: bytes, now_ns: int | None) -> "OfflineSet":
        """The set with a delta laid over it, which is not stale at `now_ns`; None: as with `open`. Errors of
        OfflineError; this one is as it was."""
        head, body = seal.unseal(seal.DELTA, offline_pb2.DeltaHead(), sealed, self._public_key)
        _require_unit(head.unit, self.head.unit)
        if head.snapshot_id != self.head.snapshot_id:
            raise ForeignError("delta: belongs to another snapshot")
        if head.from_version > self.freshness.version:
            raise ForeignError(
                f"delta: from version {head.from_version} on given, at most {self.freshness.version} expected"
            )
        if head.version < self.freshness.version:
            raise StaleError(
                f"delta: version {head.version} given, at least {self.freshness.version} expected"
            )
        freshness = Freshness(head.version, head.as_of_ns, head.good_until_ns)
        changed = self._changed | read_states(body, head.number_count)
        found = replace(self, freshness=freshness, _changed=changed)
        return found if now_ns is None else found.required_fresh("delta", now_ns)

    def required_fresh(self, what: str, now_ns: int) -> "OfflineSet":
        """This set. StaleError when it is stale."""
        if self.is_stale(now_ns):
            raise StaleError(f"{what}: {self.why_stale(now_ns)}")
        return self

    def why_stale(self, now_ns: int) -> str:
        """What is too old: the state of the list, or the snapshot, which no delta makes younger."""
        days = day_of(now_ns) - self.head.day
        if now_ns <= self.freshness.good_until_ns and days > DAYS_COUNTED:
            return f"the snapshot is {days} days old, at most {DAYS_COUNTED} expected; a new one is needed"
        if days < 0:
            return f"made {-days} days after today, as this clock has it"
        return f"{self.age_s(now_ns):.0f} s old, at most {self.freshness.good_for_s:.0f} s expected"

    def age_s(self, now_ns: int) -> float:
        """Seconds since all changes were in it."""
        return max(0, now_ns - self.freshness.as_of_ns) / NS_PER_S

    def is_stale(self, now_ns: int) -> bool:
        """Whether it is older than it may be, or the clock before it. It still answers, and says so."""
        day = day_of(now_ns)
        is_in_time = now_ns <= self.freshness.good_until_ns
        return not is_in_time or not self.head.day <= day <= self.head.day + DAYS_COUNTED

    def check(self, id_type: int, number: str, name: str, now_ns: int) -> OfflineAnswer:
        """What the set says of somebody. Nothing of it leaves this process."""
        hashed, tag, fault = proof_of(
            self._hasher,
            self._key.outer,
            id_type,
            number.encode(errors="surrogatepass"),
            name.encode(errors="surrogatepass"),
        )
        if fault:
            return self._answer(OfflineOutcome.NOT_SCREENED, 0, now_ns)
        is_there, kinds, bounds = self._look(hashed, tag, day_of(now_ns))
        if kinds & LISTED:
            return self._answer(OfflineOutcome.CONFIRM_LISTED, bounds, now_ns)
        if kinds:
            return self._answer(OfflineOutcome.CONFIRM_RESTRICTED, bounds, now_ns)
        outcome = OfflineOutcome.CHECK_BY_HAND if is_there else OfflineOutcome.CLEAR
        return self._answer(outcome, 0, now_ns)

    def _look(self, hashed: int, tag: int, day: int) -> tuple[int, int, int]:
        states = self._changed.get(hashed)
        if states is None:
            return self._proofs.find(hashed, tag, max(0, day - self.head.day))
        kinds = bounds = is_there = 0
        for state in states:
            if state.counts_on(day):
                is_there = 1
                if state.tag == tag:
                    kinds |= state.kinds
                    bounds |= 1 << state.bound
        return is_there, kinds, bounds

    def _answer(self, outcome: OfflineOutcome, bounds: int, now_ns: int) -> OfflineAnswer:
        return OfflineAnswer(
            outcome,
            self._measures(bounds) if bounds else (),
            self.freshness.version,
            self.age_s(now_ns),
            self.is_stale(now_ns),
        )

    def _measures(self, bounds: int) -> tuple[int, ...]:
        rows = (row for bound, row in enumerate(self.head.bounds) if bounds >> bound & 1)
        return tuple(sorted({measure for row in rows for measure in row.measures}))


def _require_unit(given: str, expected: str) -> None:
    if given != expected:
        raise ForeignError(f"unit: {given} given, {expected} expected")
