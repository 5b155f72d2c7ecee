"""Directory: the population, who is concerned by the sample, and changes that make a new version."""

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from gateway.directory import FREEZE, INQUIRE, Directory, Institution
from runtime.data import inquiries_path


@cache
def installed() -> Directory:
    return Directory.load()


def in_scope(inquiry: dict[str, Any]) -> Callable[[Institution], bool]:
    listed = set(inquiry.get("institutions", ()))
    return {
        "all": lambda _one: True,
        "banks": lambda one: not one.is_unit,
        "units": lambda one: one.is_unit,
        "province": lambda one: one.province == inquiry["province"],
        "list": lambda one: one.index in listed,
    }[inquiry["scope"]]


def concerned(inquiry: dict[str, Any]) -> list[Institution]:
    items = set(range(1, 26)) if inquiry["items"] == "all" else set(inquiry["items"])
    belongs = in_scope(inquiry)
    return [one for one in installed().institutions if belongs(one) and items & set(one.items)]


def test_population_has_its_size() -> None:
    directory = installed()
    assert len(directory.institutions) == 3_916
    assert len(directory.endpoints) == 372
    assert sum(one.is_unit for one in directory.institutions) == 16
    assert sum(INQUIRE not in one.can for one in directory.institutions) == 12


def test_every_institution_is_behind_exactly_one_endpoint() -> None:
    directory = installed()
    behind = [index for endpoint in directory.endpoints for index in endpoint.institutions]
    assert sorted(behind) == list(range(3_916))
    for endpoint in directory.endpoints:
        assert {directory.institutions[index].endpoint for index in endpoint.institutions} == {endpoint.index}


def test_endpoints_are_grouped_into_few_classes() -> None:
    assert Counter(endpoint.endpoint_class for endpoint in installed().endpoints) == {
        "city_bank": 125,
        "sponsor": 120,
        "foreign_bank": 41,
        "provincial_union": 30,
        "private_bank": 19,
        "unit": 16,
        "joint_stock_bank": 12,
        "large_state_bank": 6,
        "policy_bank": 3,
    }


def test_sample_concerns_as_many_institutions_as_it_must() -> None:
    query_count = incapable_count = 0
    with inquiries_path().open(encoding="utf-8") as lines:
        accepted = [one for one in map(json.loads, lines) if one["expect"] == "ok"]
    counts: dict[str, tuple[int, int]] = {}
    for inquiry in accepted:
        key = json.dumps(
            [inquiry["scope"], inquiry.get("province"), inquiry.get("institutions"), inquiry["items"]]
        )
        if key not in counts:
            found = concerned(inquiry)
            counts[key] = len(found), sum(INQUIRE not in one.can for one in found)
        query_count += counts[key][0]
        incapable_count += counts[key][1]
    assert len(accepted) == 9_124
    assert query_count == 23_896_870
    assert incapable_count == 73_463


def test_endpoint_is_found_by_its_key() -> None:
    by_key = installed().endpoint_by_key()
    assert len(by_key) == 372
    assert by_key["union-23"].line == "hub"


def test_changed_capability_makes_a_new_version() -> None:
    before = installed()
    after = before.with_capabilities({7: frozenset({FREEZE})})
    assert after.version == before.version + 1
    assert after.institutions[7].can == {FREEZE}
    assert (
        after.institutions[:7] + after.institutions[8:] == before.institutions[:7] + before.institutions[8:]
    )
    assert before.institutions[7].can != {FREEZE}
    assert after.snapshot() != before.snapshot()


def test_same_capabilities_make_no_new_version() -> None:
    directory = installed()
    assert directory.with_capabilities({7: directory.institutions[7].can}) is directory
    assert directory.with_capabilities({}) is directory


def test_capabilities_of_nobody_and_unknown_ones_are_refused() -> None:
    for index in (-1, 3_916):
        with pytest.raises(LookupError, match="0 to 3915"):
            installed().with_capabilities({index: frozenset()})
    with pytest.raises(ValueError, match="STEAL"):
        installed().with_capabilities({0: frozenset({"STEAL"})})
