"""What a unit is to do on a day."""

import pytest

from blacklist.rpc.bindings import Bindings
from blacklist.rules.units import load
from runtime.calendar import day_of_date
from runtime.data import measure_texts
from runtime.errors import ForbiddenError

BINDINGS = Bindings(load(*measure_texts()))
TODAY = 20261123


def test_binding_is_made_once_for_a_unit_and_a_day() -> None:
    day = day_of_date(TODAY)
    assert BINDINGS.binding("railway", day) is BINDINGS.binding("railway", day)
    assert BINDINGS.binding("railway", day) is not BINDINGS.binding("railway", day + 1)


def test_measures_are_numbers_by_bound() -> None:
    assert BINDINGS.measures("railway", day_of_date(TODAY)) == [[28, 37], [28, 37], [28], [28]]


def test_who_follows_is_bound_by_what_binds_the_unit_today() -> None:
    assert [bool(numbers) for numbers in BINDINGS.today("railway")] == [True, True, True, True]
    assert [bool(numbers) for numbers in BINDINGS.today("moe")] == [True, True, True, False]
    assert [bool(numbers) for numbers in BINDINGS.today("spp")] == [True, True, False, False]
    with pytest.raises(ForbiddenError, match="samr carries on"):
        BINDINGS.today("saic")


def test_who_is_no_unit_is_told_who_carries_on() -> None:
    BINDINGS.check("samr", TODAY)
    with pytest.raises(ForbiddenError, match="samr carries on"):
        BINDINGS.check("saic", TODAY)
    with pytest.raises(ForbiddenError, match="key of the table"):
        BINDINGS.check("nobody", TODAY)
