"""The auditor sees what is wrong."""

from collections.abc import Callable

import pytest

from simulator.books.audit import faults
from simulator.books.books import Books
from simulator.books.property import Hold
from tests.simulator.books.acts import BANK, ENDED, LOCATOR, NOW_NS, QUEUED, bank, deduct, freeze, release


def holds(books: Books) -> list[Hold]:
    return list(books.every_hold())


def spend_held(books: Books) -> None:
    books.account(BANK, LOCATOR).balance_fen -= 600


def hold_too_much(books: Books) -> None:
    holds(books)[0].controlled_fen += 500


def hold_too_little(books: Books) -> None:
    holds(books)[1].controlled_fen -= 1


def forget_the_queue(books: Books) -> None:
    hold = holds(books)[1]
    hold.life, hold.controlled_fen, hold.until_day, hold.position = QUEUED, 0, 0, 1


def forget_a_term(books: Books) -> None:
    holds(books)[0].until_day = books.today - 1


def end_and_keep(books: Books) -> None:
    holds(books)[0].life = ENDED


def lose_a_hold(books: Books) -> None:
    books.account(BANK, LOCATOR).holds.pop()


def deduct_twice(books: Books) -> None:
    account = books.account(BANK, LOCATOR)
    account.balance_fen -= 50
    account.deducted_fen += 50


@pytest.mark.parametrize(
    "spoil",
    [
        spend_held,
        hold_too_much,
        hold_too_little,
        forget_the_queue,
        forget_a_term,
        end_and_keep,
        lose_a_hold,
        deduct_twice,
    ],
)
def test_what_is_spoilt_is_seen(spoil: Callable[[Books], None]) -> None:
    books = bank(1_000)
    books.control(freeze(1, 400), NOW_NS)
    books.control(freeze(2, 300), NOW_NS)
    books.control(freeze(3, 100), NOW_NS)
    books.control(deduct(4, 1, 100), NOW_NS)
    books.control(release(5, 3), NOW_NS)
    assert faults(books) == []
    spoil(books)
    assert faults(books)
