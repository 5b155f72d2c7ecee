"""Face: what goes into the Ledger and comes out of it besides messages of the contracts.

Frozen. Texts name field, value and limit, and never a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import type_pb2

MINUTE_NS: Final = 60 * 1_000_000_000
DAY_NS: Final = 24 * 60 * MINUTE_NS


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the gateway does not take, by which rule, and why."""

    rule: controls_pb2.Rule.ValueType
    text: str

    @property
    def name(self) -> str:
        """The rule's name without its prefix, as in ErrorInfo."""
        return controls_pb2.Rule.Name(self.rule).removeprefix("RULE_")


class FaultKind(StrEnum):
    """What is wrong with an institution's word; a label of metrics."""

    UNKNOWN_CONTROL = "unknown_control"
    UNKNOWN_HOLD = "unknown_hold"
    FOREIGN_ENDPOINT = "foreign_endpoint"
    NOT_SENT = "not_sent"
    MALFORMED = "malformed"
    # More than was ordered.
    TOO_MUCH = "too_much"
    CONTRADICTION = "contradiction"
    GAP = "gap"
    # The gateway itself failed over it.
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class Fault:
    """An institution said what cannot be. `is_taken`: what is harmful in it is taken into account all the
    same."""

    kind: FaultKind
    text: str
    is_taken: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What the configuration says. `approval_above_fen` 0: no order waits for another officer."""

    approval_above_fen: int = 0
    unknown_after_ns: int = 10 * MINUTE_NS
    holds_max: int = 4_000_000
    claims_max: int = 1_000_000
    # What is settled leaves so long after its last change, 0: never; ids stay known for so long after that.
    ended_keep_ns: int = 0
    orders_keep_ns: int = 400 * DAY_NS


@dataclass(frozen=True, slots=True)
class HoldQuery:
    """Which holds are asked for; as in controls.proto ListHoldsRequest. `court` empty: of every court."""

    court: str = ""
    case_number: str = ""
    subject: type_pb2.Subject | None = None
    institution: int | None = None
    expiring_within_days: int = 0
    idle_for_days: int = 0
    ended: bool = False
    after_hold_id: int = 0
    count_max: int = 100


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures for metrics, of what is kept; refusals and faults since the start."""

    claims: int
    holds: int
    claims_by_state: Mapping[str, int]
    holds_by_life: Mapping[str, int]
    controls_open: int
    controls_out: int
    controls_waiting: int
    exposed_fen: int
    # When the oldest control was ordered that has no outcome and waits for no officer; 0: there is none.
    oldest_open_ns: int = 0
    refusals: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)
