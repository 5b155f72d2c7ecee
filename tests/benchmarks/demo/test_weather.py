"""The weather of each scenario: who may be silent, who must be, and nobody else."""

import numpy as np

from benchmarks.demo.concern import Concern, Mask
from benchmarks.demo.weather import Weather, hours_now
from benchmarks.subjects import subject
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Coverage, Inquiry, Missing, Scope
from chakong.type.v1.type_pb2 import (
    END_STATE_INCAPABLE,
    END_STATE_LATE,
    END_STATE_REFUSED,
    END_STATE_UNREACHABLE,
    EndState,
)
from runtime.data import institutions
from simulator.layout import Layout
from simulator.scenarios import DECLINE_ONE_IN, MIXTURES, POISON_ONE_IN, Role, Scenario
from simulator.truth import Subject, is_chosen

SEED = 1
LAYOUT = Layout.load()
CONCERN = Concern(institutions())
INQUIRY = Inquiry(subject=subject(1), scope=Scope(reach=REACH_ALL))
EVERYBODY = CONCERN.institutions(INQUIRY)
INCAPABLE = [row["index"] for row in institutions() if "INQUIRE" not in row["can"]]
HOUR_NS = 3_600 * 10**9
NIGHT_NS, DAY_NS = 18 * HOUR_NS, 4 * HOUR_NS  # 02:00 and 12:00 in Beijing


def faults(
    scenario: str,
    ends: dict[EndState.ValueType, list[int]],
    *,
    inquiry: Inquiry = INQUIRY,
    concerned: Mask = EVERYBODY,
    times_ns: tuple[int, int] = (DAY_NS, DAY_NS),
) -> dict[str, int]:
    missing = [Missing(state=state, institutions=indexes) for state, indexes in ends.items()]
    weather = Weather(scenario, SEED, LAYOUT, *times_ns)
    return dict(weather.check(inquiry, concerned, Coverage(missing=missing)))


def behind(scenario: str, role: Role, *, mends: bool = False) -> list[int]:
    casts = Scenario(MIXTURES[scenario], SEED, LAYOUT).casts
    endpoints = [at for at, cast in casts.items() if cast.role is role and cast.mends is mends]
    return [index for at in endpoints for index in LAYOUT.endpoints[at].institutions]


def lying_for_good() -> list[int]:
    roles = (
        Role.GARBAGE,
        Role.FOREIGN_BATCH,
        Role.UNKNOWN_INDEX,
        Role.FOREIGN_RECORD,
        Role.WRONG_INSTITUTION,
    )
    casts = Scenario(MIXTURES["liars"], SEED, LAYOUT).casts
    forgotten = [index for cast in casts.values() for index in cast.forgotten]
    silent = [index for role in roles for index in behind("liars", role)] + forgotten
    return [index for index in silent if index not in INCAPABLE]


def test_calm_day_has_twelve_incapable_and_nobody_silent() -> None:
    assert len(INCAPABLE) == 12
    assert faults("calm", {END_STATE_INCAPABLE: INCAPABLE}) == {}
    assert faults("calm", {END_STATE_INCAPABLE: INCAPABLE, END_STATE_LATE: [INCAPABLE[0] + 1]}) == {
        "LATE_not_foreseen": 1
    }


def test_incapable_that_answers_is_a_fault() -> None:
    assert faults("calm", {END_STATE_INCAPABLE: INCAPABLE[1:]}) == {"answered_by_the_mute": 1}


def test_institution_that_is_not_concerned_cannot_be_missing() -> None:
    concerned = EVERYBODY.copy()
    concerned[INCAPABLE[0]] = False
    assert faults("calm", {END_STATE_INCAPABLE: INCAPABLE}, concerned=concerned) == {"not_concerned": 1}


def test_outage_that_ends_in_time_leaves_nobody_silent() -> None:
    gone = behind("outage", Role.GONE)
    assert faults("outage", {END_STATE_INCAPABLE: INCAPABLE}) == {}
    assert faults("outage", {END_STATE_INCAPABLE: INCAPABLE, END_STATE_UNREACHABLE: gone[:3]}) == {
        "UNREACHABLE_not_foreseen": 3
    }


def test_storm_silences_its_dead_endpoints_and_no_others() -> None:
    closed = [index for index in behind("storm", Role.CLOSED) if index not in INCAPABLE]
    silent = [index for index in behind("storm", Role.SILENT) if index not in INCAPABLE]
    slow = [index for index in behind("storm", Role.SLOW) if index not in INCAPABLE]
    right = {END_STATE_INCAPABLE: INCAPABLE, END_STATE_UNREACHABLE: closed, END_STATE_LATE: silent}
    assert faults("storm", right) == {}
    assert faults("storm", {**right, END_STATE_UNREACHABLE: closed + silent, END_STATE_LATE: []}) == {}
    assert faults("storm", {**right, END_STATE_LATE: silent + slow}) == {"LATE_not_foreseen": len(slow)}
    assert faults("storm", {**right, END_STATE_LATE: []}) == {"answered_by_the_mute": len(silent)}
    assert faults("storm", {**right, END_STATE_UNREACHABLE: [], END_STATE_LATE: silent + closed}) == {
        "LATE_not_foreseen": len(closed)
    }


def test_liars_are_unreachable_unless_they_mend() -> None:
    silent = lying_for_good()
    right = {END_STATE_INCAPABLE: INCAPABLE, END_STATE_UNREACHABLE: silent}
    assert faults("liars", right) == {}
    mended = behind("liars", Role.GARBAGE, mends=True)
    assert faults("liars", {**right, END_STATE_UNREACHABLE: silent + mended}) == {
        "UNREACHABLE_not_foreseen": len(mended)
    }
    assert faults("liars", {END_STATE_INCAPABLE: INCAPABLE}) == {"answered_by_the_mute": len(silent)}


def test_choosy_endpoints_are_silent_about_the_chosen_only() -> None:
    poisoned, declining = (
        [index for index in behind("liars", role) if index not in INCAPABLE]
        for role in (Role.POISONED, Role.DECLINING)
    )
    salt = salt_of(Role.DECLINING)
    # One salt serves both, and 500 divides 2,000: who is poison is declined too.
    refused = [n for n in range(30_000) if is_chosen(SEED, plain(n), salt, DECLINE_ONE_IN)]
    poisons = [n for n in refused if is_chosen(SEED, plain(n), salt, POISON_ONE_IN)]
    poison, declined = poisons[0], next(n for n in refused if n not in poisons)
    usual = {END_STATE_INCAPABLE: INCAPABLE, END_STATE_UNREACHABLE: lying_for_good()}
    with_declined = {**usual, END_STATE_REFUSED: declining}
    with_poison = {**with_declined, END_STATE_UNREACHABLE: lying_for_good() + poisoned}
    assert faults("liars", with_declined, inquiry=about(declined)) == {}
    assert faults("liars", with_poison, inquiry=about(poison)) == {}
    assert faults("liars", usual, inquiry=about(declined)) == {"answered_by_the_mute": len(declining)}
    assert faults("liars", with_declined, inquiry=about(poison)) == {"answered_by_the_mute": len(poisoned)}
    assert faults("liars", with_declined) == {"REFUSED_not_foreseen": len(declining)}
    assert faults("liars", with_poison, inquiry=about(declined)) == {
        "UNREACHABLE_not_foreseen": len(poisoned)
    }


def salt_of(role: Role) -> int:
    scenario = Scenario(MIXTURES["liars"], SEED, LAYOUT)
    (endpoint,) = (at for at, cast in scenario.casts.items() if cast.role is role)
    salt = scenario.decline_salt(endpoint)
    assert salt is not None
    return salt


def about(number: int) -> Inquiry:
    return Inquiry(subject=subject(number), scope=Scope(reach=REACH_ALL))


def plain(number: int) -> Subject:
    made = subject(number)
    return Subject(made.id_type, made.id_number, made.name)


def test_night_silences_who_keeps_hours_and_only_then() -> None:
    keeping = [index for one in LAYOUT.endpoints if one.hours != "always" for index in one.institutions]
    shut = [index for index in keeping if index not in INCAPABLE]
    silent = {END_STATE_INCAPABLE: INCAPABLE, END_STATE_LATE: shut}
    answered = {END_STATE_INCAPABLE: INCAPABLE}
    assert faults("night", silent, times_ns=(NIGHT_NS, NIGHT_NS)) == {}
    assert faults("night", answered, times_ns=(NIGHT_NS, NIGHT_NS)) == {"answered_by_the_mute": len(shut)}
    assert faults("night", silent, times_ns=(DAY_NS, DAY_NS)) == {"LATE_not_foreseen": len(shut)}
    # The doors opened or closed during the run: both are right.
    assert faults("night", silent, times_ns=(NIGHT_NS, DAY_NS)) == {}
    assert faults("night", answered, times_ns=(NIGHT_NS, DAY_NS)) == {}
    assert np.count_nonzero(EVERYBODY) == 3_916


def test_night_by_day_is_said_to_be_as_calm() -> None:
    closed_count = sum(endpoint.hours != "always" for endpoint in LAYOUT.endpoints)
    assert 0 < closed_count < len(LAYOUT.endpoints)
    assert "this night is as calm" in hours_now("night", SEED, LAYOUT, DAY_NS)
    assert f"{closed_count} of 372 endpoints are outside" in hours_now("night", SEED, LAYOUT, NIGHT_NS)
    assert hours_now("storm", SEED, LAYOUT, NIGHT_NS) == ""
