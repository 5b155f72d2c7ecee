"""A thousand worlds and more: every sentence of the judge holds at every step of each.

`chakong simulate-world --seed N` brings any of them again, `--seeds COUNT` many more.
"""

import pytest

from tests.simulation.seeds import run

SEEDS, AT_ONCE = 1_000, 100


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_every_rule_holds_in_every_world(first: int) -> None:
    found = run(range(first, first + AT_ONCE))
    assert found.broken is None, found.sentence()
    assert found.count == AT_ONCE
    # Worlds in which nothing happens would prove nothing.
    wanted = (
        "crashes", "stops", "days passed", "commits failed", "partitions", "replies lost", "requests lost",
        "requests doubled", "messages slow", "streams broken", "repeated calls", "orders taken",
        "standing orders", "control: FREEZE STANDING", "control: RELEASE EXCESS", "control: DEDUCT",
        "control: RENEW", "event: promoted", "event: expired", "event: credited", "fact: overdue",
        "fact: lapsed", "inquiries taken", "answers: partial", "answers: final", "answers: late",
    )  # fmt: skip
    assert [name for name in wanted if not found.counts[name]] == []
    assert any(name.startswith("answers flawed: ") for name in found.counts)


def test_a_broken_world_is_told_with_its_seed() -> None:
    found = run(range(50), plant="lost-resend")
    assert found.broken is not None
    assert found.sentence().endswith(f"chakong simulate-world --seed {found.broken.seed}")
    assert found.count == found.broken.seed + 1
