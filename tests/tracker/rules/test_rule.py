"""Rule: which limit is whose, and how a due day cites it."""

from dataclasses import replace

from tests.tracker.rules.build import law
from tracker.rules.rule import Limit, NodeRule


def closing(profile: str) -> NodeRule:
    rule = law().rule(profile, 31, "", 20260101)
    assert rule is not None
    return rule


def test_ending_goes_before_the_title_and_the_title_before_urgency() -> None:
    rule = replace(closing("local-a"), urgent=Limit(1, "days"))
    assert rule.limit_for(True, True, True) == (100, "days")
    assert rule.limit_for(True, True, False) == (3, "months")
    assert rule.limit_for(True, False, False) == (1, "days")
    assert rule.limit_for(False, False, False) == (180, "days")


def test_what_a_rule_does_not_have_otherwise_is_its_limit() -> None:
    assert closing("national").limit_for(True, False, True) == (6, "months")


def test_name_cites_node_route_and_profile() -> None:
    assert closing("local-a").name == "closing@local-a"
    assert law().versions["national", 23, "online"][0].name == "second_auction/online@national"
