"""Book of the twin: tickets, asks, and who waits for what.

Sets of institutions are integers with a bit for each (reach.py). It knows no queue and no endpoint.
"""

from dataclasses import dataclass, field

from benchmarks.peers.reach import bits, members
from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.type.v1 import type_pb2 as types

Findings = dict[int, gateway.Finding]  # by institution


@dataclass(slots=True, eq=False)
class Ticket:
    """An inquiry without its final answer."""

    inquiry_id: int
    order_id: str
    court: str
    case_number: str
    admitted_ns: int
    asked_ns: int
    total_count: int
    incapable: int
    open_count: int
    joined_count: int = 0
    found_count: int = 0
    none_count: int = 0
    ambiguous_count: int = 0
    refused: int = 0
    findings: list[gateway.Finding] = field(default_factory=list)

    def take(self, institutions: int, findings: Findings) -> None:
        """These have ended, those without a finding with nothing found."""
        count = institutions.bit_count()
        self.open_count -= count
        self.none_count += count
        for index, finding in findings.items():
            if not institutions >> index & 1:
                continue
            self.none_count -= 1
            self.findings.append(finding)
            if finding.state == types.END_STATE_FOUND:
                self.found_count += 1
            elif finding.state == types.END_STATE_AMBIGUOUS:
                self.ambiguous_count += 1
            else:
                self.refused |= 1 << index

    def write(self, answer: gateway.Answer, now_ns: int) -> None:
        """The final answer."""
        answer.inquiry_id = self.inquiry_id
        answer.order_id = self.order_id
        answer.case_number = self.case_number
        answer.stage = gateway.STAGE_FINAL
        answer.revision = 1
        coverage = answer.coverage
        coverage.total = self.total_count
        coverage.found = self.found_count
        coverage.none = self.none_count
        coverage.ambiguous = self.ambiguous_count
        coverage.refused = self.refused.bit_count()
        coverage.incapable = self.incapable.bit_count()
        coverage.joined = self.joined_count
        if self.refused:
            coverage.missing.add(state=types.END_STATE_REFUSED, institutions=members(self.refused))
        if self.incapable:
            coverage.missing.add(state=types.END_STATE_INCAPABLE, institutions=members(self.incapable))
        if self.findings:
            answer.findings.extend(self.findings)
        answer.admitted_ns = self.admitted_ns
        answer.answered_ns = now_ns
        answer.asked_ns = self.asked_ns


@dataclass(slots=True, eq=False)
class Ask:
    """A question, and the institutions it is put to. `ended`: those whose answer others may share."""

    subject: types.Subject
    asked_ns: int
    open: int
    ended: int = 0
    findings: Findings = field(default_factory=dict)
    waiting: list[tuple[Ticket, int]] = field(default_factory=list)

    def join(self, ticket: Ticket, institutions: int) -> int:
        """Let a ticket share what was asked of these; which of them are shared."""
        shared = institutions & (self.open | self.ended)
        if shared:
            ticket.joined_count += shared.bit_count()
            ticket.asked_ns = min(ticket.asked_ns, self.asked_ns)
            if ended := shared & self.ended:
                ticket.take(ended, self.findings)
            if awaited := shared & self.open:
                self.waiting.append((ticket, awaited))
        return shared

    def end(self, institutions: int, findings: Findings) -> list[Ticket]:
        """These have answered; the tickets that are done now."""
        self.open &= ~institutions
        self.ended |= institutions
        if findings:
            self.ended &= ~bits(at for at, one in findings.items() if one.state == types.END_STATE_REFUSED)
            self.findings |= findings
        done = []
        for ticket, awaited in self.waiting:
            if ended := awaited & institutions:
                ticket.take(ended, findings)
                if not ticket.open_count:
                    done.append(ticket)
        if not self.open:
            self.waiting = []
        return done
