"""Model: a case, what happened in it, and what the rules make of that.

Frozen. A date is a number such as 20261122 (runtime.calendar); 0 is none. What happened is an Event and is
never changed: a mistake is put right by another event. All of a case but its registration follows from its
events. No rule is in this file, and of the debtors there is only how many they are.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Status(IntEnum):
    """How a case stands."""

    OPEN = 1
    ENDED_FOR_NOW = 2
    CLOSED = 3


class NodeState(IntEnum):
    """What the events made of a node. Whether its day has passed is asked of rules.levels."""

    OPEN = 1
    DONE = 2
    # By its measure's end, or because the case ended.
    ENDED = 3


class Urgency(IntEnum):
    """How near its end an open node is, on a day."""

    NORMAL = 1
    AMBER = 2
    RED = 3
    OVERDUE = 4


class Rule(StrEnum):
    """Why an event is refused."""

    UNKNOWN_KIND = "unknown_kind"
    NOT_A_DATE = "not_a_date"
    IN_THE_FUTURE = "in_the_future"
    TOO_LONG_AGO = "too_long_ago"
    WRONG_SOURCE = "wrong_source"
    THING_MISSING = "thing_missing"
    THING_UNEXPECTED = "thing_unexpected"
    DETAIL_MISSING = "detail_missing"
    DETAIL_UNEXPECTED = "detail_unexpected"
    DETAIL_WRONG = "detail_wrong"
    NO_BASIS = "no_basis"
    BEFORE_ITS_START = "before_its_start"
    NOT_BEFORE = "not_before"
    CASE_CLOSED = "case_closed"
    CLOSED_BEFORE = "closed_before"
    ENDING_INCOMPLETE = "ending_incomplete"
    NO_EXTENSION = "no_extension"
    NOT_APPROVED = "not_approved"
    EXTENDED_TOO_FAR = "extended_too_far"
    TOO_LATE = "too_late"
    TERM_TOO_LONG = "term_too_long"
    NOT_WITHOUT_PROPERTY = "not_without_property"
    NO_SUCH_EVENT = "no_such_event"
    NUMBER_TAKEN = "number_taken"
    TOO_MANY_EVENTS = "too_many_events"


class Refusal(NamedTuple):
    """An event that is not taken: the rule, and a text that names field, value and limit."""

    rule: Rule
    text: str


class Count(NamedTuple):
    """How many queries of an inquiry ended in a state: FOUND, NONE, AMBIGUOUS, REFUSED, ..."""

    state: str
    query_count: int


@dataclass(frozen=True, slots=True)
class Detail:
    """What some kinds of events say besides. An event that says what its kind has no use for is refused."""

    # measure_effective, property_found: kind of property of terms.toml.
    property: str = ""
    # measure_effective, measure_renewed: the last day of the measure, as the institution or the ruling has
    # it.
    until: int = 0
    # money_received, clue_received, property_found: the property (or payment, clue) that the thing came from.
    origin: str = ""
    # auction, auction_failed, second_auction_failed: online | traditional.
    route: str = ""
    # clue_received.
    is_urgent: bool = False
    # clock_stopped, clock_resumed: key of the excluded period.
    period: str = ""
    # extension_granted: node (0: closing), how much, and whose approval.
    node: int = 0
    months: int = 0
    days: int = 0
    approved_by: str = ""
    # property_found, property_found_after_suspension, money_received, claim_satisfied: fen.
    amount_fen: int = 0
    # online_inquiry: which of the case's subjects it asked about, from 1; 0: not told.
    subject: int = 0
    # online_inquiry: which one, that every kind of institution was asked for the debtor and all its queries
    # ended, for which items. no_property_found and without_property: the inquiry they rest on.
    inquiry: str = ""
    is_full: bool = False
    items: tuple[int, ...] = ()
    ended: tuple[Count, ...] = ()
    # closing: how.
    manner: str = ""
    # case_transferred: to which court.
    court: str = ""
    # closing: why enforcement is ended for now although something is missing; without_property: why what is
    # left cannot be disposed of.
    reason: str = ""
    # suspension_start: the applicant asked for it.
    is_wished: bool = False


NO_DETAIL = Detail()


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right about an earlier event. `is_void`: it did not happen. Else all of it that can be wrong:
    its day, its thing, its detail."""

    event_id: str
    is_void: bool = False
    effective: int = 0
    thing: str = ""
    detail: Detail = NO_DETAIL


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a case. `effective`: the Beijing day; `recorded_ns`: when it became known
    here. `thing`: the property, clue or payment it belongs to; empty if it belongs to the case."""

    event_id: str
    case_id: str
    kind: str
    effective: int
    recorded_ns: int
    source: str = "court"
    thing: str = ""
    officer: str = ""
    instrument: str = ""
    basis: str = ""
    detail: Detail = NO_DETAIL
    # Of kind `corrected` alone.
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """What automatic inquiries cite; without it none are made."""

    officer: str
    instrument: str
    at_registration: bool = False
    patrol: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What registration fixed. `profile`: "" is the national one. `is_litigation`: a court gave the title.
    `subject_count`: how many debtors inquiries ask about; 0: nobody told who they are."""

    case_id: str
    court: str
    number: str
    level: int = 1
    handler: str = ""
    profile: str = ""
    is_litigation: bool = True
    is_conduct_only: bool = False
    # The applicant asked that enforcement be ended for now.
    is_ending_wished: bool = False
    claim_fen: int = 0
    subject_count: int = 0
    authority: Authority | None = None


class Node(NamedTuple):
    """A node of a case, or of a thing in it; `round`: the second time a start came after it was done is 2.

    Days of 0 are none. `due` is the last day; `done` the one on which it was done or ended. `rule`, `article`
    and `version` say where it comes from; `version` is the first day on which that version of the rule is in
    force. Of a `term`, `start` is the day on which the term that runs now began. `variant` and
    `stopped_days`: what rules.recompute needs besides. `fresh`: of node 37, the last day on which the latest
    full inquiry about each debtor is fresh.
    """

    number: int
    thing: str
    round: int
    state: NodeState
    start: int
    not_before: int
    amber: int
    red: int
    due: int
    done: int
    rule: str
    article: str
    version: int
    is_provisional: bool
    # The case's clock stands still, and what is left is not used up: no due day yet.
    is_stopped: bool
    stopped_days: int
    variant: int
    inquiry_count: int = 0
    fresh: int = 0


class Pending(NamedTuple):
    """An event that does not do its work yet. `why`: start_unknown, before_start, after_closing,
    closed_before, too_late, not_approved, no_such_event, property_unknown."""

    event_id: str
    kind: str
    thing: str
    why: str


class Alert(NamedTuple):
    """What an officer must see. `day`: since when."""

    kind: str
    urgency: Urgency
    node: int
    thing: str
    day: int
    text: str


class Stop(NamedTuple):
    """An excluded period, from the day it began up to the day before `until`; 0: it goes on."""

    period: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class State:
    """A case as of a day, as known at a moment."""

    status: Status
    # Since when.
    status_day: int
    # The court that has the case now.
    court: str
    nodes: tuple[Node, ...]
    pending: tuple[Pending, ...]
    stops: tuple[Stop, ...]
    alerts: tuple[Alert, ...]
    # What happened, as corrected, in the order of effective days; corrections are not among it. What is
    # pending is.
    history: tuple[Event, ...]
    # Events that did not happen after all.
    voided: tuple[Event, ...]
    as_of: int
    law_version: str

    @property
    def stopped_by(self) -> tuple[str, ...]:
        """The excluded periods that go on."""
        return tuple(stop.period for stop in self.stops if not stop.until)
