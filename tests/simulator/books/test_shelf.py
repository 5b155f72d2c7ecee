"""Time on the shelf: what is due, in which order, and how little is looked at."""

from dataclasses import replace

from simulator.books.dates import start_ns
from simulator.books.movement import Movement
from simulator.books.property import Account
from simulator.books.shelf import holder_of
from tests.simulator.books.acts import (
    ACCOUNT,
    BANK,
    DAY_NS,
    HOLDER,
    LOCATOR,
    NOW_NS,
    OTHER_COURT,
    bank,
    events,
    freeze,
    release,
    renew,
)  # fmt: skip


def test_accounts_without_holds_wait_for_nothing() -> None:
    books = bank(500, movement=Movement(income_fen=100, payday=5, spending_fen=1))
    assert books.next_due_ns() == 0
    books.control(freeze(1, 10), NOW_NS)
    assert books.next_due_ns() == start_ns(books.today + 5)
    books.control(release(2, 1), NOW_NS)
    assert books.next_due_ns() == 0


def test_a_renewal_moves_what_is_due() -> None:
    books = bank(500)
    books.control(freeze(1, 10, months=1), NOW_NS)
    first_ns = books.next_due_ns()
    books.control(renew(2, 1, months=3), NOW_NS)
    assert books.next_due_ns() > first_ns
    books.advance(first_ns)
    assert events(books) == []


def test_events_come_in_the_order_of_their_days_whichever_account_was_first() -> None:
    books = bank(500)
    other = replace(ACCOUNT, locator="62002")
    books.open(other, NOW_NS)
    books.control(freeze(1, 10, months=3), NOW_NS)
    books.control(freeze(2, 10, months=1, opening=other), NOW_NS)
    books.control(freeze(3, 10, months=2, court=OTHER_COURT), NOW_NS)
    books.advance(NOW_NS + 200 * DAY_NS)
    assert events(books) == [("EXPIRED", 2), ("EXPIRED", 3), ("EXPIRED", 1)]
    assert [one.hold.stated_ns for one in books.events_after(0, 9)] == sorted(
        one.hold.stated_ns for one in books.events_after(0, 9)
    )


def test_day_by_day_or_in_one_leap_is_the_same() -> None:
    told = []
    for step_days in (1, 7, 150):
        books = bank(3_000, movement=Movement(income_fen=700, payday=9, spending_fen=13))
        books.control(freeze(1, 9_000, months=2), NOW_NS)
        books.control(freeze(2, 4_000, months=4), NOW_NS)
        for days in range(step_days, 1_051, step_days):
            books.advance(NOW_NS + days * DAY_NS)
        books.spend(BANK, LOCATOR, 1, NOW_NS + 1_050 * DAY_NS)
        account = books.account(BANK, LOCATOR)
        told.append((books.events_after(0, 1_000), account.balance_fen, account.spent_fen))
    assert told[0] == told[1] == told[2]
    assert len(told[0][0]) == 5


def test_two_holders_may_have_what_is_called_alike() -> None:
    books = bank(500)
    shelf = books._desk.shelf
    other = Account(BANK, 1, LOCATOR, holder_of(1, "11010519491231002x", "王芳"), "personal", "")
    shelf.keep(other)
    assert [one.holder for one in shelf.at(BANK, LOCATOR)] == [HOLDER, other.holder]
    assert other.holder.id_number.endswith("X")
