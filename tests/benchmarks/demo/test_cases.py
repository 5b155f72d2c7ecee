"""Cases: those with money, courts in turn, and what of it is free, by the packaged law."""

from typing import Any

import pytest

from benchmarks.demo.cases import Case, Law, by_court, cases
from benchmarks.sample import CourtSample
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import Answer, Finding, Inquiry
from chakong.type.v1.type_pb2 import END_STATE_AMBIGUOUS, END_STATE_FOUND, INSTRUMENT_KIND_RULING, Record
from runtime.data import account_kinds, institutions, items

LAW = Law.of(items(), account_kinds(), institutions())
BANK = next(row["index"] for row in institutions() if "FREEZE" in row["can"])
ASKING = next(row["index"] for row in institutions() if row["can"] == ["INQUIRE"])
FROM = 20260801


def asked(number: int, court: str = "X1", claim_fen: int = 5_000_00) -> Inquiry:
    inquiry = load_inquiry(court, f"order-{number}", number)
    inquiry.claim_fen = claim_fen
    return inquiry


def account(available_fen: int, **fields: Any) -> Record:
    made = Record(item=1, locator="6222", kind="personal", amount_fen=9_999_00, available_fen=available_fen)
    made.MergeFrom(Record(**fields))
    return made


def found(*records: Record, institution: int = BANK) -> Answer:
    return Answer(findings=[Finding(institution=institution, state=END_STATE_FOUND, records=records)])


def chosen(*answered: tuple[Inquiry, Answer], court: str = "X1", count: int = 1_000) -> list[Case]:
    return cases([CourtSample(court, ())], {court: answered}, LAW, FROM, count)


@pytest.mark.parametrize(
    ("answer", "free_fen"),
    [
        (found(account(400_00)), 400_00),
        (found(account(400_00, currency="CNY")), 400_00),
        (found(account(400_00), account(50_00, locator="6223")), 450_00),
        (found(account(400_00), account(400_00)), 400_00),
        (found(account(400_00, currency="USD")), 0),
        (found(account(400_00, kind="migrant_wage_special")), 0),
        (found(account(400_00, item=14)), 0),
        (found(account(400_00), institution=ASKING), 0),
        (found(account(0)), 0),
        (Answer(findings=[Finding(institution=BANK, state=END_STATE_AMBIGUOUS)]), 0),
    ],
)
def test_free_is_what_the_law_lets_a_court_hold(answer: Answer, free_fen: int) -> None:
    came = chosen((asked(1), answer))
    assert [case.free_fen for case in came] == ([free_fen] if free_fen else [])


def test_where_number_and_name_do_not_fit_nothing_is_free() -> None:
    doubted = Answer(findings=[Finding(institution=BANK, state=END_STATE_AMBIGUOUS)])
    assert not chosen((asked(1), found(account(400_00))), (asked(1), doubted))


def test_every_second_claim_can_be_met_and_the_others_bear_interest() -> None:
    first, second = chosen(*((asked(number), found(account(400_00))) for number in (1, 2)))
    assert (first.claim.principal_fen, first.claim.interest_from) == (5_000_00, FROM)
    assert first.claim.costs_fen
    assert (second.claim.principal_fen, second.claim.interest_from, second.claim.costs_fen) == (200_00, 0, 0)
    assert first.claim.claim_id != second.claim.claim_id
    assert first.mandate.instrument_kind == INSTRUMENT_KIND_RULING
    assert first.mandate.case_number == first.claim.case_number == asked(1).mandate.case_number


def test_one_case_has_one_claim_against_all_its_debtors() -> None:
    other = asked(2, claim_fen=7_000_00)
    other.mandate.case_number = asked(1).mandate.case_number
    (case,) = chosen((asked(1), found(account(400_00))), (other, found(account(300_00))))
    assert [debtor.subject for debtor in case.claim.debtors] == [asked(1).subject, other.subject]
    assert (case.claim.principal_fen, case.free_fen, case.is_alone) == (7_000_00, 700_00, True)


def test_who_owes_in_two_cases_is_not_alone_and_things_have_their_worth() -> None:
    other = asked(2)
    other.subject.CopyFrom(asked(1).subject)
    car = account(0, item=14, locator="京A1", amount_fen=80_000_00)
    came = chosen((asked(1), found(account(400_00), car)), (other, found(account(400_00))))
    assert [case.is_alone for case in came] == [False, False]
    assert came[0].worth_fen == {(BANK, "京A1"): 80_000_00}


def test_courts_come_in_turn_until_there_are_enough() -> None:
    answered = {
        court: [(asked(number, court), found(account(400_00))) for number in range(first, first + 3)]
        for court, first in (("X1", 1), ("X2", 11))
    }
    came = cases([CourtSample("X1", ()), CourtSample("X2", ())], answered, LAW, FROM, count=3)
    assert [case.court for case in came] == ["X1", "X2", "X1"]
    assert {court: len(ours) for court, ours in by_court(came).items()} == {"X1": 2, "X2": 1}
