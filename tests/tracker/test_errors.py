"""What the tracker alone tells a caller has a status of its own."""

import grpc

from runtime.errors import CallError
from tracker.errors import ReusedError, UnknownCaseError


def test_each_has_its_status() -> None:
    assert UnknownCaseError("x").status is grpc.StatusCode.NOT_FOUND
    assert ReusedError("x").status is grpc.StatusCode.ALREADY_EXISTS
    assert issubclass(ReusedError, CallError)
