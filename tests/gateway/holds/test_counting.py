"""Counting: figures are those of what is kept."""

from chakong.gateway.v1 import controls_pb2
from gateway.holds import Limits
from tests.gateway.holds.world import CASE, RELEASE, World, as_order, court


def test_figures_follow_what_is_kept() -> None:
    world = World(Limits(approval_above_fen=60))
    world.claim(100)
    world.claim(10, claim_id="c2", case_number=f"{CASE}2")
    world.freeze(world.account("a", 20), 30, available_fen=20)
    world.order(world.freeze_message(world.account("b", 80, 1), 70, available_fen=70))
    stats = world.ledger.stats()
    assert (stats.claims, stats.holds, stats.controls_open, stats.controls_waiting) == (2, 2, 2, 1)
    assert stats.holds_by_life["requested"] == 2
    taken = world.take()
    stats = world.ledger.stats()
    assert (stats.controls_out, stats.holds_by_life["sent"], stats.holds_by_life["requested"]) == (1, 1, 1)
    world.ledger.give_back([control.control_id for _, control in taken])
    world.settle()
    stats = world.ledger.stats()
    assert (stats.controls_open, stats.controls_out, stats.exposed_fen) == (1, 0, 10)
    assert stats.claims_by_state == {"met": 0, "short": 2, "over": 0}
    world.accepted(RELEASE, hold_id=2, whole=True)
    world.claim(20)
    world.settle()
    stats = world.ledger.stats()
    assert stats.claims_by_state == {"met": 1, "short": 1, "over": 0}
    assert (stats.holds_by_life["ended"], stats.holds_by_life["effective"], stats.exposed_fen) == (1, 1, 0)


def test_interest_of_a_new_day_changes_the_states() -> None:
    world = World()
    world.claim(10_000, interest_base_fen=10_000, interest_ppm_per_day=100, interest_from=20261122)
    world.freeze(world.account("a", 10_000), 10_000, available_fen=10_000)
    world.settle()
    assert world.ledger.stats().claims_by_state["met"] == 1
    world.pass_time(days=1)
    world.freeze(world.account("b", 0, 1), 1, available_fen=0)
    assert world.ledger.stats().claims_by_state == {"met": 0, "short": 1, "over": 0}


def test_refusals_are_counted_by_rule() -> None:
    world = World()
    world.claim(100)
    order = world.freeze_message(world.account("a", 20), 101)
    world.order(order)
    world.order(order)
    assert world.ledger.stats().refusals == {"ABOVE_CLAIM": 2}


def test_lost_step_counts_nothing() -> None:
    world = World()
    world.claim(100)
    order = world.freeze_message(world.account("a", 20), 20)
    world.step(lambda ledger: ledger.order(as_order(order), court()), keep=False)
    stats = world.ledger.stats()
    assert (stats.holds, stats.controls_open, stats.exposed_fen) == (0, 0, 0)
    assert world.look().state == controls_pb2.CLAIM_STATE_SHORT
