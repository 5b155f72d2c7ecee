"""Scenarios: what kind of day it is.

A Mixture says how much of each evil there is; a Scenario casts it over the endpoints by a seed and decides,
purely, what an endpoint does at a moment and with its nth batch. It sends nothing and twists no reply;
docs/scenarios.md says what each scenario must end in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import Enum, auto

from simulator.layout import INQUIRE, Endpoint, Layout, bitmap, without
from simulator.mixing import mix, roll

SECOND_NS = 1_000_000_000
BEIJING = timedelta(hours=8)
# Liars that mend their ways lie on their first batches only: less often than any gateway gives up after.
LIES_BEFORE_MENDING = 2
POISON_ONE_IN = 2_000
DECLINE_ONE_IN = 500
# Endpoints that cannot stream what happens to holds.
POLLED_ONE_IN = 8
POLLED_SALT = 0x506F6C6C
# Controls and batches are drawn apart.
CONTROL_ORDINAL_FIRST = 1 << 40
SLOW_MS_MIN, SLOW_MS_MAX = 2_000, 8_000
DISORDER_MS_MAX = 250


class Role(Enum):
    """What an endpoint is for the whole day."""

    HONEST = auto()
    SLOW = auto()
    SILENT = auto()  # takes streams, reads nothing
    CLOSED = auto()  # ends every stream at once
    GONE = auto()  # CLOSED for a while
    GARBAGE = auto()
    FOREIGN_BATCH = auto()
    UNKNOWN_INDEX = auto()
    FOREIGN_RECORD = auto()
    WRONG_INSTITUTION = auto()
    FORGETFUL = auto()  # a hub that leaves one institution out of every reply
    POISONED = auto()  # chokes on some subjects: their batch is refused whole
    DECLINING = auto()  # refuses some subjects by themselves


class Fault(Enum):
    """What becomes of one reply."""

    NONE = auto()
    REFUSAL = auto()  # Reply.refusal
    RESET = auto()  # the stream ends instead
    HALF = auto()  # only the first half of the entries is answered
    UNAVAILABLE = auto()  # one entry meets a core system that is down
    GARBAGE = auto()
    FOREIGN_BATCH = auto()
    UNKNOWN_INDEX = auto()
    FOREIGN_RECORD = auto()
    WRONG_INSTITUTION = auto()


class Gate(Enum):
    """Whether an endpoint takes streams."""

    OPEN = auto()
    CLOSED = auto()
    SILENT = auto()


LIES = {
    Role.GARBAGE: Fault.GARBAGE,
    Role.FOREIGN_BATCH: Fault.FOREIGN_BATCH,
    Role.UNKNOWN_INDEX: Fault.UNKNOWN_INDEX,
    Role.FOREIGN_RECORD: Fault.FOREIGN_RECORD,
    Role.WRONG_INSTITUTION: Fault.WRONG_INSTITUTION,
}
GATES = {Role.SILENT: Gate.SILENT, Role.CLOSED: Gate.CLOSED}
ERRORS = (Fault.REFUSAL, Fault.RESET, Fault.HALF, Fault.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Mixture:
    """How much of what. Shares are of endpoints, or where said, of batches."""

    name: str
    slow_share: float = 0.0
    dead_share: float = 0.0  # half of them SILENT, half CLOSED
    error_share: float = 0.0  # of batches
    duplicate_share: float = 0.0  # of batches: the reply comes twice
    disorder_share: float = 0.0  # of batches: the reply is held back a little, so that later ones overtake it
    gone_from_s: float = 0.0
    gone_until_s: float = 0.0  # one provincial union is away from then until then
    has_liars: bool = False
    keeps_hours: bool = False
    turnover_at_s: float = 0.0  # 0: never
    turnover_count: int = (
        0  # banks that can be inquired no longer from then on; those that could not, then can
    )


MIXTURES = {
    mixture.name: mixture
    for mixture in (
        Mixture("calm"),
        Mixture(
            "storm",
            slow_share=0.05,
            dead_share=0.01,
            error_share=0.02,
            duplicate_share=0.02,
            disorder_share=0.10,
        ),
        Mixture("outage", gone_until_s=20.0),
        Mixture("liars", has_liars=True),
        Mixture("night", keeps_hours=True),
        Mixture("turnover", turnover_at_s=10.0, turnover_count=20),
    )
}


@dataclass(frozen=True, slots=True)
class Conduct:
    """What an endpoint does with one batch."""

    fault: Fault = Fault.NONE
    delay_ms: int = 0
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Cast:
    role: Role = Role.HONEST
    mends: bool = False  # a liar that is honest after LIES_BEFORE_MENDING batches
    forgotten: frozenset[int] = field(default_factory=frozenset)


_HONEST = Cast()
_WELL_BEHAVED = Conduct()


class Scenario:
    """A mixture, cast over the endpoints. All methods are pure functions of their arguments."""

    def __init__(self, mixture: Mixture, seed: int, layout: Layout) -> None:
        self.mixture = mixture
        self.seed = seed
        self._salt = roll(seed, *mixture.name.encode())
        self._endpoints = layout.endpoints
        able = {one.index for one in layout.institutions if INQUIRE in one.can}
        self.casts: dict[int, Cast] = dict(self._cast(able))
        banks = sorted((index for index in able if layout.institutions[index].province), key=self._rank)
        lost = set(banks[: mixture.turnover_count])
        gained = {one.index for one in layout.institutions} - able
        self._able = frozenset(able)
        self._able_later = frozenset(able - lost | gained)
        self._bitmaps = {able: bitmap(able) for able in (self._able, self._able_later)}

    def role(self, endpoint: int) -> Role:
        return self.casts.get(endpoint, _HONEST).role

    def gate(self, endpoint: int, since_ns: int) -> Gate:
        """`since_ns`: since the start of the day."""
        role = self.role(endpoint)
        if role is Role.HONEST:
            return Gate.OPEN
        if role is Role.GONE:
            is_gone = self.mixture.gone_from_s <= since_ns / SECOND_NS < self.mixture.gone_until_s
            return Gate.CLOSED if is_gone else Gate.OPEN
        return GATES.get(role, Gate.OPEN)

    def closes_in_s(self, endpoint: int, since_ns: int) -> float | None:
        """Seconds until an open gate closes; None: never."""
        remaining_s = self.mixture.gone_from_s - since_ns / SECOND_NS
        return remaining_s if self.role(endpoint) is Role.GONE and remaining_s > 0 else None

    def is_in_hours(self, endpoint: int, now_ns: int) -> bool:
        return not self.mixture.keeps_hours or is_open(self._endpoints[endpoint].hours, now_ns)

    def able(self, since_ns: int) -> frozenset[int]:
        """The institutions that can be inquired."""
        has_turned = 0 < self.mixture.turnover_at_s <= since_ns / SECOND_NS
        return self._able_later if has_turned else self._able

    def able_bitmap(self, endpoint: int, since_ns: int) -> bytes:
        """Those that can be inquired, less those that this endpoint forgets."""
        bits = self._bitmaps[self.able(since_ns)]
        forgotten = self.casts.get(endpoint, _HONEST).forgotten
        return without(bits, forgotten) if forgotten else bits

    def conduct(self, endpoint: int, ordinal: int) -> Conduct:
        """What it does with the batch it received as its `ordinal`th, from 0."""
        cast = self.casts.get(endpoint, _HONEST)
        if cast.role in LIES:
            is_mended = cast.mends and ordinal >= LIES_BEFORE_MENDING
            return _WELL_BEHAVED if is_mended else Conduct(fault=LIES[cast.role])
        if not self.mixture.error_share and cast.role is not Role.SLOW:
            return _WELL_BEHAVED
        luck = roll(self._salt, endpoint, ordinal)
        return Conduct(
            fault=ERRORS[luck % len(ERRORS)]
            if _is_lucky(mix(luck + 1), self.mixture.error_share)
            else Fault.NONE,
            delay_ms=self._delay_ms(cast.role, luck),
            copies=2 if _is_lucky(mix(luck + 2), self.mixture.duplicate_share) else 1,
        )

    def control_conduct(self, endpoint: int, ordinal: int) -> Conduct:
        """What it does with the controls that came as its `ordinal`th: those who lie to batches do not lie
        here, since the books have misdeeds of their own."""
        conduct = self.conduct(endpoint, CONTROL_ORDINAL_FIRST + ordinal)
        is_possible = conduct.fault is Fault.NONE or conduct.fault in ERRORS
        return conduct if is_possible else _WELL_BEHAVED

    def can_follow(self, endpoint: int) -> bool:
        """Whether it streams its events; else it is polled."""
        return roll(self.seed, endpoint, POLLED_SALT) % POLLED_ONE_IN != 0

    def poison_salt(self, endpoint: int) -> int | None:
        """Batches with a subject chosen by this salt, one in POISON_ONE_IN, are refused whole; None: no
        batch is."""
        return self._salt if self.role(endpoint) is Role.POISONED else None

    def decline_salt(self, endpoint: int) -> int | None:
        """Subjects chosen by this salt, one in DECLINE_ONE_IN, are refused by themselves; None: nobody is."""
        return self._salt if self.role(endpoint) is Role.DECLINING else None

    def _delay_ms(self, role: Role, luck: int) -> int:
        if role is Role.SLOW:
            return SLOW_MS_MIN + mix(luck + 3) % (SLOW_MS_MAX - SLOW_MS_MIN)
        return mix(luck + 4) % DISORDER_MS_MAX if _is_lucky(mix(luck + 5), self.mixture.disorder_share) else 0

    def _cast(self, able: set[int]) -> Iterable[tuple[int, Cast]]:
        ranked = sorted(self._endpoints, key=lambda endpoint: self._rank(endpoint.index))
        if self.mixture.gone_until_s > self.mixture.gone_from_s:
            yield _union(ranked).index, Cast(Role.GONE)
        if self.mixture.has_liars:
            yield from _liars(ranked, able)
        dead_count = round(self.mixture.dead_share * len(ranked))
        slow_count = round(self.mixture.slow_share * len(ranked))
        for place, endpoint in enumerate(ranked[: dead_count + slow_count]):
            dead = Role.SILENT if place % 2 else Role.CLOSED
            yield endpoint.index, Cast(dead if place < dead_count else Role.SLOW)

    def _rank(self, index: int) -> int:
        return roll(self._salt, index)


def is_open(hours: str, now_ns: int) -> bool:
    """`hours`: "always", or from and until in Beijing time, "07:00-23:00"."""
    if hours == "always":
        return True
    first, last = (time.fromisoformat(part) for part in hours.split("-"))
    now = (datetime.fromtimestamp(now_ns // SECOND_NS, UTC) + BEIJING).time()
    return first <= now < last if first <= last else now >= first or now < last


def _is_lucky(luck: int, share: float) -> bool:
    return luck < share * 2**64


def _union(ranked: Sequence[Endpoint]) -> Endpoint:
    return next(endpoint for endpoint in ranked if endpoint.key.startswith("union-"))


def _liars(ranked: Sequence[Endpoint], able: set[int]) -> Iterable[tuple[int, Cast]]:
    """Two of each lie, one for good and one that mends; a forgetful hub, and two that choke on persons."""
    hub = next(endpoint for endpoint in ranked if len(endpoint.institutions) > 1)
    yield hub.index, Cast(Role.FORGETFUL, forgotten=frozenset({min(able.intersection(hub.institutions))}))
    others = iter(endpoint.index for endpoint in ranked if endpoint is not hub)
    yield next(others), Cast(Role.POISONED)
    yield next(others), Cast(Role.DECLINING)
    for role in LIES:
        yield next(others), Cast(role)
        yield next(others), Cast(role, mends=True)
