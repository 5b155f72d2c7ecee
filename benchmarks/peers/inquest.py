"""Inquest: one inquiry in a peer's gateway: whom it concerns, what came of it, its answer.

It knows no call and no queue; how the institutions are asked is what the peers differ in.
"""

from benchmarks.peers.reach import Part, Reach, members
from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1.institution_pb2 import OUTCOME_FOUND, Entry, Finding
from chakong.type.v1 import type_pb2 as types


class Inquest:
    """`open_count` falls as institutions answer; at 0 the answer can be had."""

    def __init__(self, reach: Reach, inquiry: gateway.Inquiry, inquiry_id: int) -> None:
        """ValueError for a scope that is none."""
        scope = reach.scope(inquiry.scope)
        if scope is None:
            raise ValueError("scope: no such province or institution")
        self._inquiry = inquiry
        self._inquiry_id = inquiry_id
        self._findings: list[gateway.Finding] = []
        items = tuple(sorted(set(inquiry.items)))
        concerned = scope & reach.keepers(items)
        self.asked = concerned & reach.capable
        self._incapable = concerned ^ self.asked
        self.open_count = self.asked.bit_count()
        self.entry = Entry(mandate=inquiry.mandate, subject=inquiry.subject, items=items)
        self.entry.mandate.court_code = inquiry.court_code

    @property
    def question(self) -> tuple[int, str, str, tuple[int, ...]]:
        """What two inquiries share when the answer to one is the answer to the other."""
        subject = self.entry.subject
        return subject.id_type, subject.id_number, subject.name, tuple(self.entry.items)

    def parts(self, reach: Reach) -> tuple[Part, ...]:
        """Those asked, endpoint by endpoint."""
        return reach.parts(self.asked)

    def take(self, count: int, findings: "list[Finding]") -> bool:
        """So many institutions answered, with these findings of this inquiry; whether all have now.
        ValueError for a record of somebody else."""
        subject = self.entry.subject
        for finding in findings:
            for record in finding.records:
                if (record.holder_number, record.holder_name) != (subject.id_number, subject.name):
                    raise ValueError("finding.records: one is of somebody else")
            state = types.END_STATE_FOUND
            if finding.outcome != OUTCOME_FOUND:
                raise ValueError(
                    f"finding.outcome: {finding.outcome} given, {OUTCOME_FOUND} expected of a desk"
                )
            self._findings.append(
                gateway.Finding(institution=finding.institution, state=state, records=finding.records)
            )
        self.open_count -= count
        return self.open_count == 0

    def answer(self) -> gateway.Answer:
        """The final answer."""
        asked_count, found_count = self.asked.bit_count(), len(self._findings)
        answer = gateway.Answer(
            inquiry_id=self._inquiry_id,
            order_id=self._inquiry.order_id,
            case_number=self._inquiry.mandate.case_number,
            stage=gateway.STAGE_FINAL,
            revision=1,
            findings=self._findings,
        )
        coverage = answer.coverage
        coverage.total = asked_count + self._incapable.bit_count()
        coverage.found = found_count
        coverage.none = asked_count - found_count
        coverage.incapable = self._incapable.bit_count()
        if self._incapable:
            coverage.missing.add(state=types.END_STATE_INCAPABLE, institutions=members(self._incapable))
        return answer
