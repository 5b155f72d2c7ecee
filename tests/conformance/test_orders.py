"""Orders: sent again until there is an outcome, and nothing left held."""

from collections.abc import Iterator
from typing import Any

import pytest

from chakong.type.v1 import hold_pb2
from conformance.controls import told
from conformance.fixture import Fixture
from conformance.line import Line, channel_to
from conformance.orders import Orders
from conformance.verdict import FailedError
from runtime.clock import now_ns
from tests.conformance.conftest import HUB
from tests.conformance.twisting import Twist, twisted

CEILING_FEN = 700


@pytest.fixture
def line(calm: str, fixture: Fixture) -> Iterator[Line]:
    with channel_to(calm, fixture) as channel:
        yield Line(channel, fixture)


def orders_on(line: Line, outcome_s: float = 5.0) -> Orders:
    return Orders(line, outcome_s, now_ns(), now_ns)


def test_what_was_held_is_let_go(line: Line, fixture: Fixture) -> None:
    orders = orders_on(line)
    account, courts = fixture.accounts.full, fixture.courts
    made = [orders.frozen(account, court, CEILING_FEN)[0].hold_id for court in courts]
    assert orders.let_go() == []
    assert orders.let_go() == []
    holds = {hold.hold_id: hold.life for hold in line.holds(account.institution, made[0] - 1, 0)}
    assert [holds[hold_id] for hold_id in made] == [hold_pb2.HOLD_LIFE_ENDED] * len(made)


def test_what_is_free_is_found_without_holding_any_of_it(line: Line, fixture: Fixture) -> None:
    orders = orders_on(line)
    free_fen = orders.free_fen(fixture.accounts.full, fixture.courts[0])
    assert free_fen >= fixture.accounts.full.free_fen_least
    _, hold = orders.frozen(fixture.accounts.full, fixture.courts[0])
    assert hold.controlled_fen == free_fen
    orders.let_go()


def test_what_must_be_done_and_is_not_is_a_failure(line: Line, fixture: Fixture) -> None:
    account = fixture.accounts.exempt
    assert account is not None
    with pytest.raises(FailedError, match="FREEZE: DONE, came REFUSED EXEMPT"):
        orders_on(line).frozen(account, fixture.courts[0], CEILING_FEN)


def test_a_control_is_sent_again_under_its_id_until_it_has_an_outcome(calm: str, fixture: Fixture) -> None:
    seen: list[int] = []

    def says(request: Any, response: Any) -> None:
        """First no receipt, then UNAVAILABLE."""
        seen.extend(control.control_id for control in request.controls)
        if len(seen) == 1:
            del response.receipts[:]
        elif len(seen) == 2:
            response.receipts[0].outcome = hold_pb2.CONTROL_OUTCOME_UNAVAILABLE

    with (
        twisted(calm, HUB, Twist("Control", says=says)) as address,
        channel_to(address, fixture) as channel,
    ):
        orders = orders_on(Line(channel, fixture))
        control = orders.freeze(fixture.accounts.full, fixture.courts[0], CEILING_FEN)
        assert told(orders.outcome(control)) == "DONE"
        assert seen == [control.control_id] * 3
        orders.let_go()


def test_no_outcome_in_time_is_a_failure_and_the_hold_is_said_to_be_left(calm: str, fixture: Fixture) -> None:
    def says(_: Any, response: Any) -> None:
        del response.receipts[:]

    with (
        twisted(calm, HUB, Twist("Control", says=says)) as address,
        channel_to(address, fixture) as channel,
    ):
        orders = orders_on(Line(channel, fixture), outcome_s=0.1)
        control = orders.freeze(fixture.accounts.full, fixture.courts[0], CEILING_FEN)
        with pytest.raises(FailedError, match=r"an outcome within 0\.1 s, came no receipt"):
            orders.outcome(control)
        assert orders.let_go() == [control.hold_id]


def test_ids_rise(line: Line) -> None:
    orders = Orders(line, 1.0, 50, now_ns)
    assert [orders.take_id() for _ in range(3)] == [50, 51, 52]
