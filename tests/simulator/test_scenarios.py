"""Scenarios: pure, the same for the same seed, and as much of each evil as the mixture says."""

from collections import Counter
from dataclasses import replace

import pytest

from simulator.layout import INQUIRE, Layout, bitmap
from simulator.scenarios import (
    LIES,
    LIES_BEFORE_MENDING,
    MIXTURES,
    SECOND_NS,
    SLOW_MS_MAX,
    SLOW_MS_MIN,
    Cast,
    Conduct,
    Fault,
    Gate,
    Role,
    Scenario,
    is_open,
)

HOUR_NS = 3_600 * SECOND_NS


def roles(scenario: Scenario) -> Counter[Role]:
    return Counter(cast.role for cast in scenario.casts.values())


@pytest.mark.parametrize("name", MIXTURES)
def test_a_scenario_follows_from_its_seed(layout: Layout, name: str) -> None:
    first, second = (Scenario(MIXTURES[name], 5, layout) for _ in range(2))
    assert first.casts == second.casts
    for endpoint in range(0, 372, 7):
        for ordinal in range(20):
            assert first.conduct(endpoint, ordinal) == second.conduct(endpoint, ordinal)


def test_on_a_calm_day_nothing_is_wrong(layout: Layout) -> None:
    scenario = Scenario(MIXTURES["calm"], 5, layout)
    able = {one.index for one in layout.institutions if INQUIRE in one.can}
    assert scenario.casts == {}
    assert {scenario.conduct(endpoint, 3) for endpoint in range(372)} == {Conduct()}
    assert {scenario.gate(endpoint, HOUR_NS) for endpoint in range(372)} == {Gate.OPEN}
    assert scenario.able(HOUR_NS) == able
    assert all(scenario.is_in_hours(endpoint, 0) for endpoint in range(372))


def test_a_storm_has_as_much_of_everything_as_it_says(layout: Layout) -> None:
    scenario = Scenario(MIXTURES["storm"], 5, layout)
    assert roles(scenario) == {Role.SLOW: 19, Role.SILENT: 2, Role.CLOSED: 2}
    swift = [endpoint for endpoint in range(372) if endpoint not in scenario.casts]
    conducts = [scenario.conduct(endpoint, ordinal) for endpoint in swift for ordinal in range(30)]
    faults = Counter(conduct.fault for conduct in conducts)
    assert 0.015 < 1 - faults[Fault.NONE] / len(conducts) < 0.025
    assert set(faults) == {Fault.NONE, Fault.REFUSAL, Fault.RESET, Fault.HALF, Fault.UNAVAILABLE}
    assert 0.015 < sum(conduct.copies == 2 for conduct in conducts) / len(conducts) < 0.025
    assert 0.08 < sum(conduct.delay_ms > 0 for conduct in conducts) / len(conducts) < 0.12


def test_a_slow_endpoint_takes_seconds(layout: Layout) -> None:
    scenario = Scenario(MIXTURES["storm"], 5, layout)
    slow = next(endpoint for endpoint, cast in scenario.casts.items() if cast.role is Role.SLOW)
    delays_ms = [scenario.conduct(slow, ordinal).delay_ms for ordinal in range(200)]
    assert SLOW_MS_MIN <= min(delays_ms) < max(delays_ms) <= SLOW_MS_MAX
    assert scenario.gate(slow, 0) is Gate.OPEN


def test_in_an_outage_one_union_is_away_and_comes_back(layout: Layout) -> None:
    scenario = Scenario(replace(MIXTURES["outage"], gone_from_s=5.0, gone_until_s=25.0), 5, layout)
    ((gone, cast),) = scenario.casts.items()
    assert cast == Cast(Role.GONE)
    assert layout.endpoints[gone].key.startswith("union-")
    gates = [scenario.gate(gone, second * SECOND_NS) for second in (0, 4, 5, 24, 25)]
    assert gates == [Gate.OPEN, Gate.OPEN, Gate.CLOSED, Gate.CLOSED, Gate.OPEN]
    assert scenario.closes_in_s(gone, 2 * SECOND_NS) == 3.0
    assert scenario.closes_in_s(gone, 25 * SECOND_NS) is None
    assert scenario.closes_in_s((gone + 1) % 372, 0) is None


def test_liars_lie_always_or_until_they_mend(layout: Layout) -> None:
    scenario = Scenario(MIXTURES["liars"], 5, layout)
    assert roles(scenario) == {
        **dict.fromkeys(LIES, 2),
        Role.FORGETFUL: 1,
        Role.POISONED: 1,
        Role.DECLINING: 1,
    }
    for endpoint, cast in scenario.casts.items():
        if cast.role in LIES:
            assert scenario.conduct(endpoint, LIES_BEFORE_MENDING - 1).fault is LIES[cast.role]
            later = scenario.conduct(endpoint, LIES_BEFORE_MENDING).fault
            assert later is (Fault.NONE if cast.mends else LIES[cast.role])


def test_a_forgetful_hub_leaves_out_one_that_could_be_asked(layout: Layout) -> None:
    scenario = Scenario(MIXTURES["liars"], 5, layout)
    hub, cast = next((key, cast) for key, cast in scenario.casts.items() if cast.role is Role.FORGETFUL)
    (forgotten,) = cast.forgotten
    assert forgotten in layout.endpoints[hub].institutions
    assert scenario.able_bitmap(hub, 0) == bitmap(scenario.able(0) - {forgotten})
    assert scenario.able_bitmap((hub + 1) % 372, 0) == bitmap(scenario.able(0))


def test_only_the_poisoned_and_the_declining_choose_subjects(layout: Layout) -> None:
    scenario = Scenario(MIXTURES["liars"], 5, layout)
    poisoned = [endpoint for endpoint in range(372) if scenario.poison_salt(endpoint) is not None]
    declining = [endpoint for endpoint in range(372) if scenario.decline_salt(endpoint) is not None]
    assert [scenario.role(endpoint) for endpoint in poisoned + declining] == [Role.POISONED, Role.DECLINING]


def test_at_night_only_those_without_hours_are_open(layout: Layout) -> None:
    scenario = Scenario(MIXTURES["night"], 5, layout)
    three_in_beijing_ns = 19 * HOUR_NS
    closed = [
        endpoint.index
        for endpoint in layout.endpoints
        if not scenario.is_in_hours(endpoint.index, three_in_beijing_ns)
    ]
    assert closed == [endpoint.index for endpoint in layout.endpoints if endpoint.hours != "always"]
    assert len(closed) == 22


@pytest.mark.parametrize(
    ("hours", "utc_hour", "expected"),
    [
        ("always", 20, True),
        ("07:00-23:00", 22, False),  # 06:00 in Beijing
        ("07:00-23:00", 23, True),
        ("07:00-23:00", 14, True),  # 22:00
        ("07:00-23:00", 15, False),
        ("22:00-06:00", 15, True),
        ("22:00-06:00", 22, False),
    ],
)
def test_hours_are_those_of_beijing(hours: str, utc_hour: int, expected: bool) -> None:
    assert is_open(hours, utc_hour * HOUR_NS) is expected


def test_at_the_turnover_some_banks_stop_and_those_that_could_not_start(layout: Layout) -> None:
    scenario = Scenario(MIXTURES["turnover"], 5, layout)
    before, after = scenario.able(9 * SECOND_NS), scenario.able(10 * SECOND_NS)
    assert (len(before - after), len(after - before)) == (20, 12)
    assert all(layout.institutions[index].province for index in before - after)


def test_controls_are_drawn_apart_from_batches(layout: Layout) -> None:
    storm = Scenario(MIXTURES["storm"], 5, layout)
    honest = [one.index for one in layout.endpoints if storm.role(one.index) is Role.HONEST]
    pairs = [
        (storm.conduct(index, ordinal), storm.control_conduct(index, ordinal))
        for index in honest
        for ordinal in range(20)
    ]
    faults = [conduct.fault for _, conduct in pairs]
    assert 0.01 < sum(fault is not Fault.NONE for fault in faults) / len(faults) < 0.03
    assert any(batch.fault != control.fault for batch, control in pairs)


def test_liars_to_batches_are_honest_to_controls(layout: Layout) -> None:
    liars = Scenario(MIXTURES["liars"], 5, layout)
    assert {liars.control_conduct(index, 0) for index in liars.casts} == {Conduct()}
    assert {liars.conduct(index, 0) for index in liars.casts} != {Conduct()}


def test_one_endpoint_in_eight_is_polled(layout: Layout) -> None:
    calm = Scenario(MIXTURES["calm"], 5, layout)
    polled = [one.index for one in layout.endpoints if not calm.can_follow(one.index)]
    assert 25 < len(polled) < 70
    assert polled == [one.index for one in layout.endpoints if not calm.can_follow(one.index)]
