"""Scenarios: the fault scenarios at full width and small: every institution, few inquiries, short deadlines.

What each must end in is said in docs/scenarios.md. The simulator's clock is the test's, so that nobody waits
for an outage to end.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, REACH_BANKS, REACH_UNITS, Answer, Inquiry, Scope
from chakong.type.v1.type_pb2 import (
    END_STATE_INCAPABLE,
    END_STATE_LATE,
    END_STATE_REFUSED,
    END_STATE_UNREACHABLE,
)
from runtime.clock import now_ns
from simulator.layout import INQUIRE, Layout
from simulator.scenarios import DECLINE_ONE_IN, LIES, MIXTURES, POISON_ONE_IN, Role, Scenario
from simulator.truth import Subject, is_chosen
from tests.whole.house import COURT, House, Settings, simulated
from tests.whole.judge import Judge

pytestmark = pytest.mark.usefixtures("no_projector")

SEED = 1
INQUIRY_COUNT = 240
SECOND_NS = 1_000_000_000
LATE, UNREACHABLE = END_STATE_LATE, END_STATE_UNREACHABLE
LINE = {"reply_timeout_s": 20.0, "breaker_failures": 1_000, "backoff_max_ms": 100, "connect_timeout_s": 3.0}


class Clock:
    """The simulator's: it goes as ours does, and can be set on."""

    def __init__(self) -> None:
        self.ahead_ns = 0

    def now_ns(self) -> int:
        return now_ns() + self.ahead_ns


def orders(deadline_s: int, numbers: Iterable[int] = range(INQUIRY_COUNT)) -> list[Inquiry]:
    """Lists, provinces, and one in ten for everybody, all banks or all units."""
    made = [load_inquiry(COURT, f"order-{number}", number) for number in numbers]
    for place, inquiry in enumerate(made):
        inquiry.deadline_s = deadline_s
        if place % 10 == 0:
            reach = (REACH_ALL, REACH_BANKS, REACH_UNITS)[place // 10 % 3]
            inquiry.scope.CopyFrom(Scope(reach=reach))
    return made


def mute() -> set[int]:
    return {one.index for one in Layout.load().institutions if INQUIRE not in one.can}


class Expectation:
    """Who may be missing from an answer, and with which states, beyond those that cannot be inquired."""

    def __init__(self, scenario: Scenario, allowed: dict[Role, set[int]]) -> None:
        self.mute = mute()
        self.by_institution: dict[int, set[int]] = {}
        layout = Layout.load()
        for endpoint, cast in scenario.casts.items():
            states = set() if cast.mends else allowed.get(cast.role, set())
            for one in layout.endpoints[endpoint].institutions:
                self.by_institution[one] = set(states)
            for one in cast.forgotten:
                self.by_institution[one] = {UNREACHABLE}

    def check(self, missing: dict[int, int], also: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        """AssertionError when an answer lacks somebody whom it should have, or for another reason."""
        assert {one for one, state in missing.items() if state == END_STATE_INCAPABLE} <= self.mute
        for one, state in missing.items():
            if one not in self.mute and one not in also:
                assert state in self.by_institution.get(one, ()), (one, state)


async def run(house: House, inquiries: list[Inquiry], wait_s: float = 60) -> dict[int, Answer]:
    ids = await house.submit(*inquiries)
    return await house.watcher.finals(ids, wait_s)


def judged(
    house: House, inquiries: list[Inquiry], finals: dict[int, Answer]
) -> list[tuple[Inquiry, dict[int, int]]]:
    """Each inquiry with who is missing from its FINAL answer; nothing contradicts the truth."""
    judge = Judge(SEED)
    told = [
        (inquiry, judge.judge(inquiry, final, house.watcher.answers[number][-1]))
        for inquiry, (number, final) in zip(inquiries, finals.items(), strict=True)
    ]
    assert judge.faults == {}
    assert judge.comparison.query_count > 200 * len(inquiries)
    assert judge.comparison.record_count > len(inquiries) // 4
    return told


async def test_storm_ends_as_calm_but_for_the_slow_and_the_dead(tmp_path: Path) -> None:
    clock = Clock()
    async with simulated(tmp_path, MIXTURES["storm"], clock.now_ns, Settings(line=LINE), SEED) as (
        house,
        scenario,
    ):
        inquiries = orders(deadline_s=6)
        finals = await run(house, inquiries)
        told = judged(house, inquiries, finals)
        duplicates = sum(line.counts.duplicates for line in house.gateway.dispatch.lines)
        assert duplicates > 0
    given_up: set[int] = {LATE, UNREACHABLE}
    expected = Expectation(scenario, {Role.SLOW: given_up, Role.SILENT: given_up, Role.CLOSED: {UNREACHABLE}})
    for _, missing in told:
        expected.check(missing)
    assert {state for _, missing in told for state in missing.values()} >= given_up


async def test_outage_keeps_nobody_else_waiting_and_ends_as_calm(tmp_path: Path) -> None:
    clock = Clock()
    async with simulated(tmp_path, MIXTURES["outage"], clock.now_ns, Settings(line=LINE), SEED) as (
        house,
        scenario,
    ):
        inquiries = orders(deadline_s=120)
        ids = await house.submit(*inquiries)
        (gone,) = (endpoint for endpoint in scenario.casts if scenario.role(endpoint) is Role.GONE)
        behind = set(Layout.load().endpoints[gone].institutions) - mute()
        judge = Judge(SEED)
        waiting = {
            number: judge.found(inquiry) - behind - mute()
            for number, inquiry in zip(ids, inquiries, strict=True)
            if judge.concerned(inquiry) & behind
        }
        assert any(waiting.values())
        await house.watcher.finals([number for number in ids if number not in waiting])
        await house.until(
            lambda: all(found <= _found_so_far(house, number) for number, found in waiting.items()),
            "what everybody else found",
        )
        assert not any(house.watcher.final(number) for number in waiting)
        clock.ahead_ns += 20 * SECOND_NS
        finals = await house.watcher.finals(ids)
        told = judged(house, inquiries, finals)
        await house.quiet()
    for _, missing in told:
        assert set(missing.values()) <= {END_STATE_INCAPABLE}


async def test_liars_are_found_out_and_harm_nobody(tmp_path: Path) -> None:
    clock = Clock()
    layout = Layout.load()
    scenario = Scenario(MIXTURES["liars"], SEED, layout)
    choosy = _choosy(scenario, layout)
    # Beside the usual orders, two about each kind of subject that an endpoint is choosy about.
    picked = {number for one_in, salt, _ in choosy.values() for number in _chosen_numbers(salt, one_in, 2)}
    async with simulated(tmp_path, MIXTURES["liars"], clock.now_ns, Settings(line=LINE), SEED) as (house, _):
        inquiries = orders(40, [*range(INQUIRY_COUNT), *sorted(picked)])
        for inquiry in inquiries[INQUIRY_COUNT:]:
            inquiry.scope.CopyFrom(Scope(reach=REACH_ALL))
        finals = await run(house, inquiries)
        told = judged(house, inquiries, finals)
        await house.quiet()
    expected = Expectation(scenario, {role: {UNREACHABLE} for role in LIES})
    states_at: dict[Role, set[int]] = {role: set() for role in choosy}
    for inquiry, missing in told:
        also: set[int] = set()
        for role, (one_in, salt, behind) in choosy.items():
            if is_chosen(SEED, _subject(inquiry), salt, one_in):
                also |= behind
                states_at[role] |= {missing.get(one, 0) for one in behind - expected.mute} - {0}
        expected.check(missing, also)
    assert states_at == {Role.POISONED: {UNREACHABLE}, Role.DECLINING: {END_STATE_REFUSED}}
    forgotten = {one for cast in scenario.casts.values() for one in cast.forgotten}
    everybody = [missing for inquiry, missing in told if inquiry.scope.reach == REACH_ALL]
    assert all(missing[one] == UNREACHABLE for missing in everybody for one in forgotten)


async def test_turnover_is_followed_while_running(tmp_path: Path) -> None:
    clock = Clock()
    mixture = replace(MIXTURES["turnover"], turnover_at_s=3_600)
    line = {**LINE, "describe_every_s": 0.2}
    async with simulated(tmp_path, mixture, clock.now_ns, Settings(line=line), SEED) as (house, scenario):
        before = orders(60, range(40))
        told = judged(house, before, await run(house, before))
        first, later = scenario.able(0), scenario.able(3_700 * SECOND_NS)
        assert all(one not in first for _, missing in told for one in missing)
        clock.ahead_ns = 3_700 * SECOND_NS

        def is_followed() -> bool:
            rows = house.gateway.dispatch.directory.institutions
            return {row.index for row in rows if INQUIRE in row.can} == later

        await house.until(is_followed, "the new directory")
        after = orders(60, range(1_000, 1_040))
        told = judged(house, after, await run(house, after))
        await house.quiet()
    assert first - later
    assert later - first
    for _, missing in told:
        assert set(missing.values()) <= {END_STATE_INCAPABLE}
        assert not later & missing.keys()
    everybody = [missing for inquiry, missing in told if inquiry.scope.reach == REACH_ALL]
    assert all(first - later <= missing.keys() for missing in everybody)


def _found_so_far(house: House, number: int) -> set[int]:
    came = house.watcher.answers.get(number, [])
    return {row.institution for row in came[-1].findings} if came else set()


def _choosy(scenario: Scenario, layout: Layout) -> dict[Role, tuple[int, int, set[int]]]:
    """Role -> one in so many subjects, by which salt, behind which endpoint."""
    found: dict[Role, tuple[int, int, set[int]]] = {}
    for endpoint in scenario.casts:
        behind = set(layout.endpoints[endpoint].institutions)
        poison, decline = scenario.poison_salt(endpoint), scenario.decline_salt(endpoint)
        if poison is not None:
            found[Role.POISONED] = (POISON_ONE_IN, poison, behind)
        if decline is not None:
            found[Role.DECLINING] = (DECLINE_ONE_IN, decline, behind)
    return found


def _chosen_numbers(salt: int, one_in: int, count: int) -> list[int]:
    found: list[int] = []
    number = INQUIRY_COUNT
    while len(found) < count:
        number += 1
        if is_chosen(SEED, _subject(load_inquiry(COURT, "", number)), salt, one_in):
            found.append(number)
    return found


def _subject(inquiry: Inquiry) -> Subject:
    asked = inquiry.subject
    return Subject(asked.id_type, asked.id_number, asked.name)
