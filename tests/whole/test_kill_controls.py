"""Kill, controls: kill -9 of the real gateway while it freezes, renews, releases and deducts, before
institutions with troubles of their own.

`python -m tests.whole.killing --rounds 50` does the same for longer.
"""

from pathlib import Path

from tests.whole.killing import FIRST_ROUND_ORDERS, kill_rounds

ROUNDS = 3


async def test_every_acknowledged_control_is_carried_out_once_after_kill_9(tmp_path: Path) -> None:
    report = await kill_rounds(tmp_path, ROUNDS, seed=7, books="troubled")
    assert report.promised >= FIRST_ROUND_ORDERS
    assert report.outcomes["freeze done"] > 10
    assert report.outcomes["deduct done"] > 10
