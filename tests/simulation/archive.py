"""Archive: stands for the projection and its store, in memory and always up to date.

It is made from the journal's frames, as the tables are, and survives crashes because they do. It judges
nothing.
"""

import asyncio
from dataclasses import dataclass, field

from chakong.gateway.v1 import gateway_pb2
from chakong.journal.v1 import journal_pb2


@dataclass(slots=True)
class Archive:
    """`admitted` and `answered` for every durable frame; the rest is what the gateway asks."""

    cursor: int = 0
    start_count: int = 0
    views: dict[int, tuple[str, gateway_pb2.InquiryView]] = field(default_factory=dict)

    def admitted(self, court: str, admission: journal_pb2.Admission) -> None:
        """Inquiries."""
        for inquiry_id, one in enumerate(admission.inquiries, admission.first_inquiry_id):
            self.views[inquiry_id] = (
                court,
                gateway_pb2.InquiryView(
                    inquiry_id=inquiry_id,
                    order_id=one.order_id,
                    case_number=one.entry.mandate.case_number,
                    admitted_ns=admission.admitted_ns,
                    deadline_ns=one.deadline_ns,
                    urgency=one.urgency,
                    scope=one.scope,
                ),
            )

    def answered(self, answers: journal_pb2.Answers) -> None:
        """The latest answer counts."""
        for answer in answers.answers:
            self.views[answer.inquiry_id][1].answer.CopyFrom(answer)

    # -- the projection

    def grown(self, seq: int) -> None:
        """The journal is durable up to `seq`."""
        self.cursor = seq

    async def reached(self, _seq: int, _deadline_s: float) -> bool:
        """It is never behind."""
        return True

    async def run(self) -> None:
        """There is no process to keep."""
        await asyncio.Event().wait()

    # -- the store

    def close(self) -> None:
        """Nothing is open."""

    def by_id(self, court: str, inquiry_id: int) -> gateway_pb2.InquiryView | None:
        """An inquiry of the court."""
        owner, view = self.views.get(inquiry_id, ("", None))
        return view if owner == court else None

    def by_order_id(self, court: str, order_id: str) -> gateway_pb2.InquiryView | None:
        """The same by the order id."""
        return next(
            (one for owner, one in self.views.values() if (owner, one.order_id) == (court, order_id)), None
        )

    def of_case(
        self, court: str, case_number: str, before_id: int, limit: int
    ) -> list[gateway_pb2.InquiryView]:
        """Inquiries of a case, newest first."""
        found = [
            view
            for inquiry_id, (owner, view) in self.views.items()
            if owner == court and view.case_number == case_number and inquiry_id < before_id
        ]
        return found[::-1][:limit]
