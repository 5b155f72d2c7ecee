"""The installed law as it is read, and a law with mistakes in it."""

import pytest

from blacklist.rules.law import ABLE_BUT_REFUSES, AT_THE_APPLICANTS_REQUEST, LawError, load
from runtime.data import listing_text
from tests.blacklist.build import LAW


def test_installed_law_has_its_six_grounds_and_their_terms() -> None:
    assert {key: ground.term_months for key, ground in LAW.grounds.items()} == {
        ABLE_BUT_REFUSES: 0,
        "obstruction": 24,
        "evasion": 24,
        "breach_of_property_report": 24,
        "breach_of_consumption_order": 24,
        "refuses_settlement": 24,
    }


def test_installed_law_has_the_limits_of_its_articles() -> None:
    assert (LAW.extension_months_min, LAW.extension_months_max) == (12, 36)
    assert (LAW.removal_working_days, LAW.relisting_bar_months) == (3, 6)
    assert (LAW.objection_days, LAW.review_ask_days, LAW.review_days, LAW.correct_working_days) == (
        15,
        10,
        15,
        3,
    )
    assert AT_THE_APPLICANTS_REQUEST in LAW.reasons_without_a_term
    assert LAW.excluded_always["minors"]
    assert not LAW.excluded_always["students_with_campus_loans"]


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = listing_text().replace("working_days = 3", "working_days = -3", 1)
    text = text.replace('key = "evasion"', 'key = "obstruction"').replace("effective_from = 2017-05-01", "")
    with pytest.raises(LawError) as raised:
        load(text)
    assert len(raised.value.faults) == 3
    assert any("removal.working_days" in fault for fault in raised.value.faults)


def test_what_is_no_toml_is_told() -> None:
    with pytest.raises(LawError, match="not TOML"):
        load("a = = 1")


def test_extension_whose_least_is_above_its_most_is_told() -> None:
    with pytest.raises(LawError, match="extension"):
        load(listing_text().replace("min = { months = 12 }", "min = { months = 48 }"))
