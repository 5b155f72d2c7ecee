"""The same machine on long seeded walks, where what is likely is likely: orders, deliveries and answers far
more than crashes.

A walk that fails names its seed and its steps; the same seed walks the same way.
"""

from collections.abc import Sequence
from typing import TypeVar

import pytest

from runtime.chance import Chance
from tests.gateway.holds.test_ledger_machine import ACCOUNTS, CASES, LedgerMachine
from tests.gateway.holds.world import DEDUCT, RELEASE, RENEW

T = TypeVar("T")
Call = tuple[object, ...]

SEEDS_PER_TEST = 15
STEPS = 80
AMOUNTS = (1, 5, 20, 40, 60, 99, 100, 101, 150, 300)
# CREDITED twice, STAY, STAY_ENDED, VALUED twice, DEATH, SUCCESSOR.
EVENTS = (1, 1, 3, 4, 9, 9, 5, 6)


class Walk:
    """A seed's way through the machine."""

    def __init__(self, seed: int) -> None:
        self.chance = Chance(seed)
        self.machine = LedgerMachine()
        self.calls: list[Call] = []

    def one(self, values: Sequence[T]) -> T:
        return values[self.chance.below(len(values))]

    def often(self, fraction: float) -> bool:
        return self.chance.fraction() < fraction

    def next_call(self) -> Call:
        """By how likely each thing is, in hundredths."""
        hold_id = self.chance.below(len(self.machine.world.holds()) + 3)
        index = self.chance.below(51)
        choices: tuple[tuple[int, Call], ...] = (
            (25, self.freeze(hold_id)),
            (3, ("freeze_car", self.chance.below(2), self.one(CASES))),
            (10, self.order_on_hold(hold_id)),
            (2, ("approve", self.chance.below(10))),
            (3, ("change_claim", self.one(CASES), self.one((0, 30, 80, 100, 250, 400)))),
            (5, ("case_event", self.one(EVENTS), hold_id, self.one(AMOUNTS), self.one(CASES))),
            (8, ("send",)),
            (8, ("deliver", index, self.one(("no", "no", "no", "before", "after", "twice")))),
            (10, ("answer", index, 1 + self.chance.below(4), self.often(0.8))),
            (6, ("carry_on",)),
            (8, ("hear", self.chance.below(4), 1 + self.chance.below(5))),
            (1, ("refuse", hold_id)),
            (5, ("pay_in", self.chance.below(ACCOUNTS), self.one(AMOUNTS))),
            (3, ("pass_time", self.one((0, 0, 1, 30, 364)), self.one((1, 61)))),
            (1, ("crash",)),
            (2, ("lose_the_next_step",)),
        )
        at = self.chance.below(sum(weight for weight, _ in choices))
        for weight, call in choices:
            at -= weight
            if at < 0:
                return call
        raise AssertionError("no choice")

    def freeze(self, hold_id: int) -> Call:
        return (
            "freeze",
            self.chance.below(ACCOUNTS),
            self.one(AMOUNTS),
            self.one(("exact", "exact", "none", "zero")),
            self.one(CASES),
            self.one((1, 1, 2)),
            self.often(0.2),
            self.often(0.3),
            hold_id if self.often(0.3) else 0,
        )

    def order_on_hold(self, hold_id: int) -> Call:
        kind = self.one((RENEW, RELEASE, DEDUCT, DEDUCT))
        return ("order_on_hold", kind, hold_id, self.one(AMOUNTS), self.often(0.4), self.often(0.3))

    def go(self) -> None:
        approval = self.one((0, 0, 90))
        caps = self.one(((None, None), (60, None), (80, 40)))
        self.calls.append(("begin", approval, caps))
        self.machine.begin(approval, caps)
        for _ in range(STEPS):
            call = self.next_call()
            self.calls.append(call)
            getattr(self.machine, str(call[0]))(*call[1:])
            self.machine.judge.check()
        self.machine.teardown()


@pytest.mark.parametrize("first", range(0, 10 * SEEDS_PER_TEST, SEEDS_PER_TEST))
def test_rules_hold_on_long_walks(first: int) -> None:
    for seed in range(first, first + SEEDS_PER_TEST):
        walk = Walk(seed)
        try:
            walk.go()
        except Exception as error:
            error.add_note(f"seed {seed}, {len(walk.calls)} steps: {walk.calls}")
            raise
