"""Due: what is taken when, and given back."""

from gateway.holds.due import Timetable
from runtime import calendar


def never(_: int) -> bool:
    return False


def test_deadlines_come_in_order_and_can_be_put_back() -> None:
    table = Timetable()
    for due_ns, hold in ((10, 1), (20, 2), (30, 3)):
        table.deadline(due_ns, hold)
    assert table.next_due_ns(never) == 10
    assert table.overdue(9, 10) == []
    taken = table.overdue(20, 10)
    assert taken == [(10, 1), (20, 2)]
    for due_ns, hold in reversed(taken):
        table.put_back(due_ns, hold)
    assert table.overdue(30, 2) == [(10, 1), (20, 2)]
    assert table.next_due_ns(never) == 30


def test_deadlines_that_are_met_wake_nobody() -> None:
    table = Timetable()
    table.deadline(10, 1)
    table.deadline(20, 2)
    assert table.next_due_ns(lambda hold: hold == 1) == 20


def test_last_days_are_over_with_the_next_midnight() -> None:
    table = Timetable()
    for until, hold in ((20261231, 1), (20261130, 2), (20261130, 3)):
        table.last_day(until, hold)
    assert table.next_due_ns(never) == calendar.midnight_ns(20261201)
    assert table.ended(20261130, 10) == []
    assert table.ended(20261201, 1) == [(20261130, 3)]
    assert table.ended(20261201, 10) == [(20261130, 2)]
    assert table.next_due_ns(never) == calendar.midnight_ns(20270101)
    assert table.ended(20300101, 10) == [(20261231, 1)]
    assert table.next_due_ns(never) == 0


def test_what_lies_before_the_epoch_is_due_and_not_never() -> None:
    table = Timetable()
    table.last_day(19690101, 1)
    assert table.next_due_ns(never) == 1


def test_standing_orders_are_due_the_day_after_they_were_looked_at() -> None:
    table = Timetable()
    table.set_standing_day(calendar.day_of_date(20261122))
    assert table.next_due_ns(never) == 0
    table.standing.add(1)
    assert table.next_due_ns(never) == calendar.midnight_ns(20261123)


def test_after_the_last_of_all_days_nothing_is_due() -> None:
    timetable = Timetable()
    timetable.last_day(99991231, 1)
    assert timetable.next_due_ns(lambda _: True) == 0


def test_what_a_step_gave_is_taken_back_and_nothing_of_others() -> None:
    timetable = Timetable()
    timetable.deadline(5, 1)
    timetable.last_day(20261122, 1)
    timetable.deadline(7, 2)
    timetable.last_day(20261122, 2)
    timetable.last_day(20261123, 2)
    # Taken in the same step, and put back the other way round.
    assert sorted(timetable.ended(20261123, 9)) == [(20261122, 1), (20261122, 2)]
    timetable.last_day(20261122, 2)
    timetable.last_day(20261122, 1)
    timetable.take_back(1, (20261122, 2, 20261123, 2))
    assert timetable.overdue(9, 9) == [(5, 1)]
    assert timetable.ended(20270101, 9) == [(20261122, 1)]
