"""Chronicle: what is durable, read from the frames themselves, and what has left the gateway.

It outlives every crash and believes nobody: neither the ledger's memory nor its views. Facts that may not be
are told to `fail`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import ledger_pb2
from chakong.type.v1 import hold_pb2

FREEZE = hold_pb2.CONTROL_KIND_FREEZE
Fail = Callable[[str], None]


@dataclass(slots=True)
class Kept:
    """A control in the journal. `outcome` None: it has none yet; `is_own`: the gateway itself ended it."""

    fact: ledger_pb2.Ordered
    seq: int
    is_approved: bool
    # When it was ordered, or approved where it waited: a FREEZE has so long from then on.
    since_ns: int
    outcome: hold_pb2.ControlOutcome.ValueType | None = None
    is_own: bool = False

    @property
    def control_id(self) -> int:
        return self.fact.control.control_id

    @property
    def hold_id(self) -> int:
        return self.fact.control.hold_id

    @property
    def waits(self) -> bool:
        """For an officer."""
        return self.fact.waits_for_approval and not self.is_approved


@dataclass(slots=True)
class Chronicle:
    """Grows with every committed frame."""

    fail: Fail
    controls: dict[int, Kept] = field(default_factory=dict)
    by_order: dict[tuple[str, str], int] = field(default_factory=dict)
    by_hold: dict[int, list[Kept]] = field(default_factory=dict)
    by_claim: dict[int, list[int]] = field(default_factory=dict)
    # Claims by number: the court that put it and its id there; and all courts that had the case, newest
    # first.
    claims: dict[int, tuple[str, str]] = field(default_factory=dict)
    courts: dict[int, list[str]] = field(default_factory=dict)
    # Of each claim, debtors who died and have no successor: nothing is held of them.
    dead: dict[int, set[str]] = field(default_factory=dict)
    # What institutions stated of a hold: the highest version, and all that was deducted; and what of it
    # reached the court.
    versions: dict[int, int] = field(default_factory=dict)
    deducted: dict[int, int] = field(default_factory=dict)
    credited: dict[int, int] = field(default_factory=dict)
    # How often each kind of fact, control and event was made durable.
    counts: Counter[str] = field(default_factory=Counter)
    # Controls that left, as they left first.
    left: dict[int, bytes] = field(default_factory=dict)
    # Controls that were durable when a gateway started: it cannot know whether they left before.
    may_have_left: set[int] = field(default_factory=set)
    # Newly DONE, to be compared with the books.
    done: list[int] = field(default_factory=list)
    step_count: int = 0
    stepped_ns: int = 0

    def commit(self, step: ledger_pb2.Step, seq: int) -> None:
        """A step has become durable."""
        self.step_count += 1
        self.stepped_ns = step.stepped_ns
        for fact in step.facts:
            kind = fact.WhichOneof("fact")
            self.counts[f"fact: {kind}"] += 1
            if kind == "ordered":
                self._ordered(fact.ordered, seq)
            elif kind == "received":
                self._received(fact.received)
            elif kind == "ended":
                self._ended(fact.ended)
            elif kind == "approved":
                self._approved(fact.approved)
            elif kind == "happened":
                self._happened(fact.happened)
            elif kind == "claim_put":
                put = fact.claim_put
                if put.number not in self.claims:
                    self.claims[put.number] = (put.claim.court_code, put.claim.claim_id)
                    self.courts[put.number] = [put.claim.court_code]
            elif kind == "case_recorded":
                self._recorded(fact.case_recorded)

    def started(self) -> None:
        """A gateway starts with what is durable."""
        self.may_have_left |= {one for one, kept in self.controls.items() if kept.outcome is None}

    def leaves(self, control: institution_pb2.Control) -> bool:
        """A control leaves the gateway; whether it is the first time, and surely so."""
        content = control.SerializeToString(deterministic=True)
        before = self.left.setdefault(control.control_id, content)
        if before != content:
            self.fail(f"control {control.control_id} was sent again with another content")
        return before is content and control.control_id not in self.may_have_left

    def open_before(self, hold_id: int, but: int) -> list[int]:
        """Controls on a hold that left and have no durable outcome."""
        return [
            one.control_id
            for one in self.by_hold.get(hold_id, ())
            if one.control_id != but and one.control_id in self.left and one.outcome is None
        ]

    def _ordered(self, fact: ledger_pb2.Ordered, seq: int) -> None:
        control_id, hold_id = fact.control.control_id, fact.control.hold_id
        if control_id in self.controls:
            self.fail(f"control id {control_id} was given twice")
        if fact.order_id:
            order = (fact.court_code, fact.order_id)
            # A DEDUCT without a hold makes its FREEZE under no order of its own.
            if order in self.by_order:
                self.fail(f"order {fact.order_id} of {fact.court_code} was taken twice")
            self.by_order[order] = control_id
        name = hold_pb2.ControlKind.Name(fact.control.kind).removeprefix("CONTROL_KIND_")
        self.counts[f"control: {name} {fact.cause}".rstrip()] += 1
        kept = Kept(fact, seq, is_approved=False, since_ns=self.stepped_ns)
        self.controls[control_id] = kept
        self.by_hold.setdefault(hold_id, []).append(kept)
        if fact.control.kind == FREEZE:
            self.by_claim.setdefault(fact.claim, []).append(hold_id)

    def _approved(self, fact: ledger_pb2.Approved) -> None:
        kept = self.controls[fact.control_id]
        for one in (kept, self.controls[kept.hold_id]):
            if one.waits:
                one.is_approved, one.since_ns = True, self.stepped_ns

    def _received(self, fact: ledger_pb2.Received) -> None:
        receipt = fact.receipt
        self._end(receipt.control_id, receipt.outcome)
        if receipt.control_id not in self.left:
            self.fail(f"control {receipt.control_id} has a receipt and never left")
        if receipt.outcome == hold_pb2.CONTROL_OUTCOME_DONE:
            self.done.append(receipt.control_id)
        if receipt.HasField("hold") and not fact.doubted:
            self._stated(receipt.hold)

    def _ended(self, fact: ledger_pb2.Ended) -> None:
        self._end(fact.control_id, hold_pb2.CONTROL_OUTCOME_REFUSED)
        self.controls[fact.control_id].is_own = True
        if fact.control_id in self.left:
            self.fail(f"control {fact.control_id} left, and the gateway ended it as if it had not")

    def _end(self, control_id: int, outcome: hold_pb2.ControlOutcome.ValueType) -> None:
        kept = self.controls.get(control_id)
        if kept is None:
            self.fail(f"control {control_id} ended and was never ordered")
        elif kept.outcome is not None:
            self.fail(f"control {control_id} ended twice")
        else:
            kept.outcome = outcome

    def _recorded(self, fact: ledger_pb2.CaseRecorded) -> None:
        event = fact.event
        if event.kind == controls_pb2.CASE_EVENT_KIND_CREDITED and event.hold_id:
            self.credited[event.hold_id] = self.credited.get(event.hold_id, 0) + event.amount_fen
        elif event.kind == controls_pb2.CASE_EVENT_KIND_TRANSFERRED:
            self.courts[fact.claim].insert(0, event.court_code)
        elif event.kind == controls_pb2.CASE_EVENT_KIND_DEATH:
            self.dead.setdefault(fact.claim, set()).add(event.subject.id_number)
        elif event.kind == controls_pb2.CASE_EVENT_KIND_SUCCESSOR:
            self.dead.setdefault(fact.claim, set()).discard(event.subject.id_number)

    def _happened(self, fact: ledger_pb2.Happened) -> None:
        name = institution_pb2.HoldEventKind.Name(fact.event.kind).removeprefix("HOLD_EVENT_KIND_").lower()
        self.counts[f"event: {name}"] += 1
        if not fact.doubted:
            self._stated(fact.event.hold)

    def _stated(self, statement: hold_pb2.HoldStatement) -> None:
        if statement.version > self.versions.get(statement.hold_id, 0):
            self.versions[statement.hold_id] = statement.version
            self.deducted[statement.hold_id] = statement.deducted_fen
