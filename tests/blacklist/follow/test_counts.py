"""What the follower tells Prometheus."""

from blacklist.follow.counts import WORKS, Counts
from blacklist.store.proposer import OUTCOMES


def test_every_outcome_and_work_has_a_figure_from_the_start() -> None:
    counts = Counts()
    counts.events = 3
    counts.outcomes["removal"] += 1
    found = {(one.name, one.labels): one.value for one in counts.figures()}
    assert found["chakong_blacklist_followed_total", ()] == 3
    for outcome in OUTCOMES:
        key = ("chakong_blacklist_follow_proposals_total", (("state", outcome),))
        assert found[key] == int(outcome == "removal")
    assert all(("chakong_blacklist_follow_troubles_total", (("kind", one),)) in found for one in WORKS)
