"""Sampled: inquiries of the packaged sample that one court sends, and how many of them have a fault of their
own."""

from dataclasses import dataclass

from benchmarks.core._messages import Inquiries
from benchmarks.core.stage import TODAY
from benchmarks.sample import CourtSample
from chakong.gateway.v1.gateway_pb2 import Inquiry, SubmitBulkRequest

# Verdicts that need a directory, or orders that came before: an inquiry knows nothing of these.
NOT_ITS_OWN = frozenset({"ok", "nobody_concerned", "unknown_institution", "same_receipt", "order_id_reused"})


@dataclass(frozen=True, slots=True)
class Sampled:
    """`good`: those without a fault of their own, in their order."""

    inquiries: Inquiries
    good: tuple[Inquiry, ...]

    def __len__(self) -> int:
        return len(self.inquiries)


def sampled(court: CourtSample, count: int) -> Sampled:
    """The first `count` that it sends."""
    taken = court.inquiries[:count]
    assert len(taken) == count
    message = SubmitBulkRequest(inquiries=[one.inquiry for one in taken]).SerializeToString()
    good = tuple(one.inquiry for one in taken if one.expect in NOT_ITS_OWN)
    return Sampled(Inquiries(message, court.court.encode(), TODAY), good)
