"""The installed files: as many rows as they must have, and readable from any working directory."""

import json
from pathlib import Path

import pytest

from runtime import data as installed


def test_files_have_the_sizes_of_the_population() -> None:
    assert len(installed.institutions()) == 3_916
    assert len(installed.endpoints()) == 372
    assert len(installed.courts()) == 8
    assert [row["code"] for row in installed.items()] == list(range(1, 26))


def test_files_are_found_from_another_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(installed.institutions()) == 3_916
    with installed.inquiries_path().open(encoding="utf-8") as lines:
        first = json.loads(next(lines))
        assert sum(1 for _ in lines) == 9_999
    assert first["expect"] == "ok"


def test_law_of_holds_has_its_terms_and_rules() -> None:
    assert {row["property"] for row in installed.terms()} == {
        "deposit",
        "movable",
        "immovable",
        "other_right",
    }
    assert installed.rules()["excess"]["clearly_percent"] == 20
    assert installed.rules()["objection"]["objection_days"] == 15
    assert {"margin", "statutory_reserve"} <= {row["key"] for row in installed.account_kinds()}
    assert installed.living_costs()["default"] == 80_000


def test_list_has_its_grounds_and_units_their_measures() -> None:
    assert installed.listing_text().count("[[ground]]") == 6
    measures, units = installed.measure_texts()
    assert measures.count("[[measure]]") == 37
    assert units.count("[[unit]]") == 44
