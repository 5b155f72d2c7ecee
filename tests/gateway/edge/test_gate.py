"""Gate: how much is let through, by connection, hours and breaker."""

import asyncio

import pytest

from gateway.edge import gate as module
from gateway.edge.gate import Gate
from gateway.policy.breaker import Limits, State
from gateway.policy.hours import ALWAYS, DAY_NS, parse
from tests.patience import DEADLINE_S

MS = 1_000_000
HOUR_NS = DAY_NS // 24


class Guarded:
    """A gate on a clock that the test sets, and the numbers it told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, hours: str = ALWAYS) -> None:
        self.now_ns = 4 * HOUR_NS  # noon in Beijing
        self.told: list[int] = []
        monkeypatch.setattr(module, "now_ns", lambda: self.now_ns)
        limits = Limits(failures=2, cool_down_ns=10 * MS, cool_down_ns_max=40 * MS)
        self.gate = Gate(4, parse(hours), limits, lambda base_ns: base_ns, self.told.append)
        self.gate.look()


async def test_nothing_is_let_through_until_there_is_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = Guarded(monkeypatch)
    assert guarded.told == []
    assert guarded.gate.may_connect.is_set()
    guarded.gate.connected(True)
    guarded.gate.connected(True)
    guarded.gate.connected(False)
    assert guarded.told == [4, 0]


async def test_an_open_breaker_lets_nothing_through_and_cools_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guarded = Guarded(monkeypatch)
    gate = guarded.gate
    gate.connected(True)
    gate.failed()
    assert guarded.told == [4, 1]
    gate.failed()
    assert guarded.told == [4, 1, 0]
    assert not gate.may_connect.is_set()
    guarded.now_ns += 10 * MS
    async with asyncio.timeout(DEADLINE_S):
        await gate.may_connect.wait()
    assert gate.breaker.state is State.HALF_OPEN
    assert guarded.told == [4, 1, 0, 1]
    gate.succeeded()
    assert guarded.told == [4, 1, 0, 1, 4]
    gate.close()


async def test_after_a_failure_one_batch_goes_at_a_time_until_one_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guarded = Guarded(monkeypatch)
    guarded.gate.connected(True)
    guarded.gate.failed()
    guarded.gate.connected(False)
    guarded.gate.connected(True)
    assert guarded.told == [4, 1, 0, 1]
    guarded.gate.succeeded()
    guarded.gate.succeeded()
    assert guarded.told == [4, 1, 0, 1, 4]
    guarded.gate.close()


async def test_hours_end_and_begin_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S_MAX", 0.001)
    guarded = Guarded(monkeypatch, "07:00-23:00")
    gate = guarded.gate
    gate.connected(True)
    async with asyncio.timeout(DEADLINE_S):
        guarded.now_ns += 11 * HOUR_NS
        while gate.may_connect.is_set():  # noqa: ASYNC110 - there is no event for its end
            await asyncio.sleep(0.001)
        assert guarded.told == [4, 0]
        guarded.now_ns += 8 * HOUR_NS
        await gate.may_connect.wait()
    assert guarded.told == [4, 0, 4]
    gate.close()


async def test_outside_its_hours_nobody_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = Guarded(monkeypatch, "00:00-04:00")
    assert not guarded.gate.may_connect.is_set()
    guarded.gate.connected(True)
    assert guarded.told == []
    guarded.gate.close()
