"""Registry: numbers, sections, gates; and the page for institutions lists the same."""

import pytest

from conformance.registry import CHECKS, CONTROLS_FIRST, GATES, SECTIONS, chosen, gate, section
from tests.docs.papers import table


def test_numbers_rise_and_none_is_given_twice() -> None:
    numbers = [check.number for check in CHECKS]
    assert numbers == sorted(set(numbers))
    assert {number // 100 for number in numbers} == set(SECTIONS)


def test_every_check_says_what_it_rests_on() -> None:
    assert [check.number for check in CHECKS if not check.name or not check.basis] == []
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_the_page_for_institutions_lists_every_check() -> None:
    listed = [tuple(row) for row in table("docs/institutions.md", "The checks")]
    assert listed == [(str(check.number), check.name, check.basis) for check in CHECKS]


def test_a_gate_shuts_what_comes_after_it_up_to_its_last() -> None:
    assert set(GATES) <= {check.number for check in CHECKS}
    assert gate(301, {110}) == 110
    assert gate(101, {110}) == 0
    assert gate(402, {110}) == 0
    assert gate(930, {110, 401}) == 401
    assert gate(401, {401}) == 0
    assert gate(930, {501}) == 0


def test_checks_can_be_chosen() -> None:
    assert chosen(set()) == CHECKS
    assert [check.number for check in chosen({501, 110})] == [110, 501]
    with pytest.raises(LookupError, match="111 given"):
        chosen({111, 501})


def test_sections_of_controls_begin_where_holds_are_made() -> None:
    assert section(CONTROLS_FIRST + 1) == "A control comes again"
