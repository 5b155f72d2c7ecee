"""Verdict checking: every way in which an acknowledgement can be wrong is noticed."""

from benchmarks.sample import SampleInquiry
from benchmarks.verdicts import CourtVerdicts, Mismatch, reason_word
from chakong.gateway.v1.gateway_pb2 import (
    REASON_BAD_LENGTH,
    REASON_ORDER_ID_REUSED,
    REASON_SAME_RECEIPT,
    Inquiry,
    SubmitBulkResponse,
    Verdict,
)


def sent(*pairs: tuple[str, str]) -> list[SampleInquiry]:
    return [SampleInquiry(Inquiry(order_id=order_id), expect) for order_id, expect in pairs]


def test_right_acknowledgement_has_no_mismatch() -> None:
    verdicts = CourtVerdicts("X1")
    lines = sent(
        ("a", "ok"), ("b", "bad_length"), ("c", "ok"), ("a", "same_receipt"), ("c", "order_id_reused")
    )
    response = SubmitBulkResponse(
        accepted=2,
        repeated=1,
        refused=2,
        first_inquiry_id=70,
        verdicts=[
            Verdict(index=1, reason=REASON_BAD_LENGTH),
            Verdict(index=3, reason=REASON_SAME_RECEIPT, inquiry_id=70),
            Verdict(index=4, reason=REASON_ORDER_ID_REUSED),
        ],
    )
    assert verdicts.check(lines, response) == [("a", 70), ("c", 71)]
    assert verdicts.mismatches == []
    assert (verdicts.checked, verdicts.accepted, verdicts.repeated, verdicts.refused) == (5, 2, 1, 2)


def test_accepting_what_must_be_refused_is_a_mismatch() -> None:
    verdicts = CourtVerdicts("X1")
    verdicts.check(sent(("a", "bad_length")), SubmitBulkResponse(accepted=1, first_inquiry_id=1))
    assert verdicts.mismatches == [Mismatch("a", "bad_length", "ok")]


def test_refusing_for_another_reason_is_a_mismatch() -> None:
    verdicts = CourtVerdicts("X1")
    response = SubmitBulkResponse(refused=1, verdicts=[Verdict(index=0, reason=REASON_ORDER_ID_REUSED)])
    verdicts.check(sent(("a", "bad_length")), response)
    assert verdicts.mismatches == [Mismatch("a", "bad_length", "order_id_reused")]


def test_second_receipt_with_another_id_is_a_mismatch() -> None:
    verdicts = CourtVerdicts("X1")
    verdicts.check(sent(("a", "ok")), SubmitBulkResponse(accepted=1, first_inquiry_id=9))
    repeat = Verdict(index=0, reason=REASON_SAME_RECEIPT, inquiry_id=10)
    verdicts.check(sent(("a", "same_receipt")), SubmitBulkResponse(repeated=1, verdicts=[repeat]))
    assert verdicts.mismatches == [Mismatch("a", "same_receipt: id 9", "same_receipt: id 10")]


def test_counts_that_do_not_cover_the_message_are_a_mismatch() -> None:
    verdicts = CourtVerdicts("X1")
    verdicts.check(sent(("a", "ok"), ("b", "ok")), SubmitBulkResponse(tag=4, accepted=1, first_inquiry_id=1))
    assert [mismatch.order_id for mismatch in verdicts.mismatches] == ["message 4"]


def test_verdict_on_an_index_beyond_the_message_is_a_mismatch() -> None:
    verdicts = CourtVerdicts("X1")
    stray = Verdict(index=7, reason=REASON_BAD_LENGTH)
    verdicts.check(sent(("a", "ok")), SubmitBulkResponse(accepted=1, first_inquiry_id=1, verdicts=[stray]))
    assert len(verdicts.mismatches) == 1


def test_reason_is_told_in_the_words_of_the_sample() -> None:
    assert reason_word(REASON_SAME_RECEIPT) == "same_receipt"
    assert reason_word(999) == "999"
