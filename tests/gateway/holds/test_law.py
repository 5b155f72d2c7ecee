"""Law: the data of the law, by the law of the day."""

import pytest

from gateway.holds.law import Law, installed_law
from runtime import calendar
from tests.gateway.holds.world import law


@pytest.mark.parametrize(
    ("item", "today", "months"),
    [
        (1, 20261122, 12),  # deposit
        (14, 20261122, 24),  # vehicle
        (15, 20261122, 36),  # building
        (17, 20261122, 36),  # equity
        (1, 20150203, 6),  # by the numbering of 2004
        (1, 20150204, 12),
        (14, 20150203, 12),
        (6, 20261122, 0),  # the account directory holds nothing
        (99, 20261122, 0),
    ],
)
def test_longest_term_is_that_of_the_day(item: int, today: int, months: int) -> None:
    assert law().months_max(item, today) == months


def test_money_is_what_a_deposit_term_names() -> None:
    assert [item for item in range(1, 26) if law().is_money(item)] == [1, 2, 7, 8, 9, 12]


def test_kinds_say_what_may_be_done() -> None:
    margin, basic, general = (law().kind(key) for key in ("margin", "basic_settlement", "general_settlement"))
    assert (margin.freeze, margin.deduct, margin.is_pledged) == (True, False, True)
    assert general.order < basic.order
    assert law().kind("anything else").deduct


def test_courts_have_their_superior_and_their_account() -> None:
    assert law().is_superior("京", "京0105")
    assert not law().is_superior("沪", "京0105")
    assert law().payee("京0105") == "1101050000000001"
    assert law().payee("nowhere") == ""


def test_answer_to_an_objection_is_due_in_fifteen_days_moved_to_a_working_day() -> None:
    objected_ns = calendar.midnight_ns(20261121)
    assert law().objection_answer_due(objected_ns) == 20261207


def test_law_is_read_anew_each_time() -> None:
    assert Law.load() is not law()
    assert Law.load().clearly_percent == 20


def test_the_law_of_a_process_is_read_once() -> None:
    assert installed_law() is installed_law()
    assert installed_law().terms == law().terms
