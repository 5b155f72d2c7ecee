"""Model: a listing, what is done to it, and what refuses that.

Frozen. A date is a number such as 20261122 (runtime.calendar); 0 is none. Numbers of enums are those of the
contract. No rule is in this file, and no name or number of a person is in any repr.
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple

ID_TYPE_RESIDENT: int = 1
ID_TYPE_ORGANISATION: int = 2
ID_TYPE_PASSPORT: int = 3


class Kind(IntEnum):
    """What a listing is: of the list itself, or of the list beside it, of those restricted in consumption."""

    LISTED = 1
    RESTRICTED = 2
    DERIVED = 3


class Status(IntEnum):
    """How a listing stands."""

    IN_FORCE = 1
    REMOVAL_DUE = 2
    REMOVED = 3
    EXPIRED = 4


class Deed(IntEnum):
    """What is done to a listing."""

    LIST = 1
    CORRECT = 2
    EXTEND = 3
    PROPOSE_REMOVAL = 4
    REJECT_REMOVAL = 5
    REMOVE = 6
    EXPIRE = 7
    OBJECT = 8
    UPHOLD = 9
    REJECT = 10
    ASK_REVIEW = 11
    SHOW_HITS = 12


class ObjectionStatus(IntEnum):
    """How an objection stands."""

    OPEN = 1
    UPHELD = 2
    REJECTED = 3
    REVIEW_OPEN = 4
    REVIEW_REJECTED = 5


class ProposalKind(IntEnum):
    """What an event of a case proposes."""

    REMOVAL = 1
    LISTING = 2


class ProposalStatus(IntEnum):
    """How a proposal stands."""

    OPEN = 1
    ACCEPTED = 2
    DISMISSED = 3
    OVERTAKEN = 4
    WITHDRAWN = 5


class Capacity(IntEnum):
    """What a subject is to the organisation that is the debtor; NONE: it is the debtor."""

    NONE = 0
    LEGAL_REPRESENTATIVE = 1
    MAIN_PERSON_IN_CHARGE = 2
    ACTUAL_CONTROLLER = 3
    DIRECTLY_RESPONSIBLE = 4


class Circumstance(IntEnum):
    """What may exclude a listing."""

    STUDENT_WITH_CAMPUS_LOAN = 1
    ADEQUATE_SECURITY_GIVEN = 2
    CONTROLLED_PROPERTY_SUFFICES = 3
    PERFORMANCE_ORDER_LATER = 4


class Rule(StrEnum):
    """Why something is refused."""

    NO_GROUND = "no_ground"
    UNKNOWN_GROUND = "unknown_ground"
    NO_MANDATE = "no_mandate"
    NOT_THE_DEBTOR = "not_the_debtor"
    MINOR = "minor"
    AGE_UNKNOWN = "age_unknown"
    REPRESENTATIVE = "representative_for_the_firms_debt"
    STUDENT = "student_with_campus_loan"
    ABLE_BUT_REFUSES_EXCLUDED = "able_but_refuses_excluded"
    RELISTING_BARRED = "relisting_barred"
    LISTED_ALREADY = "listed_already"
    IN_THE_FUTURE = "in_the_future"
    TOO_LONG_AGO = "too_long_ago"
    NO_PRINCIPAL = "no_principal"
    NO_TERM = "no_term"
    EXTENSION = "extension_beyond_its_limits"
    WRONG_REASON = "wrong_reason"
    NO_DECISION = "no_decision"
    NOT_NOW = "not_in_this_state"
    NO_SUCH_OBJECTION = "no_such_objection"
    REVIEW_TOO_LATE = "review_too_late"
    NOT_THE_SUPERIOR = "not_the_superior_court"
    PROPOSAL_NOT_OPEN = "proposal_not_open"


class Refusal(NamedTuple):
    """What is not done: the rule, and a text that names field, value and limit."""

    rule: Rule
    text: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a listing is about. It has no repr of its contents: it must get into no log."""

    id_type: int
    id_number: str = field(repr=False)
    name: str = field(repr=False)

    @property
    def is_organisation(self) -> bool:
        """By the type of its number."""
        return self.id_type == ID_TYPE_ORGANISATION


@dataclass(frozen=True, slots=True)
class Mandate:
    """The legal basis of a listing. `is_debtor`: the subject is the judgment debtor of the case."""

    court: str
    case_number: str
    instrument: str
    is_ruling: bool
    officer: str
    is_debtor: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """What a court wants to list."""

    kind: Kind
    subject: Subject
    mandate: Mandate
    ground: str = ""
    since: int = 0
    principal_id: int = 0
    capacity: Capacity = Capacity.NONE
    circumstances: frozenset[Circumstance] = frozenset()
    birth_date: int = 0
    approved_by: str = ""
    # What the instrument obliges the subject to and was not performed. It may name others.
    unperformed: str = field(default="", repr=False)
    # The case number as a file has it, where that is spelled otherwise than it is kept.
    spelled_case: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing as it stands."""

    listing_id: int
    kind: Kind
    status: Status
    subject: Subject
    mandate: Mandate
    ground: str
    since: int
    # The last day of its term; 0: it has none.
    until: int = 0
    extended_months: int = 0
    removal_due: int = 0
    removal_reason: str = ""
    removed: int = 0
    principal_id: int = 0
    capacity: Capacity = Capacity.NONE
    unperformed: str = field(default="", repr=False)
    # As they were given when it was listed.
    circumstances: frozenset[Circumstance] = frozenset()
    approved_by: str = ""

    @property
    def is_on(self) -> bool:
        """Whether it has not been taken off yet."""
        return self.status in (Status.IN_FORCE, Status.REMOVAL_DUE)


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection as it stands. `due`: by when the next step is to be taken; 0: there is none."""

    objection_id: int
    listing_id: int
    status: ObjectionStatus
    due: int
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as it stands. `listing_id` of a proposed listing: what it became; `kind` of a proposed
    removal: that of the listing. `due`: by when the listing is to be removed; 0: there is no such day."""

    proposal_id: int
    what: ProposalKind
    status: ProposalStatus
    court: str
    case_number: str
    kind: Kind
    event_id: str
    event_kind: str
    happened: int
    proposed_ns: int
    listing_id: int = 0
    reason: str = ""
    due: int = 0
    decided_ns: int = 0
    decided_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done to a listing: a line of its history."""

    deed: Deed
    day: int
    recorded_ns: int
    court: str
    actor: str
    reason: str = ""
    instrument: str = ""
    objection_id: int = 0


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What else the list knows of a subject, when it is to be listed again."""

    # Of this subject, in any state.
    listings: tuple[Listing, ...] = ()
    # Of the organisation that a derived restriction rests on.
    principal: Listing | None = None
