"""Verdicts: whether a gateway's acknowledgement of a message says what the sample expects of each inquiry.

A verdict is right when reason and counts fit, and a repeated order names the id that it got the first time.
Pure. It does not know how messages travel, and it does not judge answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.sample import SampleInquiry
from chakong.gateway.v1.gateway_pb2 import Reason, SubmitBulkResponse

OK = "ok"
SAME_RECEIPT = "same_receipt"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One inquiry whose verdict is not what it must be. Names the order, never the person."""

    order_id: str
    expected: str
    got: str


@dataclass(slots=True)
class CourtVerdicts:
    """What one court was told so far. Feed it every acknowledgement, in the order of the messages."""

    court: str
    checked: int = 0
    accepted: int = 0
    repeated: int = 0
    refused: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    # First receipts: order id -> inquiry id.
    receipts: dict[str, int] = field(default_factory=dict)

    def check(self, sent: Sequence[SampleInquiry], response: SubmitBulkResponse) -> list[tuple[str, int]]:
        """Compare one acknowledgement with what was sent; returns (order id, inquiry id) of the accepted."""
        accepted: list[tuple[str, int]] = []
        verdicts = {verdict.index: verdict for verdict in response.verdicts}
        next_id = response.first_inquiry_id
        for index, sampled in enumerate(sent):
            order_id = sampled.inquiry.order_id
            verdict = verdicts.pop(index, None)
            got = OK if verdict is None else reason_word(verdict.reason)
            if verdict is None:
                accepted.append((order_id, next_id))
                self.receipts.setdefault(order_id, next_id)
                next_id += 1
            if got != sampled.expect:
                self.mismatches.append(Mismatch(order_id, sampled.expect, got))
            elif got == SAME_RECEIPT and verdict is not None:
                self._check_first_receipt(order_id, verdict.inquiry_id)
        self.checked += len(sent)
        self._count(response, len(sent), len(accepted), foreign_count=len(verdicts))
        return accepted

    def _check_first_receipt(self, order_id: str, inquiry_id: int) -> None:
        if self.receipts.get(order_id) != inquiry_id:
            first = self.receipts.get(order_id, 0)
            expected, got = f"{SAME_RECEIPT}: id {first}", f"{SAME_RECEIPT}: id {inquiry_id}"
            self.mismatches.append(Mismatch(order_id, expected, got))

    def _count(
        self, response: SubmitBulkResponse, sent_count: int, accepted_count: int, foreign_count: int
    ) -> None:
        """Take over the gateway's own counts; a count that its verdicts do not bear out is a mismatch."""
        self.accepted += response.accepted
        self.repeated += response.repeated
        self.refused += response.refused
        told_count = response.accepted + response.repeated + response.refused
        if told_count != sent_count or response.accepted != accepted_count or foreign_count:
            expected = f"{sent_count} inquiries, {accepted_count} accepted"
            got = f"{told_count} inquiries, {response.accepted} accepted, {foreign_count} verdicts on none"
            self.mismatches.append(Mismatch(f"message {response.tag}", expected, got))


def reason_word(reason: int) -> str:
    """A Reason in the words of the sample: REASON_BAD_LENGTH is `bad_length`; an unknown number is itself."""
    name = Reason.DESCRIPTOR.values_by_number.get(reason)
    return name.name.removeprefix("REASON_").lower() if name else str(reason)
