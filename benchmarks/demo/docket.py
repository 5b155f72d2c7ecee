"""Docket: what the courts were told of their holds, as it came, and how long each control took.

It keeps the latest word on every hold, which controls have no outcome yet, and counts what breaks the
contract. Pure; the caller passes times. It does not compare holds with claims.
"""

from collections import Counter
from collections.abc import Iterable

from chakong.gateway.v1.controls_pb2 import ControlView, HoldView
from chakong.type.v1.hold_pb2 import (
    CONTROL_OUTCOME_DONE,
    CONTROL_OUTCOME_REFUSED,
    CONTROL_OUTCOME_UNSPECIFIED,
    HOLD_LIFE_EFFECTIVE,
    ControlKind,
)

# Why the gateway itself ends a control that has not left.
OWN_WORDS = "RULE_"


class Docket:
    """Of all courts. `faults`: name of a broken promise -> how often."""

    def __init__(self) -> None:
        self.holds: dict[int, HoldView] = {}
        self.faults: Counter[str] = Counter()
        # (FREEZE, DONE) and so on -> controls.
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.latencies_ms: list[float] = []
        self.held_fen = 0
        # Those that wait for an officer, by id.
        self.waiting: dict[int, ControlView] = {}
        self._ordered_ns: dict[int, int] = {}
        # When, and how.
        self._ended: dict[int, tuple[int, int]] = {}

    @property
    def ordered_count(self) -> int:
        """Controls that are known of."""
        return len(self._ordered_ns)

    @property
    def ended_count(self) -> int:
        """Of these, those with an outcome."""
        return len(self._ended)

    @property
    def is_quiet(self) -> bool:
        """Every control has its outcome, but those that wait for an officer."""
        return self.ended_count + len(self.waiting) >= self.ordered_count

    def ordered(self, control_ids: Iterable[int], sent_ns: int) -> None:
        """A receipt names these; they were sent for at that time. Their outcomes may have come already."""
        for control_id in control_ids:
            self._ordered_ns[control_id] = 0 if control_id in self.waiting else sent_ns
            if control_id in self._ended:
                self._note_latency(control_id)

    def take(self, holds: Iterable[HoldView], now_ns: int) -> None:
        """Holds as they came."""
        for hold in holds:
            before = self.holds.get(hold.hold_id)
            self.held_fen += _held_fen(hold) - (_held_fen(before) if before is not None else 0)
            self.holds[hold.hold_id] = hold
            self._check(before, hold)
            for control in hold.controls:
                self._take_control(control, now_ns)

    def _take_control(self, control: ControlView, now_ns: int) -> None:
        control_id = control.control_id
        if control.waits_for_approval:
            # How long an officer takes is no latency.
            self.waiting[control_id] = control
            self._ordered_ns[control_id] = 0
        elif control_id in self.waiting:
            del self.waiting[control_id]
        is_ours = control_id in self._ordered_ns
        self._ordered_ns.setdefault(control_id, 0)
        if control.outcome == CONTROL_OUTCOME_UNSPECIFIED:
            self.faults["outcome_taken_back"] += control_id in self._ended
            return
        if control_id in self._ended:
            self.faults["second_outcome"] += self._ended[control_id][1] != control.outcome
            return
        self._ended[control_id] = (now_ns, control.outcome)
        self.outcomes[kind_word(control.kind), outcome_word(control)] += 1
        if is_ours:
            self._note_latency(control_id)

    def _note_latency(self, control_id: int) -> None:
        sent_ns = self._ordered_ns[control_id]
        if sent_ns:
            self.latencies_ms.append((self._ended[control_id][0] - sent_ns) / 1e6)

    def _check(self, before: HoldView | None, hold: HoldView) -> None:
        self.faults["controlled_above_ceiling"] += not hold.whole and hold.controlled_fen > hold.ceiling_fen
        if before is None:
            return
        self.faults["hold_came_back_to_life"] += bool(before.end) and not hold.end
        self.faults["controls_lost"] += len(hold.controls) < len(before.controls)
        self.faults["went_back_in_time"] += hold.changed_ns < before.changed_ns


def kind_word(kind: int) -> str:
    """CONTROL_KIND_FREEZE is FREEZE."""
    return ControlKind.Name(ControlKind.ValueType(kind)).removeprefix("CONTROL_KIND_")


def outcome_word(control: ControlView) -> str:
    """DONE; REFUSED, by the institution; DROPPED, by the gateway before it left."""
    if control.outcome == CONTROL_OUTCOME_DONE:
        return "DONE"
    if control.outcome == CONTROL_OUTCOME_REFUSED and control.text.startswith(OWN_WORDS):
        return "DROPPED"
    return "REFUSED"


def _held_fen(hold: HoldView) -> int:
    return hold.controlled_fen if hold.life == HOLD_LIFE_EFFECTIVE else 0
