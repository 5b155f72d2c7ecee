"""Tests of due, through the Engine: who is sent something, and in what order."""

import pytest

from benchmarks.subjects import load_inquiry
from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from gateway._core import CAUSE_TIMEOUT, Engine
from gateway.directory import Directory

COURT = "京0105"
NOW_NS = 1_780_000_000_000_000_000
SECOND_NS = 1_000_000_000
OPEN = (100, 200, 300)


@pytest.fixture(scope="module")
def snapshot() -> bytes:
    return Directory.load().snapshot()


@pytest.fixture
def engine(snapshot: bytes) -> Engine:
    made = Engine(b"sixteen bytes ok")
    made.set_directory(snapshot)
    for endpoint in OPEN:
        made.open_endpoint(endpoint, 1)
    return made


def order(engine: Engine, number: int, urgency: gateway.Urgency.ValueType, *, now_ns: int = NOW_NS) -> None:
    """An inquiry at everybody, admitted."""
    inquiry = load_inquiry(COURT, f"due-{number}", number)
    inquiry.scope.CopyFrom(gateway.Scope(reach=gateway.REACH_ALL))
    inquiry.ClearField("items")
    inquiry.urgency = urgency
    message = gateway.SubmitBulkRequest(inquiries=[inquiry]).SerializeToString()
    checked = engine.check(message, COURT, now_ns)
    assert checked.accepted == 1
    engine.admit(checked.frame, number + 1, now_ns)


def case(message: bytes) -> str:
    return institution.Batch.FromString(message).entries[0].mandate.case_number


def test_only_open_endpoints_with_room_are_sent_something(engine: Engine) -> None:
    order(engine, 0, gateway.URGENCY_NORMAL)
    assert {batch.endpoint for batch in engine.take_batches(NOW_NS, 1 << 30)} == set(OPEN)
    order(engine, 1, gateway.URGENCY_NORMAL)
    assert engine.take_batches(NOW_NS, 1 << 30) == []


def test_the_more_urgent_goes_first_and_the_older_of_equals(engine: Engine) -> None:
    engine.open_endpoint(OPEN[1], 0)
    engine.open_endpoint(OPEN[2], 0)
    engine.open_endpoint(OPEN[0], 9)
    urgencies = [gateway.URGENCY_PATROL, gateway.URGENCY_NORMAL, gateway.URGENCY_URGENT]
    for number, urgency in enumerate(urgencies):
        order(engine, number, urgency)
    cases = []
    for _ in urgencies:
        (batch,) = engine.take_batches(NOW_NS, 1)
        cases.append(case(batch.message))
    expected = [load_inquiry(COURT, "", number).mandate.case_number for number in (2, 1, 0)]
    assert cases == expected


def test_a_patrol_inquiry_waits_no_longer_than_thirty_seconds_behind_others(engine: Engine) -> None:
    engine.open_endpoint(OPEN[0], 0)
    order(engine, 0, gateway.URGENCY_PATROL)
    late_ns = NOW_NS + 31 * SECOND_NS
    order(engine, 1, gateway.URGENCY_URGENT, now_ns=late_ns)
    engine.open_endpoint(OPEN[0], 9)
    engine.open_endpoint(OPEN[1], 0)
    engine.open_endpoint(OPEN[2], 0)
    (first,) = engine.take_batches(late_ns, 1)
    assert case(first.message) == load_inquiry(COURT, "", 0).mandate.case_number


def test_what_nobody_wants_any_more_is_not_sent_again(engine: Engine) -> None:
    order(engine, 0, gateway.URGENCY_NORMAL)
    for batch in engine.take_batches(NOW_NS, 1 << 30):
        engine.fail(batch.endpoint, batch.id, CAUSE_TIMEOUT, NOW_NS, NOW_NS)
    assert engine.cancel(1, NOW_NS)
    assert engine.take_batches(NOW_NS, 1 << 30) == []
    assert engine.stats()["in_flight"] == 0
