"""Inquiries one by one: each is a SubmitRequest of its own, and receipts are looked at."""

import pytest

from benchmarks.bench.result import WrongAnswerError
from benchmarks.bench.unary import Inquiries
from chakong.gateway.v1.gateway_pb2 import Receipt, SubmitRequest

COURT = "沪0101"


def receipts(count: int) -> list[Receipt]:
    return [Receipt(inquiry_id=place + 1, order_id=f"b-{7 + place:010}") for place in range(count)]


def encoded(given: list[Receipt]) -> list[bytes]:
    return [one.SerializeToString() for one in given]


def test_each_is_a_request_of_its_own() -> None:
    inquiries = Inquiries(COURT, 7)
    requests = [SubmitRequest.FromString(one) for one in inquiries.take(9_000)]
    assert inquiries.sent_count == 9_000
    assert [one.inquiry.order_id for one in requests] == [f"b-{order:010}" for order in range(7, 9_007)]
    assert {one.inquiry.court_code for one in requests} == {COURT}
    assert len({one.inquiry.subject.id_number for one in requests}) == 9_000
    assert {len(one.inquiry.scope.institutions) for one in requests} == {1}
    assert SubmitRequest.FromString(inquiries.again(1)[0]).inquiry.order_id == "b-0000009007"
    assert inquiries.sent_count == 9_000


def test_right_receipts_are_taken() -> None:
    Inquiries(COURT, 7).expect_receipts(0, encoded(receipts(3)))


@pytest.mark.parametrize(
    "wrong",
    [
        Receipt(inquiry_id=2, order_id="b-0000000008", repeated=True),
        Receipt(inquiry_id=2, order_id="b-0000000007"),
        Receipt(inquiry_id=1, order_id="b-0000000008"),
        Receipt(inquiry_id=0, order_id="b-0000000008"),
    ],
    ids=["repeated", "another order", "an id twice", "no id"],
)
def test_wrong_receipt_is_told(wrong: Receipt) -> None:
    first, _, last = receipts(3)
    with pytest.raises(WrongAnswerError):
        Inquiries(COURT, 7).expect_receipts(0, encoded([first, wrong, last]))


def test_expected_receipt_is_as_long_as_the_others_are() -> None:
    later = Receipt(inquiry_id=12_345, order_id="b-0000009007").SerializeToString()
    assert len(Inquiries(COURT).expected_receipt()) == len(later)
