"""Scribe: what the frames of the ledger must say one after the other, read from the frames alone.

Events of an endpoint without a gap; a hold void in the first step after its last day; nothing that was found
for a claim passed over; of things that are not needed the newest let go of first. What may not be is told to
`fail`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.journal.v1 import journal_pb2, ledger_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from runtime import calendar

EFFECTIVE: Final = hold_pb2.HOLD_LIFE_EFFECTIVE
FREEZE, RELEASE = hold_pb2.CONTROL_KIND_FREEZE, hold_pb2.CONTROL_KIND_RELEASE
NAME_MISMATCH: Final = hold_pb2.CONTROL_REFUSAL_NAME_MISMATCH
REFUSED: Final = hold_pb2.CONTROL_OUTCOME_REFUSED
OWN_PLANS: Final = ("PLAN", "STANDING")
# What follows from something else in its step.
FOLLOWING: Final = ("ordered", "ended", "unpaired")


@dataclass(slots=True)
class Thing:
    """A thing that is held for a claim. `goes`: all of it is being let go of; `is_stuck`: that was
    refused."""

    hold_id: int
    claim: int
    value_fen: int = 0
    goes: bool = False
    is_stuck: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Something that an answer found for a claim. `handovers`: how often the case had gone to another
    court."""

    seq: int
    claim: int
    handovers: int
    inquiry_id: int
    institution: int
    locator: str


class Scribe:
    """Grows with every committed frame."""

    def __init__(self, fail: Callable[[str], None]) -> None:
        self._fail = fail
        self._today = 0
        # The last event of each endpoint, the highest version of each hold, and what is in force through
        # which day.
        self._heard: dict[int, int] = {}
        self._versions: dict[int, int] = {}
        self._in_force: dict[int, int] = {}
        self._causes: dict[int, str] = {}
        self._things: dict[int, Thing] = {}
        self._releases: dict[int, int] = {}
        # Of claims: number by court and case, how often each went to another court, its debtors' numbers.
        self._cases: dict[tuple[str, str], int] = {}
        self._handovers: dict[int, int] = {}
        self._debtors: dict[int, set[str]] = {}
        # Found and not yet told; and by place the newest inquiry that the ledger knows.
        self._told: list[Told] = []
        self._sighted: dict[tuple[int, int, str], int] = {}

    # -- frames

    def step(self, step: ledger_pb2.Step) -> None:
        """A step has become durable."""
        self._today = calendar.date_of(step.stepped_ns)
        before = dict(self._in_force)
        released: list[Thing] = []
        for fact in step.facts:
            name = fact.WhichOneof("fact")
            if name == "ordered":
                released += self._ordered(fact.ordered)
            elif name is not None and name in TAKES:
                takes: Callable[[Scribe, Any], None] = TAKES[name]
                takes(self, getattr(fact, name))
        for hold_id, until in before.items():
            if until < self._today and self._in_force.get(hold_id) == until:
                self._fail(f"hold {hold_id} was in force until {until}, and is so on {self._today}")
        self._passed_over(step.answers_seq)
        # What is decided about several inputs is not told apart.
        if sum(one.WhichOneof("fact") not in FOLLOWING for one in step.facts) == 1:
            for thing in released:
                self._newest_first(thing)

    def answered(self, seq: int, court: str, answers: journal_pb2.Answers) -> None:
        """Answers have become durable."""
        for answer in answers.answers:
            number = self._cases.get((court, answer.case_number))
            if number is not None:
                self._told += self._found(seq, number, answer)

    def _found(self, seq: int, number: int, answer: gateway_pb2.Answer) -> Iterator[Told]:
        handovers = self._handovers[number]
        for finding in answer.findings:
            if finding.state != type_pb2.END_STATE_FOUND:
                continue
            for record in finding.records:
                if record.holder_number in self._debtors[number] and record.locator:
                    yield Told(seq, number, handovers, answer.inquiry_id, finding.institution, record.locator)

    # -- what must be

    def _passed_over(self, answers_seq: int) -> None:
        left = []
        for told in self._told:
            if told.seq > answers_seq:
                left.append(told)
                continue
            known = self._sighted.get((told.claim, told.institution, told.locator), -1)
            if known < told.inquiry_id and self._handovers[told.claim] == told.handovers:
                self._fail(f"{told.locator}, found by inquiry {told.inquiry_id}, was passed over")
        self._told = left

    def _newest_first(self, gone: Thing) -> None:
        """One that is worth no more could have been let go of as well, and would have been before."""
        for kept in self._things.values():
            if kept.claim != gone.claim or kept.hold_id <= gone.hold_id or kept.goes or kept.is_stuck:
                continue
            if kept.hold_id in self._in_force and 0 < kept.value_fen <= gone.value_fen:
                self._fail(
                    f"(3) thing {gone.hold_id} goes, and the newer {kept.hold_id}, worth no more, does not"
                )

    # -- facts

    def _ordered(self, fact: ledger_pb2.Ordered) -> Iterator[Thing]:
        control = fact.control
        self._causes[control.control_id] = fact.cause
        if control.kind == FREEZE and fact.thing:
            self._things[control.hold_id] = Thing(control.hold_id, fact.claim)
        thing = self._things.get(control.hold_id)
        if thing is not None and control.kind == RELEASE and control.whole:
            thing.goes = True
            self._releases[control.control_id] = control.hold_id
            if fact.cause == "EXCESS" and thing.value_fen and thing.hold_id in self._in_force:
                yield thing

    def _received(self, fact: ledger_pb2.Received) -> None:
        receipt = fact.receipt
        cause = self._causes.get(receipt.control_id, "")
        if receipt.refusal == NAME_MISMATCH and cause in OWN_PLANS:
            self._fail(f"control {receipt.control_id} of a plan was for somebody else's property")
        if receipt.HasField("hold"):
            self._stated(receipt.hold)
        if receipt.outcome == REFUSED:
            self._kept(receipt.control_id, is_stuck=True)

    def _ended(self, fact: ledger_pb2.Ended) -> None:
        self._kept(fact.control_id, is_stuck=False)

    def _kept(self, control_id: int, *, is_stuck: bool) -> None:
        """A RELEASE of a thing came to nothing."""
        hold_id = self._releases.get(control_id)
        if hold_id is not None:
            self._things[hold_id].goes, self._things[hold_id].is_stuck = False, is_stuck

    def _happened(self, fact: ledger_pb2.Happened) -> None:
        last, seq = self._heard.get(fact.endpoint, 0), fact.event.seq
        if seq != last + 1:
            self._fail(f"event {seq} of endpoint {fact.endpoint} was taken after {last}")
        self._heard[fact.endpoint] = seq
        if not fact.doubted:
            self._stated(fact.event.hold)

    def _stated(self, statement: hold_pb2.HoldStatement) -> None:
        hold_id = statement.hold_id
        if statement.version <= self._versions.get(hold_id, 0):
            return
        self._versions[hold_id] = statement.version
        if hold_id in self._things:
            self._things[hold_id].is_stuck = False
        # One that is said to be over already is void without a word.
        if statement.life == EFFECTIVE and statement.effective_until >= self._today:
            self._in_force[hold_id] = statement.effective_until
        else:
            self._in_force.pop(hold_id, None)

    def _lapsed(self, fact: ledger_pb2.Lapsed) -> None:
        self._in_force.pop(fact.hold_id, None)

    def _claim_put(self, fact: ledger_pb2.ClaimPut) -> None:
        claim, number = fact.claim, fact.number
        if number not in self._handovers:
            self._handovers[number] = 0
            self._cases[claim.court_code, claim.case_number] = number
            self._debtors[number] = set()
        self._debtors[number] |= {debtor.subject.id_number for debtor in claim.debtors}

    def _recorded(self, fact: ledger_pb2.CaseRecorded) -> None:
        event = fact.event
        if event.kind == controls_pb2.CASE_EVENT_KIND_VALUED:
            self._things[event.hold_id].value_fen = event.amount_fen
        elif event.kind == controls_pb2.CASE_EVENT_KIND_TRANSFERRED:
            self._handovers[fact.claim] += 1
            for key, number in list(self._cases.items()):
                if number == fact.claim:
                    del self._cases[key]
                    self._cases[event.court_code, key[1]] = number

    def _was_sighted(self, fact: ledger_pb2.Sighted) -> None:
        for sighting in fact.sightings:
            key = (fact.claim, fact.institution, sighting.property.locator)
            self._sighted[key] = max(self._sighted.get(key, -1), fact.inquiry_id)


TAKES: Final[dict[str, Callable[[Scribe, Any], None]]] = {
    "received": Scribe._received,
    "ended": Scribe._ended,
    "happened": Scribe._happened,
    "lapsed": Scribe._lapsed,
    "claim_put": Scribe._claim_put,
    "case_recorded": Scribe._recorded,
    "sighted": Scribe._was_sighted,
}
