"""Golden cases: golden.md says which due days must come out of which events, rule by rule and year by
year."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.tracker.rules.build import CASE, NOW_NS, event, law
from tracker import rules
from tracker.model import Case, Event, Node
from tracker.rules.words import TERM

TABLE = Path(__file__).with_name("golden.md")
HEAD = "| node |"


class Row(NamedTuple):
    """A line of the table."""

    node: str
    profile: str
    route: str
    how: str
    when: str
    excluded: str
    due: str
    amber: str
    red: str
    provisional: str
    why: str


def rows() -> list[Row]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith(HEAD)) + 2
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines[begin:] if line]


def day(text: str) -> int:
    return 0 if text == "-" else int(text.replace("-", ""))


def events_of(row: Row) -> list[Event]:
    """What starts the node as the row has it."""
    number, start = int(row.node), day(row.when)
    route = "" if row.route == "-" else row.route
    rule = law().rule(row.profile, number, route, 20260101)
    assert rule is not None
    thing = "" if law().events[rule.start].per == "case" else "thing-1"
    kind = rule.term or ("movable" if number == 17 else "deposit")
    given: dict[str, Any] = {}
    if rule.start == "measure_effective":
        given["property"] = kind
    if row.how == "urgent":
        given["is_urgent"] = True
    events = [event(rule.start, start, thing=thing, **given)]
    if route:
        events.append(event("auction", start, thing=thing, route=route))
    if row.how == "ending":
        events.append(event("suspension_start", start))
    if row.how.startswith("extended"):
        months = int(row.how.split()[1])
        events.append(event("extension_granted", start, months=months, approved_by="president"))
    for at, period in enumerate(row.excluded.split() if row.excluded != "-" else []):
        since, until = period.split("..")
        key = ("stay", "settlement_period")[at]
        events.append(event("clock_stopped", day(since), period=key))
        events.append(event("clock_resumed", day(until), period=key))
    return events


def node_of(row: Row) -> Node:
    case = Case(
        CASE.case_id,
        CASE.court,
        CASE.number,
        profile="" if row.profile == "national" else row.profile,
        is_litigation=row.how != "non_litigation",
    )
    found = rules.fold(law(), case, events_of(row), 20991231, NOW_NS)
    (one,) = [node for node in found.nodes if node.number == int(row.node)]
    return one


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.node}-{row.profile}-{row.when}-{row.how}")
def test_day_of_the_table_comes_out(row: Row) -> None:
    found = node_of(row)
    assert (found.due, found.amber, found.red) == (day(row.due), day(row.amber), day(row.red)), row.why
    assert found.is_provisional == (row.provisional == "yes")


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.node}-{row.profile}-{row.when}-{row.how}")
def test_due_day_has_rule_article_and_version(row: Row) -> None:
    found = node_of(row)
    assert found.rule.startswith(law().nodes[found.number].key)
    assert found.article
    assert found.version <= day(row.when)


def test_every_node_with_a_limit_has_a_golden_case() -> None:
    given = {(int(row.node), row.route.strip("-")) for row in rows()}
    with_limit = {
        (number, route)
        for (profile, number, route), versions in law().versions.items()
        if profile == "national" and any(rule.limit for rule in versions)
    }
    assert with_limit - given == set()


def test_every_profile_and_every_year_from_2022_to_2026_is_in_the_table() -> None:
    assert {row.profile for row in rows()} == set(law().profiles)
    assert {row.when[:4] for row in rows()} >= {"2022", "2023", "2024", "2025", "2026"}


def test_terms_of_both_laws_are_in_the_table() -> None:
    terms = [row for row in rows() if law().nodes[int(row.node)].kind == TERM]
    assert {row.when < "2015-02-04" for row in terms} == {True, False}
