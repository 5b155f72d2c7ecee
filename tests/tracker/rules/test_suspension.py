"""Suspension: each of the thirteen checks, fulfilled, missing, not applicable, with what proves it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.tracker.rules.build import CASE, ENDED, ENDING, event, law, state
from tracker.model import Case, Event
from tracker.rules import suspension
from tracker.rules.suspension import FULFILLED, MISSING, NOT_APPLICABLE

ON = 20260413


def found(*events: Event, case: Case = CASE, on: int = ON) -> dict[str, tuple[str, str]]:
    findings = suspension.check(law(), case, state(*events, case=case), on)
    return {finding.key: (finding.result, finding.event_id) for finding in findings}


def without(*kinds: str) -> list[Event]:
    return [one for one in ENDING if one.kind not in kinds]


def test_everything_is_there() -> None:
    findings = suspension.check(law(), CASE, state(*ENDING), ON)
    assert suspension.missing(findings) == ()
    assert [finding.key for finding in findings] == [check.key for check in law().checks]
    assert all(finding.article for finding in findings)


def test_check_is_answered_with_the_event_that_proves_it() -> None:
    assert found(*ENDING)["notice_and_report_order"] == (FULFILLED, "report_order_served-20260116-")
    assert found(*ENDING)["full_inquiry"] == (FULFILLED, "online_inquiry-20260401-")
    assert found(*ENDING)["three_months"] == (FULFILLED, "filing-20260108-")


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("notice_served", "notice_and_report_order"),
        ("report_order_served", "notice_and_report_order"),
        ("online_inquiry", "full_inquiry"),
        ("online_inquiry", "special_assets"),
        ("traditional_inquiry_done", "traditional_measure"),
        ("consumption_restricted", "consumption_restricted"),
        ("suspension_talk", "talk"),
        ("panel_decided", "papers"),
        ("suspension_ruled", "papers"),
        ("filing", "three_months"),
    ],
)
def test_what_nobody_recorded_is_missing(kind: str, check: str) -> None:
    assert found(*without(kind))[check] == (MISSING, "")


def test_full_inquiry_is_fresh_for_three_months_and_no_day_more() -> None:
    assert found(*ENDING, on=20260701)["full_inquiry"][0] == FULFILLED
    assert found(*ENDING, on=20260702)["full_inquiry"][0] == MISSING
    partly = event("online_inquiry", 20260410, "i2", is_full=False, items=(1,))
    assert found(*ENDING, partly, on=20260702)["full_inquiry"][0] == MISSING


def test_every_debtor_must_have_been_asked_about() -> None:
    others, case = without("online_inquiry"), replace(CASE, subject_count=2)

    def asked(event_id: str, day: int, **detail: Any) -> Event:
        return event("online_inquiry", day, event_id, is_full=True, **detail)

    first, again = asked("a", 20260301, subject=1), asked("b", 20260310, subject=1)
    second, untold = asked("c", 20260315, subject=2), asked("d", 20260320)
    narrow = event("online_inquiry", 20260316, "e", subject=2, items=(1,))
    assert found(*others, first, again, untold, narrow, case=case)["full_inquiry"] == (MISSING, "")
    assert found(*others, first, second, case=case)["full_inquiry"] == (FULFILLED, "c")
    assert found(*others, first, second, case=case, on=20260602)["full_inquiry"] == (MISSING, "")
    assert found(*others, first, again, second, case=case, on=20260602)["full_inquiry"] == (FULFILLED, "c")
    # Of one debtor, and of nobody knows whom, any full inquiry is taken.
    for count in (0, 1):
        alone = replace(CASE, subject_count=count)
        assert found(*others, untold, case=alone)["full_inquiry"] == (FULFILLED, "d")


def test_special_assets_may_be_looked_at_in_several_inquiries() -> None:
    others = without("online_inquiry")
    first = event("online_inquiry", 20260301, "a", is_full=True, items=(3, 13))
    second = event("online_inquiry", 20260302, "b", items=(24,))
    assert found(*others, first)["special_assets"] == (MISSING, "")
    assert found(*others, first, second)["special_assets"] == (FULFILLED, "b")


def test_clue_that_is_not_checked_stands_against_it() -> None:
    clue = event("clue_received", 20260301, "c", thing="c1")
    checked = event("clue_check", 20260305, "k", thing="c1")
    assert found(*ENDING)["clues_checked"] == (NOT_APPLICABLE, "")
    assert found(*ENDING, clue)["clues_checked"] == (MISSING, "c")
    assert found(*ENDING, clue, checked)["clues_checked"] == (FULFILLED, "k")


def test_property_that_is_left_stands_against_it_unless_a_reason_is_on_record() -> None:
    house = event("property_found", 20260410, "h", thing="p1", property="immovable")
    reason = event("without_property", 20260404, "w", reason="only dwelling of the family")
    gone = event("measure_ended", 20260411, thing="p1")
    held = event("measure_effective", 20260410, "m", thing="p1", property="immovable")
    assert found(*ENDING, house)["nothing_left"] == (MISSING, "h")
    assert found(*without("without_property"), house, reason)["nothing_left"] == (FULFILLED, "w")
    assert found(*ENDING, house, held, gone)["nothing_left"][0] == FULFILLED


@pytest.mark.parametrize(
    ("amount_fen", "claim_fen", "result"),
    [
        (99_999, 10_000_000, FULFILLED),
        (100_000, 10_000_000, MISSING),
        (50_000, 1_000_000, MISSING),
        (49_999, 1_000_000, FULFILLED),
        (0, 10_000_000, MISSING),
    ],
)
def test_deposits_may_be_left_under_a_thousand_yuan_and_five_per_cent(
    amount_fen: int, claim_fen: int, result: str
) -> None:
    deposit = event("property_found", 20260410, thing="p1", property="deposit", amount_fen=amount_fen)
    case = replace(CASE, claim_fen=claim_fen)
    assert found(*ENDING, deposit, case=case)["nothing_left"][0] == result


def test_debtor_who_refuses_must_be_listed_too() -> None:
    refused = event("refusal_established", 20260301)
    assert found(*ENDING, refused)["consumption_restricted"] == (MISSING, "")
    assert found(*ENDING, refused, event("listed", 20260412, "l"))["consumption_restricted"] == (
        FULFILLED,
        "l",
    )


def test_talk_is_not_needed_when_the_applicant_asked_for_the_ending() -> None:
    others = without("suspension_talk")
    assert found(*others, case=replace(CASE, is_ending_wished=True))["talk"] == (NOT_APPLICABLE, "")
    begun = event("suspension_start", 20260408, "s", is_wished=True)
    assert found(*others, begun)["talk"] == (NOT_APPLICABLE, "s")


def test_claim_that_is_met_is_not_ended_for_now() -> None:
    met = event("claim_satisfied", 20260401, "met")
    paid = event("money_received", 20260401, "paid", thing="m1", amount_fen=10_000_000)
    assert found(*ENDING)["unpaid"] == (FULFILLED, "")
    assert found(*ENDING, met)["unpaid"] == (MISSING, "met")
    assert found(*ENDING, paid)["unpaid"] == (MISSING, "paid")


def test_conduct_and_the_dead_are_not_ended_for_now() -> None:
    assert found(*ENDING, case=replace(CASE, is_conduct_only=True))["money_claim"] == (MISSING, "")
    assert found(*ENDING, event("debtor_died", 20260301, "x"))["debtor_alive"] == (MISSING, "x")


def test_three_months_since_filing_end_on_the_corresponding_day() -> None:
    assert found(*ENDING, on=20260407)["three_months"][0] == MISSING
    assert found(*ENDING, on=20260408)["three_months"][0] == FULFILLED


def test_case_taken_up_again_needs_talk_and_papers_of_its_own() -> None:
    again = (*ENDING, ENDED, event("resumption", 20260420))
    assert found(*again, on=20260501)["talk"] == (MISSING, "")
    assert found(*again, on=20260501)["papers"] == (MISSING, "")
    assert found(*again, on=20260501)["notice_and_report_order"][0] == FULFILLED


def test_what_is_recorded_later_proves_nothing_before() -> None:
    assert found(*ENDING, on=20260405)["talk"] == (MISSING, "")


def test_every_check_of_the_file_has_its_answer() -> None:
    assert set(suspension.ANSWERS) == {check.key for check in law().checks}
