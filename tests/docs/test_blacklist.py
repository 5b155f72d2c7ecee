"""The page about the blacklist says what its code says: rules, grounds, outcomes, calls."""

import re

from blacklist.model import Rule
from blacklist.rules import law
from chakong.blacklist.v1 import (
    changes_pb2,
    listings_pb2,
    offline_pb2,
    proposals_pb2,
    public_pb2,
    screening_pb2,
)
from runtime.data import listing_text
from tests.docs.papers import prose, table, text

PAGE = "docs/blacklist.md"
MODULES = (listings_pb2, screening_pb2, changes_pb2, offline_pb2, proposals_pb2, public_pb2)
# The first table under a heading is not always the one that is meant.
_ROW = re.compile(r"^\| `(\w+)` \| (\d*) ?\|$", re.MULTILINE)


def test_every_rule_is_explained_in_its_order() -> None:
    assert [row[0] for row in table(PAGE, "What is refused, and by which rule")] == [
        one.value for one in Rule
    ]


def test_grounds_have_their_terms() -> None:
    said = {key: int(months or 0) for key, months in _ROW.findall(text(PAGE))}
    assert said == {key: one.term_months for key, one in law.load(listing_text()).grounds.items()}


def test_every_outcome_is_explained_in_its_order() -> None:
    outcomes = [value.name for value in screening_pb2.Outcome.DESCRIPTOR.values if value.number]
    assert [row[0] for row in table(PAGE, "For units: screening")] == outcomes


def test_every_call_is_mentioned() -> None:
    methods = {
        method.name
        for module in MODULES
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }
    assert methods <= set(re.findall(r"`(\w+)`", prose(PAGE)))


def test_limits_of_the_law_are_the_laws() -> None:
    said, rules = " ".join(prose(PAGE).split()), law.load(listing_text())
    assert f"{rules.extension_months_min} to {rules.extension_months_max} months in all" in said
    assert f"within {rules.removal_working_days} working days of it" in said
    assert f"in that case for {rules.relisting_bar_months} months" in said
    assert f"decides within {rules.objection_days} days" in said
    assert f"asked for within {rules.review_ask_days} days" in said
