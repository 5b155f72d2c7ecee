"""Control line: an endpoint that answers UNIMPLEMENTED is told of, once."""

import pytest

from gateway.edge.control_call import CallError
from tests.gateway.edge.test_control_line import frozen, is_effective, lined
from tests.gateway.holds.world import directory


async def test_an_endpoint_that_takes_no_controls_is_told_of_once_and_once_when_it_does(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "gateway.edge.control_line")
    async with lined() as (study, call, line):
        control = call.control
        refusals = [CallError("UNAVAILABLE")] + [CallError("UNIMPLEMENTED", is_unimplemented=True)] * 3
        refusals.insert(2, CallError("UNAVAILABLE"))

        async def refusing(batch: bytes, timeout_s: float) -> bytes:
            if refusals:
                raise refusals.pop()
            return await control(batch, timeout_s)

        call.control = refusing  # type: ignore[method-assign]
        (hold_id,) = await frozen(study, 10_00)
        await study.until(lambda: line.counts.takes_none)
        await study.until(lambda: is_effective(study, hold_id) and not line.counts.takes_none)
        assert line.counts.failures == {"UNIMPLEMENTED": 3, "UNAVAILABLE": 2}
        key = directory().endpoints[study.bank.endpoint].key
    assert [(record.getMessage(), record.__dict__["endpoint"]) for record in caplog.records] == [
        ("endpoint takes no controls", key),
        ("endpoint takes controls again", key),
    ]
