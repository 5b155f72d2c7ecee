"""How long holds may last, and who is paid."""

from datetime import date

from runtime import data
from tests.simulator.books.acts import COURT, LAW, PAYEE


def test_terms_are_those_of_the_day() -> None:
    now, before = LAW.months_max(date(2026, 1, 1).toordinal()), LAW.months_max(date(2010, 1, 1).toordinal())
    assert (now[1], now[14], now[15], now[3]) == (12, 24, 36, 36)
    assert (before[1], before[14], before[15], before[3]) == (6, 12, 24, 24)
    assert LAW.months_max(date(2015, 2, 3).toordinal())[1] == 6
    assert LAW.months_max(date(2015, 2, 4).toordinal())[1] == 12


def test_items_without_a_term_cannot_be_held() -> None:
    held = LAW.months_max(date(2026, 1, 1).toordinal())
    assert set(held) == {row["code"] for row in data.items() if row["term"]}


def test_before_there_was_a_law_nothing_can_be_held() -> None:
    assert LAW.months_max(date(1999, 1, 1).toordinal()) == {}


def test_a_court_has_one_registered_account() -> None:
    assert LAW.payees[COURT] == PAYEE
    assert len(LAW.payees) == 8
