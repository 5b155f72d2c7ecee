"""Facts: what is read out of a fact is what was put into it."""

from chakong.journal.v1 import ledger_pb2
from gateway.holds.facts import control_of, origin_of
from tests.gateway.holds.world import RELEASE, World, directory


def test_fact_of_a_freeze_gives_what_the_ledger_keeps() -> None:
    world = World()
    world.claim(100, caps=(None, None))
    world.freeze(world.account("a", 60), 60, available_fen=60, debtor=2, months=3)
    step = ledger_pb2.Step.FromString(world.frames[-1])
    fact = step.facts[0].ordered
    book = world.ledger._book
    assert origin_of(fact, directory(), step.stepped_ns) == book.holds[1].origin
    control = control_of(fact, step.stepped_ns)
    kept = book.controls[1]
    assert control == kept
    assert (control.requested_fen, control.months, control.officer, control.keep_fen) == (
        60,
        3,
        "0105001",
        -1,
    )


def test_fact_of_a_release_gives_what_the_ledger_keeps() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 60), 60, available_fen=60)
    world.settle()
    world.accepted(RELEASE, hold_id=hold, ceiling_fen=20, urgent=True, reason="wrong person: passport")
    step = ledger_pb2.Step.FromString(world.frames[-1])
    control = control_of(step.facts[0].ordered, step.stepped_ns)
    assert control == world.ledger._book.controls[2]
    assert (control.urgent, control.reason, control.requested_fen) == (True, "wrong person: passport", 20)
