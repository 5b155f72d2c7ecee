"""Measures and units, and who carries on for whom on which day."""

import pytest

from blacklist.model import Kind
from blacklist.rules.units import UnitsError, bound_of, load
from runtime.data import measure_texts
from tests.blacklist.build import FIRM, listing, person

UNITS = load(*measure_texts())
BEFORE, AFTER = 20170101, 20261123


def test_there_are_44_units_and_37_measures() -> None:
    assert len(UNITS.on(BEFORE)) == 44
    assert len(UNITS.measures) == 37
    assert UNITS.on(20160119) == ()


def test_successors_stand_in_the_place_of_their_predecessors() -> None:
    units = UNITS.on(AFTER)
    assert len(units) == 40
    assert {"cbirc", "samr", "mnr", "mem", "mct"} <= set(units)
    assert not {"cbrc", "circ", "saic", "aqsiq", "cfda", "mlr", "saws", "moc", "tourism"} & set(units)
    assert "mct" not in UNITS.on(20180407)
    assert "mct" in UNITS.on(20180408)
    assert UNITS.successor("saic", AFTER) == "samr"
    assert UNITS.successor("railway", AFTER) == "railway"


def test_successor_carries_out_the_measures_of_all_whom_it_succeeded() -> None:
    circ, cbrc = UNITS.binding("circ", BEFORE), UNITS.binding("cbrc", BEFORE)
    both = tuple(one | other for one, other in zip(circ, cbrc, strict=True))
    assert UNITS.binding("cbirc", AFTER) == both
    assert UNITS.binding("circ", AFTER) == ((frozenset(),) * 4)


def test_predecessors_are_those_of_that_day() -> None:
    assert UNITS.predecessors("samr", AFTER) == ("aqsiq", "cfda", "saic")
    assert UNITS.predecessors("samr", 20180409) == ()
    assert UNITS.predecessors("railway", AFTER) == ()


def test_units_and_successors_may_have_a_deadline_of_their_own() -> None:
    measures, units = measure_texts()
    own = units.replace('key = "railway"', 'key = "railway"\nacknowledge_working_days = 1')
    own = own.replace('to = "samr"', 'to = "samr"\nacknowledge_working_days = 10')
    found = load(measures, own)
    days = [found.working_days(unit, 3) for unit in ("railway", "samr", "moe")]
    assert days == [1, 10, 3]
    wrong = units.replace('key = "railway"', 'key = "railway"\nacknowledge_working_days = 61')
    with pytest.raises(UnitsError, match=r"railway: acknowledge_working_days 61 given, must be 1 to 60"):
        load(measures, wrong)


@pytest.mark.parametrize("date", [BEFORE, 20180408, 20180410, 20180416, AFTER])
def test_no_measure_is_ever_without_a_unit(date: int) -> None:
    carried = {
        number for unit in UNITS.on(date) for numbers in UNITS.binding(unit, date) for number in numbers
    }
    assert carried == set(range(1, 38))


def test_railway_is_bound_by_trains_and_the_rest_of_the_world_by_what_is_encouraged() -> None:
    found = [sorted(numbers) for numbers in UNITS.binding("railway", AFTER)]
    assert found == [[28, 37], [28, 37], [28], [28]]


def test_measures_of_restricted_persons_are_those_of_consumption_alone() -> None:
    for unit in UNITS.on(AFTER):
        listed, firms, restricted, restricted_firms = UNITS.binding(unit, AFTER)
        assert restricted <= listed & set(range(28, 34))
        assert restricted_firms <= firms & set(range(28, 34))
    assert UNITS.binding("spp", AFTER)[2] == frozenset()


def test_bound_says_who_it_is() -> None:
    kinds = (Kind.LISTED, Kind.RESTRICTED, Kind.DERIVED)
    assert [bound_of(listing(person(), kind=kind)) for kind in kinds] == [0, 2, 2]
    assert [bound_of(listing(FIRM, kind=kind)) for kind in kinds[:2]] == [1, 3]


def test_mistakes_are_told_at_once() -> None:
    measures, units = measure_texts()
    measures = measures.replace('units = ["railway", "mot"]', 'units = ["trains"]')
    measures = measures.replace('applies = ["person", "derived"]', 'applies = ["person"]')
    units = units.replace('key = "ndrc"', 'key = "spc"').replace('from = ["mlr"]', 'from = ["x"]')
    with pytest.raises(UnitsError) as raised:
        load(measures, units)
    told = " ".join(raised.value.faults)
    assert all(part in told for part in ("measure 28", "measure 31", "unit: 43", "succession to mnr"))
    with pytest.raises(UnitsError, match="not TOML"):
        load("=", units)
