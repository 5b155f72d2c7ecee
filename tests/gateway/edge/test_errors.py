"""Errors as google.rpc.Status."""

from google.rpc import error_details_pb2

from gateway.edge.errors import EdgeError, FieldFault, FullError, InvalidError, code_number, rich


def all_errors(kind: type[EdgeError] = EdgeError) -> list[type[EdgeError]]:
    return [kind, *(one for below in kind.__subclasses__() for one in all_errors(below))]


def test_every_error_knows_its_status() -> None:
    for kind in all_errors():
        status = rich(kind("what came; what is allowed"))
        assert status.code == code_number(kind.status)
        assert status.code > 0
        assert status.message == "what came; what is allowed"


def test_faults_and_delays_are_details() -> None:
    bad = error_details_pb2.BadRequest()
    (packed,) = rich(InvalidError("x", faults=[FieldFault("a.b", "TOO_LONG", "at most 5")])).details
    assert packed.Unpack(bad)
    violation = bad.field_violations[0]
    assert (violation.field, violation.reason, violation.description) == ("a.b", "TOO_LONG", "at most 5")
    retry = error_details_pb2.RetryInfo()
    (packed,) = rich(FullError("x", retry_ms=1_500)).details
    assert packed.Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 1_500
