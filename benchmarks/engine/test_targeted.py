"""Inquiries at one institution each, spread over all: check and admit, and the whole way to the answer."""

from typing import Any

import pytest

from benchmarks.engine.world import COURT, NOW_NS, SEND_BYTES_MAX, World, inquiries
from chakong.gateway.v1 import gateway_pb2

MESSAGE_COUNT = 4_000
ROUND_COUNT = 15
BANKS = [3_000 + number for number in range(700)]


def scopes(first: int) -> list[gateway_pb2.Scope]:
    """One bank each, in turn; which can be inquired of does not matter to the cost."""
    banks = [BANKS[number % len(BANKS)] for number in range(first, first + MESSAGE_COUNT)]
    return [gateway_pb2.Scope(reach=gateway_pb2.REACH_LIST, institutions=[bank]) for bank in banks]


@pytest.mark.benchmark(group="engine")
def test_check_and_admit_targeted(benchmark: Any) -> None:
    world = World.new()
    rounds = iter(range(ROUND_COUNT + 1))

    def message() -> tuple[tuple[bytes], dict[str, object]]:
        first = next(rounds) * MESSAGE_COUNT
        return (inquiries(first, scopes(first)),), {}

    def work(body: bytes) -> None:
        checked = world.engine.check(body, COURT, NOW_NS)
        assert checked.accepted == MESSAGE_COUNT
        world.engine.admit(checked.frame, 1, NOW_NS)

    benchmark.pedantic(work, setup=message, rounds=ROUND_COUNT)
    benchmark.extra_info["inquiries_per_second"] = round(MESSAGE_COUNT / benchmark.stats.stats.median)


@pytest.mark.benchmark(group="engine")
def test_targeted_to_the_answer(benchmark: Any) -> None:
    world = World.new()
    rounds = iter(range(ROUND_COUNT + 1))
    answered: list[int] = []

    def message() -> tuple[tuple[bytes], dict[str, object]]:
        first = next(rounds) * MESSAGE_COUNT
        return (inquiries(first, scopes(first)),), {}

    def work(body: bytes) -> None:
        checked = world.engine.check(body, COURT, NOW_NS)
        world.engine.admit(checked.frame, 1, NOW_NS)
        while batches := world.engine.take_batches(NOW_NS, SEND_BYTES_MAX):
            for batch in batches:
                assert world.engine.settle(batch.endpoint, world.reply(batch), NOW_NS).fault == 0
        answered.append(sum(answers.count for answers in world.engine.take_answers(NOW_NS)))

    benchmark.pedantic(work, setup=message, rounds=ROUND_COUNT)
    assert answered == [MESSAGE_COUNT] * ROUND_COUNT
    benchmark.extra_info["inquiries_per_second"] = round(MESSAGE_COUNT / benchmark.stats.stats.median)
