"""Reckoning: extensions, urgency, titles, profiles, not-before, counts; each node with its rule and
article."""

from dataclasses import replace

import pytest

from tests.tracker.rules.build import CASE, CLOSED, FILED, event, law, node, state
from tracker.model import NodeState
from tracker.rules.variant import EXTENSION_SHIFT, TOLD, UNSURE, unpack

GRANTED = event("extension_granted", 20260601, months=2, approved_by="president")


def test_extension_lengthens_the_closing_up_to_what_the_rule_allows() -> None:
    more = event("extension_granted", 20260602, "more", months=1, approved_by="president")
    beyond = event("extension_granted", 20260603, "beyond", months=1, approved_by="president")
    assert node(state(*FILED), 31).due == 20260708
    assert node(state(*FILED, GRANTED), 31).due == 20260908
    assert node(state(*FILED, GRANTED, more), 31).due == 20261008
    found = state(*FILED, GRANTED, more, beyond)
    assert node(found, 31).due == 20261008
    assert [(one.event_id, one.why) for one in found.pending] == [("beyond", "extended_too_far")]
    assert node(found, 31).variant >> EXTENSION_SHIFT == 3


def test_extension_by_another_or_too_late_does_nothing() -> None:
    other = replace(GRANTED, detail=replace(GRANTED.detail, approved_by="clerk"))
    late = replace(GRANTED, effective=20260709)
    for given, why in ((other, "not_approved"), (late, "too_late")):
        found = state(*FILED, given)
        assert node(found, 31).due == 20260708
        assert [one.why for one in found.pending] == [why]


def test_extension_of_what_is_not_there_waits() -> None:
    assert [one.why for one in state(GRANTED).pending] == ["start_unknown"]
    assert [one.why for one in state(*FILED, replace(CLOSED, effective=20260501), GRANTED).pending] == [
        "after_closing"
    ]


def test_extension_that_a_stopped_clock_left_time_for_counts() -> None:
    stopped = [
        event("clock_stopped", 20260301, period="stay"),
        event("clock_resumed", 20260401, period="stay"),
    ]
    late = replace(GRANTED, effective=20260720)
    assert node(state(*FILED, *stopped, late), 31).due == 20261009
    assert node(state(*FILED, *stopped), 31).stopped_days == 31


def test_suspension_may_start_on_the_corresponding_day_and_not_before() -> None:
    start = node(state(*FILED), 35)
    assert (start.not_before, start.due, start.amber) == (20260408, 0, 0)
    assert node(state(event("filing", 20251130)), 35).not_before == 20260228


def test_not_before_is_moved_by_no_holiday_and_stopped_by_nothing() -> None:
    stopped = (
        event("clock_stopped", 20260201, period="stay"),
        event("clock_resumed", 20260301, period="stay"),
    )
    assert node(state(event("filing", 20260101), *stopped), 35).not_before == 20260401
    assert node(state(event("filing", 20260704)), 35).not_before == 20261004  # a Sunday of National Day


def test_inquiries_are_counted_once_each_and_the_latest_full_one_is_fresh_for_three_months() -> None:
    found = state(
        *FILED,
        event("online_inquiry", 20260110, "a", inquiry="i1"),
        event("online_inquiry", 20260112, "b", inquiry="i1", is_full=True),
        event("online_inquiry", 20260301, "c", inquiry="i2"),
        event("online_inquiry", 20251201, "d", inquiry="i0"),
    )
    count = node(found, 37)
    assert (count.inquiry_count, count.fresh, count.due) == (2, 20260412, 0)
    assert node(state(*FILED), 37).inquiry_count == 0


@pytest.mark.parametrize("count", [1, 3, 9])
def test_inquiries_of_which_nothing_more_is_told_are_counted_each(count: int) -> None:
    begun = (*FILED, event("distribution", 20260109))
    inquiries = [event("online_inquiry", 20260110 + number // 2, str(number)) for number in range(count)]
    assert node(state(*begun, *inquiries), 37).inquiry_count == count


def test_inquiries_are_fresh_as_long_as_that_about_each_debtor_is() -> None:
    case = replace(CASE, subject_count=2)
    first = event("online_inquiry", 20260301, "a", is_full=True, subject=1)
    second = event("online_inquiry", 20260310, "b", is_full=True, subject=2)
    assert node(state(*FILED, first, case=case), 37).fresh == 0
    assert node(state(*FILED, first, second, case=case), 37).fresh == 20260601


def test_ending_for_now_has_a_limit_of_its_own_where_the_profile_says_so() -> None:
    case = replace(CASE, profile="local-a")
    begun = event("suspension_start", 20260409)
    assert node(state(*FILED, case=case), 31).due == 20260707
    assert node(state(*FILED, begun, case=case), 31).due == 20260420
    assert node(state(*FILED, begun), 31).due == 20260708


def test_title_of_no_court_has_a_shorter_limit() -> None:
    assert node(state(*FILED, case=replace(CASE, is_litigation=False)), 31).due == 20260408


def test_every_due_day_carries_rule_article_and_version() -> None:
    closing = node(state(*FILED, case=replace(CASE, profile="local-a")), 31)
    assert closing.rule == "closing@local-a"
    assert closing.article == "local rule local-a; over 严格执行案件审理期限规定 (2000) art 5"
    assert closing.version == 20220410


def test_last_day_that_was_told_stands_but_never_beyond_the_longest() -> None:
    told = event("measure_effective", 20260301, thing="p1", property="deposit", until=20260901)
    beyond = event(
        "measure_effective", 20260301, thing="p1", property="deposit", until=20280101, source="follower"
    )
    assert node(state(told), 15, "p1").due == 20260901
    assert unpack(node(state(told), 15, "p1").variant).flags == TOLD
    assert node(state(beyond), 15, "p1").due == 20270301
    assert unpack(node(state(beyond), 15, "p1").variant).flags == UNSURE


def test_node_that_was_done_while_the_clock_stood_still_is_done() -> None:
    found = node(state(*FILED, event("clock_stopped", 20260301, period="stay"), CLOSED), 31)
    assert (found.state, found.due, found.is_stopped) == (NodeState.DONE, 0, True)
    same_day = node(state(*FILED, event("clock_stopped", CLOSED.effective, period="stay"), CLOSED), 31)
    assert (same_day.state, same_day.due) == (NodeState.DONE, 20260708)


def test_version_of_the_law_is_told() -> None:
    assert state(*FILED).law_version == law().version
