"""Trouble: one line for each turn, no line too many, and nobody's name or number in any."""

import logging

import grpc
import pytest

from gateway import _core
from gateway._core import CAUSE_TIMEOUT, FAULT_FOREIGN_RECORD
from gateway.edge.trouble import (
    DETAIL_CHARACTERS_MAX,
    FAULTS,
    VOID_EVERY_NS,
    Teller,
    Trouble,
    clean,
    connecting,
    failing,
)
from gateway.policy.breaker import State
from runtime.logs import WITHHELD, fields_of

START_NS = 10**18


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, dict[str, object]]]:
    return [(one.levelname, one.getMessage(), fields_of(one)) for one in caplog.records]


def test_a_breaker_is_told_once_when_it_opens_and_once_when_it_closes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    teller = Teller("unit-1")
    teller.failed(State.CLOSED, failing(CAUSE_TIMEOUT))
    assert lines(caplog) == []
    for state in (State.OPEN, State.OPEN, State.HALF_OPEN, State.OPEN):
        teller.failed(state, Trouble("broken", "UNAVAILABLE", "gone"))
    teller.succeeded(State.HALF_OPEN)
    for _ in range(2):
        teller.succeeded(State.CLOSED)
    fields = {"endpoint": "unit-1", "cause": "broken", "status": "UNAVAILABLE", "detail": "gone"}
    assert lines(caplog) == [
        ("WARNING", "breaker opened", fields),
        ("INFO", "breaker closed", {"endpoint": "unit-1"}),
    ]
    teller.failed(State.OPEN, failing(CAUSE_TIMEOUT))
    assert lines(caplog)[-1][2] == {"endpoint": "unit-1", "cause": "timeout", "status": "", "detail": ""}


def test_void_replies_are_told_at_once_and_then_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    teller = Teller("unit-1")
    for at_ns in (0, 1, VOID_EVERY_NS - 1, VOID_EVERY_NS, VOID_EVERY_NS + 1):
        teller.void(FAULT_FOREIGN_RECORD, START_NS + at_ns)
    fields = {"endpoint": "unit-1", "fault": "foreign_record"}
    assert lines(caplog) == [
        ("WARNING", "void reply", {**fields, "void_count": 1}),
        ("WARNING", "void reply", {**fields, "void_count": 3}),
    ]
    assert WITHHELD not in str(lines(caplog))


def test_every_fault_of_the_engine_has_its_name() -> None:
    numbers = {name: number for name, number in vars(_core).items() if name.startswith("FAULT_") and number}
    assert len(numbers) == len(FAULTS) - 1
    assert all(FAULTS[number] == name.removeprefix("FAULT_").lower() for name, number in numbers.items())


def test_a_detail_is_one_line_without_names_and_numbers_of_persons() -> None:
    said = clean("no 张三丰 11010519900101123X\nat \x1b[31m127.0.0.1:7001: Connection refused (111)")
    assert said == "no   # at  [31m127.0.0.1:7001: Connection refused (111)"
    assert len(clean("x" * 10_000)) == DETAIL_CHARACTERS_MAX


def test_why_no_stream_came_about_is_told_with_its_status() -> None:
    nothing = grpc.aio.Metadata()
    error = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, nothing, nothing, "refused", "")
    assert connecting(error) == Trouble("not_connected", "UNAVAILABLE", "refused")
    assert connecting(TimeoutError()) == Trouble("not_connected", "", "timeout")
    assert connecting(grpc.aio.UsageError("张三丰")) == Trouble("not_connected", "", "")
