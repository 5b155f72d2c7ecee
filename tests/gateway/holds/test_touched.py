"""Touched: a frame read from the journal names the same holds as the step that was kept."""

from typing import Any

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.journal.v1 import ledger_pb2
from gateway.holds import Limits
from gateway.holds.model import TakenOrder
from gateway.holds.touched import holds_in
from tests.gateway.holds.world import DEDUCT, RELEASE, RENEW, World, officer

FACTS = set(ledger_pb2.Fact.DESCRIPTOR.fields_by_name)


def eventful(world: World) -> None:
    """A day on which everything happens to holds that can."""
    world.claim(1_000_00)
    money, other, empty = (
        world.account(f"622{number}", amount) for number, amount in enumerate((700_00, 90_00, 0))
    )
    first = world.freeze(money, 400_00, available_fen=700_00)
    world.settle()
    world.accepted(RENEW, hold_id=first, months=3)
    world.settle()
    world.accepted(DEDUCT, hold_id=first, amount_fen=50_00)
    world.settle()
    waits = world.freeze(empty, 500_00, available_fen=0)
    receipt = world.order(world.freeze_message(other, 90_00, available_fen=90_00))
    assert isinstance(receipt, TakenOrder)
    world.settle()
    world.bank_of(empty.institution).credit(empty, 100_00)
    world.settle()
    world.accepted(RELEASE, hold_id=waits, ceiling_fen=1)
    world.settle()
    world.event(controls_pb2.CASE_EVENT_KIND_CREDITED, amount_fen=50_00, hold_id=first)
    world.settle()
    world.freeze(world.account("6229", 10_00), 10_00, available_fen=10_00)
    world.pass_time(days=500)
    world.settle()
    world.event(controls_pb2.CASE_EVENT_KIND_BANKRUPTCY)
    world.settle()


def kept_by(world: World, monkeypatch: pytest.MonkeyPatch) -> list[set[int]]:
    """What `keep` says changed, step by step, from now on."""
    kept: list[set[int]] = []
    keep = world.ledger.keep

    def noted(seq: int) -> tuple[int, ...]:
        changed = keep(seq)
        kept.append(set(changed))
        return changed

    monkeypatch.setattr(world.ledger, "keep", noted)
    return kept


@pytest.mark.parametrize("approval_above_fen", [0, 450_00])
def test_frames_name_the_holds_that_changed(monkeypatch: pytest.MonkeyPatch, approval_above_fen: int) -> None:
    world = World(Limits(approval_above_fen=approval_above_fen))
    kept = kept_by(world, monkeypatch)
    world.claim(2_000_00)
    if approval_above_fen:
        world.freeze(world.account("6220", 900_00), 900_00, available_fen=900_00)
        approval = controls_pb2.ApproveRequest(order_id="o1", amount_fen=900_00)
        decided: Any = world.do(lambda ledger: ledger.approve(approval, officer("0105009")))
        assert isinstance(decided, TakenOrder)
        world.settle()
    else:
        eventful(world)
    found = [set(holds_in(body, world.ledger.hold_of_control)) for body in world.frames]
    assert found == kept
    assert sum(map(len, found)) >= 3


def test_facts_about_no_hold_name_none() -> None:
    step = ledger_pb2.Step()
    for kind in ("claim_put", "sighted", "standing"):
        getattr(step.facts.add(), kind).SetInParent()
    assert holds_in(step.SerializeToString(), lambda _control: 0) == ()
    assert {"claim_put", "sighted", "standing"} <= FACTS


def test_each_hold_is_named_once() -> None:
    step = ledger_pb2.Step()
    for _ in range(2):
        step.facts.add().overdue.hold_id = 7
    step.facts.add().ended.control_id = 8
    assert holds_in(step.SerializeToString(), {8: 9}.__getitem__) == (7, 9)
