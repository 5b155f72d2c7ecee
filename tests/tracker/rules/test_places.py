"""Places: which events start and end which node, by route, property, profile and day."""

import pytest

from tests.tracker.rules.build import CLOSED, FILED, event, has_node, law, node, state
from tracker.model import Event, NodeState
from tracker.rules.places import is_dropped, is_taken_when_closed


def failed(kind: str, route: str, day: int = 20260401) -> list[Event]:
    begun = [event("auction", 20260301, thing="p1", route=route)] if route else []
    return [*begun, event(kind, day, thing="p1")]


@pytest.mark.parametrize(
    ("kind", "route", "started"),
    [
        ("auction_failed", "online", {23: 20260506}),
        ("auction_failed", "traditional", {23: 20260601}),
        ("second_auction_failed", "online", {26: 0}),
        ("second_auction_failed", "traditional", {24: 20260601}),
        ("third_auction_failed", "traditional", {26: 20260408}),
        ("third_auction_failed", "online", {}),
        ("price_paid", "traditional", {22: 20260413}),
        ("price_paid", "online", {}),
        ("difference_paid", "online", {25: 20260413}),
    ],
)
def test_way_of_selling_decides_which_node_starts(kind: str, route: str, started: dict[int, int]) -> None:
    found = state(*failed(kind, route))
    assert {one.number: one.due for one in found.nodes if one.number in range(22, 27)} == started


def test_way_that_nobody_told_is_not_guessed() -> None:
    found = state(*failed("auction_failed", ""))
    second = node(found, 23, "p1")
    assert (second.due, second.rule, second.state) == (0, "", NodeState.OPEN)
    assert [(one.kind, one.why) for one in found.pending] == [("auction_failed", "start_unknown")]
    assert [one.kind for one in found.alerts] == ["no_rule"]
    told = state(*failed("auction_failed", ""), event("auction", 20260301, thing="p1", route="online"))
    assert node(told, 23, "p1").due == 20260506
    assert [one.kind for one in told.pending] == ["auction"]  # whose own start is not known


def test_measure_starts_the_term_of_its_kind_of_property_alone() -> None:
    for kind, number, other in (
        ("deposit", 15, 16),
        ("movable", 13, 17),
        ("immovable", 12, 17),
        ("other_right", 14, 17),
    ):
        found = state(event("measure_effective", 20260301, thing="p1", property=kind))
        assert [one.number for one in found.nodes] == [number, other]


def test_end_of_a_measure_ends_its_term_and_what_it_started() -> None:
    freeze = event("measure_effective", 20260301, thing="p1", property="deposit")
    found = state(freeze, event("measure_ended", 20260310, thing="p1"))
    assert [(one.number, one.state, one.done) for one in found.nodes] == [
        (15, NodeState.ENDED, 20260310), (16, NodeState.ENDED, 20260310),
    ]  # fmt: skip
    used_up = state(
        freeze, event("measure_ended", 20260310, thing="p1"), event("deduction", 20260310, thing="p1")
    )
    assert node(used_up, 16, "p1").state is NodeState.DONE


def test_measure_that_ends_on_its_first_day_has_ended() -> None:
    found = state(
        event("measure_ended", 20260301, "a", thing="p1"),
        event("measure_effective", 20260301, "b", thing="p1", property="deposit"),
    )
    assert [one.state for one in found.nodes] == [NodeState.ENDED, NodeState.ENDED]
    assert found.pending == ()


def test_measure_of_unknown_property_waits() -> None:
    found = state(event("measure_renewed", 20260301, thing="p1"))
    assert {one.why for one in found.pending} == {"start_unknown", "property_unknown"}


def test_rule_that_is_not_on_file_for_the_day_gives_no_due_day() -> None:
    found = state(event("appraisal_objection", 20231231, thing="p1"))
    assert (node(found, 20, "p1").due, node(found, 20, "p1").rule) == (0, "")
    assert node(state(event("appraisal_objection", 20240101, thing="p1")), 20, "p1").due == 20240116


def test_measure_of_the_old_law_has_its_old_term() -> None:
    found = state(event("measure_effective", 20140630, thing="p1", property="movable"))
    term = node(found, 13, "p1")
    assert (term.due, term.version, term.article) == (20150630, 20050101, "查封扣押冻结规定 (2004)")


def test_event_on_a_closed_case_does_nothing() -> None:
    clue = event("clue_received", 20260602, thing="c1")
    found = state(*FILED, CLOSED, clue)
    assert not has_node(found, 9, "c1")
    assert [one.why for one in found.pending] == ["after_closing"]


def test_closed_case_takes_what_follows_from_its_closing() -> None:
    assert is_taken_when_closed(law(), "archiving")
    assert is_taken_when_closed(law(), "measure_ended")
    assert not is_taken_when_closed(law(), "clue_received")


def test_duties_of_the_case_are_dropped_when_it_ends() -> None:
    kept = {number for number, rule in law().nodes.items() if not is_dropped(rule)}
    assert kept == {12, 13, 14, 15, 19, 28, 29, 32}
