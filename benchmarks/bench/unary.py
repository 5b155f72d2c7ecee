"""Unary: inquiries that are submitted one by one, each at one institution, and their receipts.

Pure. A SubmitRequest has the bytes of a bulk message of one inquiry.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from benchmarks.bench.answered import Wanted
from benchmarks.bench.messages import MESSAGE_COUNT_MAX, Template
from benchmarks.bench.result import WrongAnswerError, expect
from chakong.gateway.v1.gateway_pb2 import Receipt
from gateway.directory import Directory
from gateway.directory.model import INQUIRE
from gateway.edge.server import SERVICE

SUBMIT: Final = f"/{SERVICE}/Submit"
# As long as an id gets in these runs.
INQUIRY_ID_EXPECTED = 10_000


class Inquiries:
    """Of one court; `sent_count` of them so far, from order number `first_order` on."""

    def __init__(self, court: str, first_order: int = 0) -> None:
        self._template = Template(court=court)
        self._institutions = np.array(
            [one.index for one in Directory.load().institutions if INQUIRE in one.can], np.int64
        )
        self._next = first_order
        self._court = court
        self._first_order = first_order
        self.row_bytes = self._template.row_bytes

    @property
    def sent_count(self) -> int:
        """How many were taken."""
        return self._next - self._first_order

    @property
    def court(self) -> str:
        """Whose they are."""
        return self._court

    def wanted(self, first: int) -> Wanted:
        """What must be answered of those taken since `sent_count` was `first`."""
        institutions = tuple(int(one) for one in self._institutions)
        return Wanted(self._first_order + first, self.sent_count - first, institutions)

    def take(self, count: int) -> list[bytes]:
        """New ones."""
        first, self._next = self._next, self._next + count
        return self._encoded(first, count)

    def again(self, count: int) -> list[bytes]:
        """Like those that `take` would give, without taking them."""
        return self._encoded(self._next, count)

    def expected_receipt(self) -> bytes:
        """As long as the receipts are."""
        return Receipt(inquiry_id=INQUIRY_ID_EXPECTED, order_id=self._order_id(0)).SerializeToString()

    def expect_receipts(self, first: int, replies: Sequence[bytes]) -> None:
        """Each for its order, none received before, all with ids of their own; `first`: the `sent_count`
        before they were taken. WrongAnswerError."""
        ids = set()
        for order, reply in enumerate(replies, self._first_order + first):
            receipt = Receipt.FromString(reply)
            if receipt.order_id != self._order_id(order) or receipt.repeated:
                raise WrongAnswerError(f"receipt: {receipt.order_id} came, must be {self._order_id(order)}")
            ids.add(receipt.inquiry_id)
        expect("inquiry ids", len(ids - {0}), len(replies))

    def _encoded(self, first: int, count: int) -> list[bytes]:
        found: list[bytes] = []
        for start in range(first, first + count, MESSAGE_COUNT_MAX):
            orders = np.arange(start, min(start + MESSAGE_COUNT_MAX, first + count))
            institutions = self._institutions[orders % len(self._institutions)]
            whole = self._template.message(orders, orders, institutions)
            found += [whole[at : at + self.row_bytes] for at in range(0, len(whole), self.row_bytes)]
        return found

    def _order_id(self, order: int) -> str:
        return f"b-{order:010}"
