"""The docket: the latest word on each hold, outcomes once each, and what breaks the contract."""

from typing import Any

import pytest

from benchmarks.demo.docket import Docket
from chakong.gateway.v1.controls_pb2 import ControlView, HoldView
from chakong.type.v1.hold_pb2 import (
    CONTROL_KIND_FREEZE,
    CONTROL_KIND_RELEASE,
    CONTROL_OUTCOME_DONE,
    CONTROL_OUTCOME_REFUSED,
    HOLD_END_RELEASED,
    HOLD_LIFE_EFFECTIVE,
    HOLD_LIFE_ENDED,
    HOLD_LIFE_REQUESTED,
)

MS = 1_000_000


def control(control_id: int = 1, **fields: Any) -> ControlView:
    return ControlView(control_id=control_id, kind=CONTROL_KIND_FREEZE, hold_id=1, **fields)


def hold(*controls: ControlView, **fields: Any) -> HoldView:
    made = HoldView(hold_id=1, life=HOLD_LIFE_REQUESTED, ceiling_fen=100, controls=controls or [control()])
    made.MergeFrom(HoldView(**fields))
    return made


IN_FORCE = hold(control(outcome=CONTROL_OUTCOME_DONE), life=HOLD_LIFE_EFFECTIVE, controlled_fen=70)


def docket(*words: HoldView) -> Docket:
    made = Docket()
    for at, word in enumerate(words):
        made.take([word], at * MS)
    return made


def test_an_order_is_quiet_once_its_outcome_came() -> None:
    made = Docket()
    made.ordered([1], 5 * MS)
    assert not made.is_quiet
    made.take([hold()], 6 * MS)
    assert (made.is_quiet, made.held_fen) == (False, 0)
    made.take([IN_FORCE], 8 * MS)
    assert (made.is_quiet, made.held_fen, made.latencies_ms) == (True, 70, [3.0])
    assert made.outcomes == {("FREEZE", "DONE"): 1}
    assert +made.faults == {}


def test_an_outcome_may_come_before_its_receipt() -> None:
    made = docket(IN_FORCE)
    made.ordered([1], -2 * MS)
    assert (made.is_quiet, made.latencies_ms) == (True, [2.0])


def test_what_the_gateway_orders_itself_is_waited_for_too() -> None:
    release = control(2)
    release.kind = CONTROL_KIND_RELEASE
    assert not docket(hold(control(outcome=CONTROL_OUTCOME_DONE), release)).is_quiet


def test_who_waits_for_an_officer_is_quiet_and_has_no_latency() -> None:
    made = docket(hold(control(waits_for_approval=True)))
    made.ordered([1], 1)
    assert (made.is_quiet, list(made.waiting)) == (True, [1])
    made.take([hold()], 2 * MS)
    assert (made.is_quiet, list(made.waiting)) == (False, [])
    made.take([IN_FORCE], 3 * MS)
    assert (made.is_quiet, made.latencies_ms) == (True, [])


@pytest.mark.parametrize(
    ("text", "word"), [("", "REFUSED"), ("RULE_ABOVE_CLAIM: covered before it was sent", "DROPPED")]
)
def test_a_refusal_is_the_institutions_or_the_gateways(text: str, word: str) -> None:
    made = docket(hold(control(outcome=CONTROL_OUTCOME_REFUSED, text=text), life=HOLD_LIFE_ENDED))
    assert made.outcomes == {("FREEZE", word): 1}


def test_what_is_told_again_counts_once() -> None:
    made = docket(IN_FORCE, IN_FORCE)
    assert (made.ended_count, made.held_fen, +made.faults) == (1, 70, {})


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ([IN_FORCE, hold(control(outcome=CONTROL_OUTCOME_REFUSED))], "second_outcome"),
        ([IN_FORCE, hold()], "outcome_taken_back"),
        ([hold(controlled_fen=101)], "controlled_above_ceiling"),
        ([hold(life=HOLD_LIFE_ENDED, end=HOLD_END_RELEASED), hold()], "hold_came_back_to_life"),
        ([hold(control(), control(2)), hold()], "controls_lost"),
        ([hold(changed_ns=5), hold(changed_ns=4)], "went_back_in_time"),
    ],
)
def test_a_broken_promise_is_named(words: list[HoldView], fault: str) -> None:
    assert docket(*words).faults[fault] == 1
