"""Recompute: the same as folding every case under the other law, row by row."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime import calendar
from runtime import data as installed
from tests.tracker.rules.build import CASE, ENDED, ENDING, NOW_NS, changed, event, law
from tests.tracker.rules.histories import histories
from tests.tracker.rules.others import NAMES, other_law
from tracker import rules
from tracker.model import Event, Node, NodeState
from tracker.rules import recompute
from tracker.rules.days import Ints
from tracker.rules.law import Law, load
from tracker.rules.recompute import Columns, Moves, Recomputed

FAR = 20991231


def columns(nodes: list[Node]) -> Columns:
    def column(name: str) -> Ints:
        return np.array([getattr(node, name) for node in nodes], dtype=np.int64)

    return Columns(
        number=column("number"),
        start=column("start"),
        due=column("due"),
        amber=column("amber"),
        red=column("red"),
        stopped_days=column("stopped_days"),
        variant=column("variant"),
        is_provisional=column("is_provisional").astype(np.bool_),
    )


def open_nodes(of: Law, events: list[Event], profile: str, is_litigation: bool) -> list[Node]:
    case = replace(CASE, profile=profile, is_litigation=is_litigation)
    found = rules.fold(of, case, events, FAR, NOW_NS)
    return [node for node in found.nodes if node.state is NodeState.OPEN]


def assert_rows_are(found: Recomputed, nodes: list[Node]) -> None:
    for at, node in enumerate(nodes):
        if found.unsure[at]:
            continue
        assert (found.due[at], found.amber[at], found.red[at]) == (node.due, node.amber, node.red), node
        assert found.is_provisional[at] == node.is_provisional
        assert found.variant[at] == node.variant
        assert found.origins[found.origin[at]] == (node.rule, node.article, node.version)


@pytest.mark.parametrize("name", NAMES)
@given(histories(), st.sampled_from(["", "local-a", "local-b"]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_rows_are_what_folding_gives(
    name: str, events: list[Event], profile: str, is_litigation: bool
) -> None:
    before = open_nodes(law(), events, profile, is_litigation)
    after = open_nodes(other_law(name), events, profile, is_litigation)
    assert [(one.number, one.thing) for one in before] == [(one.number, one.thing) for one in after]
    assert_rows_are(recompute.recompute(law(), other_law(name), columns(before)), after)


@given(st.lists(st.tuples(st.sampled_from([3, 31, 9, 15, 19]), st.dates(date(2005, 1, 1), date(2031, 6, 1)))))
@settings(deadline=None)
def test_dates_of_any_year_are_counted_alike(starts: list[tuple[int, date]]) -> None:
    kinds = {
        3: "application_received",
        31: "filing",
        9: "clue_received",
        15: "measure_effective",
        19: "appraisal_served",
    }
    other = other_law("closing in five months")
    for number, start in starts:
        given_detail = {"property": "deposit"} if number == 15 else {}
        thing = "" if number in (3, 31) else "t1"
        one = event(kinds[number], calendar.number(start), thing=thing, **given_detail)
        before, after = (open_nodes(of, [one], "", True) for of in (law(), other))
        assert_rows_are(recompute.recompute(law(), other, columns(before)), after)


def test_rows_without_excluded_days_are_sure() -> None:
    nodes = open_nodes(law(), [event("application_received", 20260105), event("filing", 20260108)], "", True)
    found = recompute.recompute(law(), other_law("closing in five months"), columns(nodes))
    assert not found.unsure.any()
    assert recompute.compare(columns(nodes).due, found.due) == Moves(0, 1, 0, 0, len(nodes) - 1)


def test_row_with_excluded_days_is_unsure_when_its_limit_changes_and_stands_otherwise() -> None:
    events = [
        event("filing", 20260108),
        event("clock_stopped", 20260201, period="stay"),
        event("clock_resumed", 20260211, period="stay"),
    ]
    nodes = [node for node in open_nodes(law(), events, "", True) if node.number == 31]
    shorter = recompute.recompute(law(), other_law("closing in five months"), columns(nodes))
    assert shorter.unsure.tolist() == [True]
    assert shorter.due.tolist() == [20260720]
    assert recompute.recompute(
        law(), other_law("filing in working days"), columns(nodes)
    ).unsure.tolist() == [False]


def test_row_whose_extension_or_renewal_may_come_too_late_now_is_unsure() -> None:
    extended = [
        event("filing", 20260108),
        event("extension_granted", 20260630, months=2, approved_by="president"),
    ]
    renewed = [
        event("measure_effective", 20250301, thing="p1", property="deposit"),
        event("measure_renewed", 20260201, thing="p1"),
    ]
    told = [event("measure_effective", 20260101, thing="p1", property="deposit", until=20261002)]
    for events, number, name in (
        (extended, 31, "closing in five months"),
        (renewed, 15, "shorter deposits"),
        (told, 15, "shorter deposits"),
    ):
        nodes = [node for node in open_nodes(law(), events, "", True) if node.number == number]
        found = recompute.recompute(law(), other_law(name), columns(nodes))
        assert found.unsure.tolist() == [True]
        assert [node for node in open_nodes(other_law(name), events, "", True) if node in nodes] == []


def test_resumption_is_red_from_its_first_day_also_under_a_limit() -> None:
    found = event("property_found_after_suspension", 20260501, thing="p1", property="deposit")
    events = [*ENDING, ENDED, found]
    start = 'from = "property_found_after_suspension"\n'
    other = changed("nodes.toml", start, f"{start}limit = {{ days = 10 }}\n")
    before, after = (
        [node for node in open_nodes(of, events, "", True) if node.number == 10] for of in (law(), other)
    )
    assert [(node.red, node.due) for node in (*before, *after)] == [(20260501, 0), (20260501, 20260511)]
    there = recompute.recompute(law(), other, columns(before))
    assert not there.unsure.any()
    assert_rows_are(there, after)


def test_same_law_counts_only_what_was_provisional_anew() -> None:
    nodes = open_nodes(law(), [event("application_received", 20261228)], "", True)
    assert any(node.is_provisional for node in nodes)
    stale = [node._replace(due=20270101) for node in nodes]
    found = recompute.recompute(law(), law(), columns(stale))
    for at, node in enumerate(nodes):
        assert found.due[at] == (node.due if node.is_provisional else 20270101)


def test_profile_that_has_cases_must_be_in_the_new_law() -> None:
    nodes = open_nodes(law(), [event("filing", 20260108)], "local-b", True)
    without = {**installed.law_texts()}
    without["nodes-local.toml"] = without["nodes-local.toml"].replace("local-b", "local-c")
    with pytest.raises(ValueError, match="'local-b' has cases"):
        recompute.recompute(law(), load(without), columns(nodes))


def test_law_with_another_start_or_extension_needs_the_events() -> None:
    assert not any(recompute.changes_events(law(), other_law(name)) for name in NAMES)
    assert not recompute.changes_events(law(), law())
    assert not recompute.changes_events(law(), changed("nodes-local.toml", "local-b", "local-c"))
    start = changed("nodes.toml", 'from = "distribution"', 'from = "filing"')
    assert recompute.changes_events(law(), start)
    assert recompute.changes_events(law(), changed("nodes.toml", 'by = "president"', 'by = "panel"'))


def test_moves_are_counted_by_their_way() -> None:
    before = np.array([20260101, 20260101, 20260101, 20260101, 0, 0])
    after = np.array([20260102, 20251231, 20260101, 0, 20260101, 0])
    assert recompute.compare(before, after) == Moves(1, 1, 1, 1, 2)
