"""Verdicts as statuses: the first reason decides, all faults are told."""

import grpc
import pytest

from chakong.gateway.v1 import gateway_pb2
from gateway.edge import verdicts
from gateway.edge.errors import FullError, InvalidError, rich
from runtime.errors import VIOLATIONS_MAX

REFUSING = [
    reason for reason in gateway_pb2.Reason.values() if reason not in (0, gateway_pb2.REASON_SAME_RECEIPT)
]
OTHER_STATUS = {
    gateway_pb2.REASON_FOREIGN_COURT: grpc.StatusCode.PERMISSION_DENIED,
    gateway_pb2.REASON_ORDER_ID_REUSED: grpc.StatusCode.ALREADY_EXISTS,
}


@pytest.mark.parametrize("reason", REFUSING)
def test_every_reason_has_its_status_and_its_words(reason: gateway_pb2.Reason.ValueType) -> None:
    violation = gateway_pb2.Violation(reason=reason, field="a.b")
    error = verdicts.refusal(gateway_pb2.Verdict(reason=reason, violations=[violation]))
    assert error.status is OTHER_STATUS.get(reason, grpc.StatusCode.INVALID_ARGUMENT)
    assert error.faults[0].field == "a.b"
    assert error.faults[0].description == verdicts.ALLOWED[reason]
    assert "REASON_" + error.faults[0].reason == gateway_pb2.Reason.Name(reason)


def test_a_reason_of_a_later_version_is_still_a_refusal() -> None:
    verdict = gateway_pb2.Verdict.FromString(b"\x10\x63")
    assert isinstance(verdicts.refusal(verdict), InvalidError)
    assert verdicts.reason_name(99) == "reason 99"


def test_a_receipt_is_what_the_runtime_writes() -> None:
    for repeated in (True, False):
        expected = gateway_pb2.Receipt(inquiry_id=300, order_id="号", repeated=repeated)
        assert verdicts.receipt(300, "号".encode(), repeated=repeated) == expected.SerializeToString()


def test_a_message_refused_whole_keeps_its_words() -> None:
    full = verdicts.whole_refusal(8, "no room", 50)
    assert isinstance(full, FullError)
    assert (full.message, full.retry_ms) == ("no room", 50)
    wrong = verdicts.whole_refusal(3, "inquiries: 9,000 given, at most 8,192", 50)
    assert (wrong.status, wrong.faults[0].field) == (grpc.StatusCode.INVALID_ARGUMENT, "inquiries")
    bulk = gateway_pb2.SubmitBulkResponse.FromString(verdicts.bulk_refusal(4, full))
    assert (bulk.tag, bulk.error.code, bulk.error.message, bulk.error.retry_after_ms) == (4, 8, "no room", 50)


def test_details_are_bounded() -> None:
    violations = [
        gateway_pb2.Violation(reason=gateway_pb2.REASON_TOO_LONG, field=f"f{n}") for n in range(500)
    ]
    error = verdicts.refusal(gateway_pb2.Verdict(reason=gateway_pb2.REASON_TOO_LONG, violations=violations))
    assert len(error.faults) == 500
    assert rich(error).ByteSize() < 8_192
    assert VIOLATIONS_MAX < 500
