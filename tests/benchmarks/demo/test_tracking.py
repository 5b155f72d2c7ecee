"""Tracking: when an answer proves that there is nothing. The rest of it is run by the demo itself."""

import pytest

from benchmarks.demo.tracking import is_nothing_there
from chakong.gateway.v1.gateway_pb2 import Coverage


@pytest.mark.parametrize("state", ["found", "ambiguous", "refused", "late", "unreachable", "cancelled"])
def test_one_query_that_ended_otherwise_proves_nothing(state: str) -> None:
    assert is_nothing_there(Coverage(total=3, none=2, incapable=1))
    assert not is_nothing_there(Coverage(total=4, none=2, incapable=1, **{state: 1}))  # type: ignore[arg-type]
