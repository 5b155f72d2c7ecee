"""What Prometheus is told, and that it names nobody."""

from blacklist.figures import Counted, blacklist_figures, push_figures
from blacklist.model import Kind, Status
from blacklist.push.deadlines import Standing
from blacklist.push.escalation import Escalation
from blacklist.push.feed import Feed
from blacklist.push.follow import Followers
from blacklist.push.marks import Mark
from blacklist.store.desk import Desk
from blacklist.store.reader import Figures
from runtime.guard import CallCounts
from runtime.metrics import LABELS, NAME_PREFIX
from tests.blacklist.push.changes import Kept


async def test_figures_have_known_labels_and_names() -> None:
    desk = Desk(4, lambda: None)
    calls = CallCounts(calls={"Screen": 3}, refused={("Screen", "UNAVAILABLE"): 1})
    counted = Counted(figures=Figures({(Kind.LISTED, Status.IN_FORCE): 5}, 2, 1, 4), named={2: 3, 4: 1})
    found = {(one.name, one.labels): one.value for one in blacklist_figures(calls, desk, None, counted)}
    assert all(name.startswith(NAME_PREFIX + "blacklist_") for name, _ in found)
    assert {label for _, labels in found for label, _ in labels} <= LABELS
    assert found["chakong_blacklist_listings", (("kind", "listed"), ("state", "in_force"))] == 5
    assert found["chakong_blacklist_removals_overdue", ()] == 1
    assert found["chakong_blacklist_named_total", (("state", "check_by_hand"),)] == 1
    desk.close()


async def test_nothing_is_told_that_was_not_counted_yet() -> None:
    desk = Desk(4, lambda: None)
    names = {one.name for one in blacklist_figures(CallCounts(), desk, None, Counted())}
    assert "chakong_blacklist_removals_due" not in names
    assert "chakong_blacklist_snapshot_age_seconds" not in names
    assert "chakong_blacklist_available" in names
    desk.close()


def test_who_is_late_is_told_by_unit() -> None:
    escalation = Escalation()
    late = Standing("railway", Mark(7), 3, 5, 2, 20261120, 1)
    escalation.look([late, Standing("moe", Mark(9), 3, 1, 0, 20261130)], 20261123)
    nobody = Followers(Feed(Kept().since), lambda _: (frozenset(),) * 4, lambda *_: None, lambda: 0)
    found = {(one.name, one.labels): one.value for one in push_figures(nobody, escalation)}
    assert {label for _, labels in found for label, _ in labels} <= LABELS
    assert found["chakong_blacklist_units_overdue", ()] == 1
    assert found["chakong_blacklist_removals_unacknowledged", ()] == 6
    assert found["chakong_blacklist_followers", ()] == 0
    assert found["chakong_blacklist_acknowledgements_overdue", (("unit", "railway"),)] == 2
    assert found["chakong_blacklist_late_working_days", (("unit", "moe"),)] == 0
