"""Errors as google.rpc.Status: faults, rules and delays are details."""

from google.rpc import error_details_pb2

from runtime.errors import CallError, FieldFault, FullError, InvalidError, RuleError, code_number, rich

DOMAIN = "chakong.x.v1"


def test_every_error_knows_its_status() -> None:
    kinds: list[type[CallError]] = [CallError, *CallError.__subclasses__()]
    for kind in kinds:
        status = rich(kind("what came; what is allowed"), DOMAIN)
        assert status.code == code_number(kind.status)
        assert status.code > 0
        assert status.message == "what came; what is allowed"
        assert not status.details


def test_faults_rules_and_delays_are_details() -> None:
    bad = error_details_pb2.BadRequest()
    (packed,) = rich(InvalidError("x", faults=[FieldFault("a.b", "TOO_LONG", "at most 5")]), DOMAIN).details
    assert packed.Unpack(bad)
    violation = bad.field_violations[0]
    assert (violation.field, violation.reason, violation.description) == ("a.b", "TOO_LONG", "at most 5")
    retry = error_details_pb2.RetryInfo()
    (packed,) = rich(FullError("x", retry_ms=1_500), DOMAIN).details
    assert packed.Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 1_500
    named = error_details_pb2.ErrorInfo()
    (packed,) = rich(RuleError("x", rule="CLOSED"), DOMAIN).details
    assert packed.Unpack(named)
    assert (named.reason, named.domain) == ("CLOSED", DOMAIN)


def test_a_list_of_faults_has_an_end() -> None:
    bad = error_details_pb2.BadRequest()
    faults = [FieldFault(str(number), "WRONG", "is not") for number in range(100)]
    (packed,) = rich(InvalidError("x", faults=faults), DOMAIN).details
    assert packed.Unpack(bad)
    assert len(bad.field_violations) == 32
