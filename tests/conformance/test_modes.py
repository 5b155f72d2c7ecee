"""Modes: the simulator passes calm, and fails exactly the right checks in each of its misbehaving modes."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conformance.fixture import Agreed, Fixture, parse
from conformance.registry import CHECKS
from simulator.books.misbehaviour import Misdeed
from simulator.layout import Layout
from simulator.scenarios import LIES, MIXTURES, Cast, Role, Scenario
from tests.conformance.conftest import HUB
from tests.conformance.drawn import fixture_of
from tests.conformance.running import failed, not_run, section, verdicts
from tests.conformance.simulated import SEED, Loop, simulated

# A run that is repeated has the same luck.
CONTROL_ID_FIRST = 1_000_001
BEHIND_110 = {check.number for check in CHECKS if 110 < check.number < 400}
BEHIND_401 = {check.number for check in CHECKS if check.number > 401}
# The simulator has no subject for whom its core system is down; with Follow, PollEvents is beside it.
CALM_NOT_RUN = {205, 930}
# Below the whole run: what a mode breaks would hold the accounts against checks that are not about it.
SECTION_4 = section(4)


@dataclass(frozen=True, slots=True)
class Mode:
    """What fails, what is not run because of it. `numbers` empty: all checks."""

    fails: set[int] = field(default_factory=set)
    shuts: set[int] = field(default_factory=set)
    rate: float = 1.0
    numbers: set[int] = field(default_factory=set)
    outcome_s: float = 0.2


BOOKS = {
    # Well-behaved all the same.
    Misdeed.ECHO: Mode(),
    Misdeed.OBJECTION: Mode(),
    # A receipt that is missing is asked for again, and comes.
    Misdeed.LOST_REPLY: Mode({402}, rate=0.3, outcome_s=10.0),
    Misdeed.REPLY_TWICE: Mode({402}),
    Misdeed.LATE: Mode({401}, BEHIND_401),
    Misdeed.RENEWAL_REFUSED: Mode({704, 705, 706, 707, 708}),
    # What comes back holds the account against every later check.
    Misdeed.FORGETS: Mode({408}, numbers=SECTION_4),
    Misdeed.CONTROLS_MORE: Mode({501, 502, 503, 504}),
    # Whatever is said of an amount in a receipt.
    Misdeed.REPORTS_OTHERWISE: Mode(
        {501, 502, 503, 505, 508, 601, 604, 608, 701, 801, 803, 811, 812, 813, 814, 903, 904, 905, 925}
    ),
    Misdeed.EVENTS_WITHHELD: Mode({921, 923, 924, 925, 926, 927, 928, 929}),
    Misdeed.EVENTS_TWICE: Mode({921}),
}
VOID = Mode({110}, BEHIND_110)
ROLES = {
    **dict.fromkeys(LIES, VOID),
    # Its core system is slower than was agreed.
    Role.SLOW: Mode({110, 401}, BEHIND_110 | BEHIND_401),
    Role.SILENT: Mode({101, 102, 110, 401}, BEHIND_110 | BEHIND_401),
    Role.CLOSED: Mode({101, 102, 110, 401}, BEHIND_110 | BEHIND_401),
    Role.FORGETFUL: Mode({115}),
    # Whom they choke on or decline is somebody else.
    Role.POISONED: Mode(),
    Role.DECLINING: Mode(),
}


def agreed(fixture: Fixture, **values: float) -> Fixture:
    changed = fixture.agreed.model_dump() | values
    return fixture.model_copy(update={"agreed": Agreed(**changed)})


def test_calm_simulator_passes(calm: str, fixture: Fixture) -> None:
    found = verdicts(calm, fixture)
    assert {number: found[number] for number in failed(found)} == {}
    assert not_run(found) == CALM_NOT_RUN


def test_it_passes_again_since_nothing_was_left_behind(calm: str, fixture: Fixture) -> None:
    without_bench = fixture.model_copy(update={"test_bench": False})
    found = verdicts(calm, without_bench, section(4, 5, 6))
    assert failed(found) == set()
    assert not_run(found) == {408, 504}
    assert "test_bench = false" in found[408].reason


def test_every_misdeed_and_every_role_has_its_row() -> None:
    assert set(BOOKS) == set(Misdeed)
    assert set(ROLES) == set(Role) - {Role.HONEST, Role.GONE}


@pytest.mark.parametrize("misdeed", BOOKS, ids=lambda misdeed: misdeed.value)
def test_books_that_misbehave_fail_exactly_the_right_checks(
    loop: Loop, layout: Layout, fixture: Fixture, misdeed: Misdeed
) -> None:
    mode = BOOKS[misdeed]
    patient = agreed(fixture, answer_s=3.0, outcome_s=mode.outcome_s, event_s=0.3)
    with simulated(loop, layout, misdeed.value, mode.rate) as address:
        found = verdicts(address, patient, mode.numbers, CONTROL_ID_FIRST)
    assert {number: found[number] for number in failed(found) ^ mode.fails} == {}
    assert not_run(found) - CALM_NOT_RUN == mode.shuts - CALM_NOT_RUN


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_endpoint_that_misbehaves_fails_exactly_the_right_checks(
    loop: Loop, layout: Layout, fixture: Fixture, role: Role
) -> None:
    mode = ROLES[role]
    endpoint = layout.endpoint_of(HUB)
    assert endpoint is not None
    forgotten = frozenset(fixture.institutions[-1:]) if role is Role.FORGETFUL else frozenset[int]()
    hasty = agreed(fixture, answer_s=1.0 if role in (Role.SLOW, Role.SILENT) else 5.0)
    with simulated(loop, layout, casts={endpoint: Cast(role, forgotten=forgotten)}) as address:
        found = verdicts(address, hasty, section(1, 2, 3, 4))
    seen = section(1, 2, 3, 4)
    assert {number: found[number] for number in failed(found) ^ mode.fails} == {}
    assert not_run(found) - CALM_NOT_RUN == (mode.shuts & seen) - CALM_NOT_RUN


def test_endpoint_that_is_polled_passes_without_follow(calm: str, layout: Layout) -> None:
    scenario = Scenario(MIXTURES["calm"], SEED, layout)
    key = next(
        one.key
        for one in layout.endpoints
        if one.key.startswith("union-") and not scenario.can_follow(one.index)
    )
    fixture = parse(fixture_of(layout, SEED, key, frozenset({"full"})), Path())
    found = verdicts(calm, fixture, section(1, 9))
    assert failed(found) == set()
    assert not_run(found) == {928, 929}


def test_bank_on_its_own_line_passes_without_what_a_hub_must_do(calm: str, layout: Layout) -> None:
    fixture = parse(fixture_of(layout, SEED, "city_bank-001", frozenset({"full", "thing"})), Path())
    found = verdicts(calm, fixture)
    assert {number: found[number] for number in failed(found)} == {}
    assert {112, 113, 114, 914, 503, 504, 509, 510, 817} <= not_run(found)
    assert "no hub" in found[112].reason
    assert "accounts.exempt" in found[509].reason
