"""Model: claims, holds and controls as the ledger keeps them.

Holds and claims are changed only through Book.edit_hold and Book.edit_claim, which fork them once a step, so
that readers of what is kept never see a draft. Everything else here is frozen: model.pxd says so, which has
the types of the fields. No rule is in this file.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2

if TYPE_CHECKING:
    from chakong.journal.v1 import ledger_pb2

Kind: TypeAlias = hold_pb2.ControlKind.ValueType
Life: TypeAlias = hold_pb2.HoldLife.ValueType
End: TypeAlias = hold_pb2.HoldEnd.ValueType

FREEZE: Final = hold_pb2.CONTROL_KIND_FREEZE
RENEW: Final = hold_pb2.CONTROL_KIND_RENEW
RELEASE: Final = hold_pb2.CONTROL_KIND_RELEASE
DEDUCT: Final = hold_pb2.CONTROL_KIND_DEDUCT

REQUESTED: Final = hold_pb2.HOLD_LIFE_REQUESTED
SENT: Final = hold_pb2.HOLD_LIFE_SENT
UNKNOWN: Final = hold_pb2.HOLD_LIFE_UNKNOWN
QUEUED: Final = hold_pb2.HOLD_LIFE_QUEUED
EFFECTIVE: Final = hold_pb2.HOLD_LIFE_EFFECTIVE
ENDED: Final = hold_pb2.HOLD_LIFE_ENDED

# Absent amounts.
NONE: Final = -1
# Higher than every gap.
NEVER_CHECKED: Final = 1 << 62


class Property(NamedTuple):
    """What can be held; as the message of the same name."""

    institution: int
    item: int
    locator: str
    kind: str
    currency: str


class Subject(NamedTuple):
    """Who it belongs to; the number in capitals."""

    id_type: int
    id_number: str
    name: str


@dataclass(frozen=True, slots=True)
class Debtor:
    """One who owes: under his own name first, then whoever stands in for him. `cap_fen` -1: none of his
    own."""

    subjects: tuple[Subject, ...]
    cap_fen: int
    is_dead: bool = False
    is_bankrupt: bool = False


@dataclass(frozen=True, slots=True)
class Sighting:
    """A piece of property that answers named, as the newest of them has it. `available_fen` -1: the
    institution did not say; `holder`: which of the debtor's subjects it belongs to; `earlier`: older
    inquiries that found it too, ascending."""

    property: Property
    debtor: int
    inquiry_id: int
    amount_fen: int
    available_fen: int
    seen_ns: int
    holder: int = 0
    earlier: tuple[int, ...] = ()


@dataclass
class Objection:
    """An institution's objection to a hold."""

    text: str
    objected_ns: int
    answer_due: int
    is_answered: bool = False


@dataclass
class Outcome:
    """How a control ended. `stamp`: the step it came in."""

    stamp: int
    outcome: hold_pb2.ControlOutcome.ValueType
    refusal: hold_pb2.ControlRefusal.ValueType
    text: str
    deducted_fen: int
    ended_ns: int
    # As it left.
    requested_fen: int


@dataclass
class Control:
    """An order that changes property. Only `message` changes: it is let go of with the outcome."""

    control_id: int
    hold_id: int
    kind: Kind
    court: str
    order_id: str
    content_hash: bytes
    requested_fen: int
    whole: bool
    # RELEASE: -1, or how much stays of what is held and of what goes out before it, in all.
    keep_fen: int
    months: int
    urgent: bool
    reason: str
    cause: str
    officer: str
    ordered_by: str
    waits: bool
    ordered_ns: int
    # As it leaves, encoded as a field of its batch; empty once it has an outcome.
    message: bytes

    def asked_fen(self, deducted_fen: int) -> int:
        """What it asks for when its turn comes, with so much deducted from its hold by then."""
        if self.keep_fen < 0:
            return self.requested_fen
        return max(0, self.keep_fen - deducted_fen)


@dataclass
class Deed:
    """What a control on a hold is to do. `keep_fen` -1: none; `with_freeze`: a DEDUCT behind its own FREEZE;
    `left_count`: so many controls on the hold stay before an urgent one."""

    kind: Kind
    ceiling_fen: int = 0
    whole: bool = False
    amount_fen: int = 0
    months: int = 0
    payee: str = ""
    keep_fen: int = NONE
    urgent: bool = False
    reason: str = ""
    waits: bool = False
    with_freeze: bool = False
    left_count: int = 0


@dataclass
class TakenOrder:
    """An order that was taken; as the message OrderReceipt."""

    control_id: int
    order_id: str
    hold_id: int
    repeated: bool = False
    waits_for_approval: bool = False


@dataclass
class Origin:
    """What a hold is from the beginning to the end."""

    hold_id: int
    claim: int
    debtor: int
    endpoint: int
    property: Property
    subject: Subject
    is_thing: bool
    # Of the FREEZE, serialized: the gateway's own follow-ups rest on it.
    mandate: bytes
    notice: str
    months: int
    requested_fen: int
    whole: bool
    requested_ns: int
    # What was last seen to be free in the account; -1: unknown.
    expected_fen: int
    replaces: int


class Hold:
    """A freeze as it stands, by the institution's last word."""

    def __init__(self, origin: Origin, stamp: int, *, waits: bool) -> None:
        self.stamp = stamp
        self.origin = origin
        self.life: Life = REQUESTED
        self.end: End = hold_pb2.HOLD_END_UNSPECIFIED
        self.version = 0
        self.ceiling = origin.requested_fen
        self.controlled = 0
        self.deducted = 0
        # Of what was deducted, what reached the court.
        self.credited = 0
        # Of a thing, by the court's word.
        self.value = 0
        self.position = 0
        self.ahead: tuple[str, ...] = ()
        self.since = 0
        self.until = 0
        self.available = NONE
        self.stated_ns = 0
        self.changed_ns = origin.requested_ns
        # From when the FREEZE may leave; its deadline runs from here.
        self.clock_ns = origin.requested_ns
        self.overdue = False
        self.lapsed = False
        self.indivisible = False
        # A RELEASE was refused; the gateway does not repeat it until the institution says something new.
        self.is_stuck = False
        self.waits = waits
        # The other hold of a replacement; 0: none.
        self.pair = 0
        self.objections: tuple[Objection, ...] = ()
        # All controls on it, and those without outcome in the order in which they leave.
        self.controls: tuple[int, ...] = (origin.hold_id,)
        self.pending: tuple[int, ...] = ()
        # So many of its controls have ended and were told, and how: what is told does not change.
        self.told_count = 0
        self.told = b""
        # What it counts for its claim.
        self.cover = 0
        self.kept = 0
        self.rest = 0
        self.flight = 0
        self.exposed = 0
        self.reach = 0

    def fork(self, stamp: int) -> "Hold":
        """A copy for this step."""
        new: Hold = Hold.__new__(Hold)
        new.stamp = stamp
        new.origin = self.origin
        new.life = self.life
        new.end = self.end
        new.version = self.version
        new.ceiling = self.ceiling
        new.controlled = self.controlled
        new.deducted = self.deducted
        new.credited = self.credited
        new.value = self.value
        new.position = self.position
        new.ahead = self.ahead
        new.since = self.since
        new.until = self.until
        new.available = self.available
        new.stated_ns = self.stated_ns
        new.changed_ns = self.changed_ns
        new.clock_ns = self.clock_ns
        new.overdue = self.overdue
        new.lapsed = self.lapsed
        new.indivisible = self.indivisible
        new.is_stuck = self.is_stuck
        new.waits = self.waits
        new.pair = self.pair
        new.objections = self.objections
        new.controls = self.controls
        new.pending = self.pending
        new.told_count = self.told_count
        new.told = self.told
        new.cover = self.cover
        new.kept = self.kept
        new.rest = self.rest
        new.flight = self.flight
        new.exposed = self.exposed
        new.reach = self.reach
        return new

    @property
    def is_flying(self) -> bool:
        """Its FREEZE may leave or has left, and nothing was heard of it."""
        return self.version == 0 and self.life != ENDED and not self.waits

    @property
    def counts(self) -> bool:
        """It covers something, or will when all that is pending is done, as the newer of a pair may."""
        return self.cover > 0 or self.kept > 0

    @property
    def is_in_force(self) -> bool:
        """Effective, and its last day has not passed."""
        return self.life == EFFECTIVE and not self.lapsed


class Claim:
    """A sum that may be held for a case, with the sums over its holds. The lists and sets are shared by all
    forks: Book undoes what a dropped step did to them."""

    def __init__(self, number: int, stamp: int) -> None:
        self.stamp = stamp
        self.number = number
        # As it was put; and the court that has the case now.
        self.message = controls_pb2.Claim()
        self.claim_id = ""
        self.court = ""
        # All that had it, the first one first.
        self.courts: tuple[str, ...] = ()
        self.case_number = ""
        self.debtors: tuple[Debtor, ...] = ()
        # Principal and costs.
        self.base_fen = 0
        self.interest_base = 0
        self.interest_ppm = 0
        # The day after which interest runs, in days since 1970.
        self.interest_day = 0
        self.credited = 0
        self.stayed = False
        self.standing: ledger_pb2.Standing | None = None
        # When it was put, an event recorded, or a standing order given or ended; holds know their own.
        self.changed_ns = 0
        # Ids of the case events that were recorded: so many of the list.
        self.event_count = 0
        self.events: list[tuple[str, str]] = []
        # due on `due_day`; 0: to be reckoned.
        self.due_day = 0
        self.due_fen = 0
        self.cover = 0
        # Cover when all that is pending is done.
        self.kept = 0
        # Debited and not credited; part of both.
        self.rest = 0
        self.flight = 0
        self.exposed = 0
        # Of those in flight, how many are past their deadline.
        self.overdue = 0
        # The gap for which all that reach were last looked at, and no less than any of them reaches for.
        self.checked_gap = NEVER_CHECKED
        self.reach_max = 0
        # No hold that counts ends before this date.
        self.until_min = 99991231
        # With a cap for any debtor: the same sums for each.
        self.caps = False
        self.debtor_cover: list[int] = []
        self.debtor_kept: list[int] = []
        self.debtor_flight: list[int] = []
        self.debtor_credited: list[int] = []
        # All its holds; those that may still fill, that cover, that are in flight; its DEDUCTs on their way.
        self.holds: list[int] = []
        self.reaching: set[int] = set()
        self.counting: set[int] = set()
        self.flying: set[int] = set()
        self.deducting: set[int] = set()

    def fork(self, stamp: int) -> "Claim":
        """A copy for this step."""
        new: Claim = Claim.__new__(Claim)
        new.stamp = stamp
        new.number = self.number
        new.message = self.message
        new.claim_id = self.claim_id
        new.court = self.court
        new.courts = self.courts
        new.case_number = self.case_number
        new.debtors = self.debtors
        new.base_fen = self.base_fen
        new.interest_base = self.interest_base
        new.interest_ppm = self.interest_ppm
        new.interest_day = self.interest_day
        new.credited = self.credited
        new.stayed = self.stayed
        new.changed_ns = self.changed_ns
        new.event_count = self.event_count
        new.events = self.events
        new.standing = self.standing
        new.due_day = self.due_day
        new.due_fen = self.due_fen
        new.cover = self.cover
        new.kept = self.kept
        new.rest = self.rest
        new.flight = self.flight
        new.exposed = self.exposed
        new.overdue = self.overdue
        new.checked_gap = self.checked_gap
        new.reach_max = self.reach_max
        new.until_min = self.until_min
        new.caps = self.caps
        # Without caps they are empty, and never added to.
        new.debtor_cover = self.debtor_cover.copy() if self.caps else self.debtor_cover
        new.debtor_kept = self.debtor_kept.copy() if self.caps else self.debtor_kept
        new.debtor_flight = self.debtor_flight.copy() if self.caps else self.debtor_flight
        new.debtor_credited = self.debtor_credited.copy() if self.caps else self.debtor_credited
        new.holds = self.holds
        new.reaching = self.reaching
        new.counting = self.counting
        new.flying = self.flying
        new.deducting = self.deducting
        return new
