"""Refusals: every rule has a status and its name, and what is malformed has its field."""

import grpc
import pytest
from google.rpc import error_details_pb2

from chakong.gateway.v1 import controls_pb2
from gateway.edge.errors import EdgeError, rich
from gateway.edge.refusals import accepted, error_of
from gateway.holds.face import Refusal

RULES = [number for number in controls_pb2.Rule.values() if number]
STATUSES = {
    "MALFORMED": grpc.StatusCode.INVALID_ARGUMENT,
    "MANDATE_INCOMPLETE": grpc.StatusCode.INVALID_ARGUMENT,
    "UNKNOWN_INSTITUTION": grpc.StatusCode.INVALID_ARGUMENT,
    "FOREIGN_COURT": grpc.StatusCode.PERMISSION_DENIED,
    "SAME_OFFICER": grpc.StatusCode.PERMISSION_DENIED,
    "ORDER_ID_REUSED": grpc.StatusCode.ALREADY_EXISTS,
    "NO_SUCH_CLAIM": grpc.StatusCode.NOT_FOUND,
    "NO_SUCH_HOLD": grpc.StatusCode.NOT_FOUND,
    "FULL": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "PLAN_CHANGED": grpc.StatusCode.ABORTED,
    "NOT_JUDGED": grpc.StatusCode.INTERNAL,
}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_status_and_goes_with_it_by_name(rule: controls_pb2.Rule.ValueType) -> None:
    name = controls_pb2.Rule.Name(rule).removeprefix("RULE_")
    error = error_of(Refusal(rule, "months: 40 given, at most 12"))
    assert error.status is STATUSES.get(name, grpc.StatusCode.FAILED_PRECONDITION)
    assert (error.retry_ms > 0) == (name == "FULL")
    found = {detail.TypeName() for detail in rich(error).details}
    info = error_details_pb2.ErrorInfo()
    assert any(detail.Unpack(info) for detail in rich(error).details)
    assert info.reason == name
    assert ("google.rpc.BadRequest" in found) == (error.status is grpc.StatusCode.INVALID_ARGUMENT)


def test_what_is_malformed_is_told_with_its_field() -> None:
    error = error_of(Refusal(controls_pb2.RULE_MALFORMED, "months: 40 given, at most 12"))
    (fault,) = error.faults
    assert (fault.field, fault.reason) == ("months", "MALFORMED")


def test_what_is_no_refusal_is_handed_on() -> None:
    assert accepted(7) == 7
    with pytest.raises(EdgeError):
        accepted(Refusal(controls_pb2.RULE_STAY, "rule.other_stays: the case is stayed"))
