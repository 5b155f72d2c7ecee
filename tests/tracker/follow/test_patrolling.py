"""Patrolling: every case is asked about on its days, once, whatever comes in between."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from chakong.tracker.v1.case_pb2 import Authority, Detail
from chakong.type.v1.type_pb2 import ID_TYPE_RESIDENT_ID, Subject
from runtime.calendar import add_days, date_of, midnight_ns
from runtime.clock import now_ns
from tests.tracker.follow.bench import Bench, bench
from tests.tracker.world import case_number, event
from tracker.follow import patrolling
from tracker.follow.patrolling import AT_ONCE_S, LOOK_EVERY_S, Patrolling
from tracker.rules import patrol

AUTHORITY = Authority(officer_id="judge-1", instrument_number="通知1", patrol=True)
SUBJECT = Subject(id_type=ID_TYPE_RESIDENT_ID, id_number="110101195001010009", name="王伟")
CASE_COUNT = 40
FILED = 20240102
ENDED = 20240603


async def ended(house: Bench, **fields: Any) -> None:
    """Cases that were ended for now, all on one day."""
    for number in range(CASE_COUNT):
        filed = (event("application_received", FILED), event("filing", FILED))
        await house.register(number, *filed, subjects=[SUBJECT], **fields)
        detail = Detail(manner="ended_for_now", reason="nothing else")
        made = event("closing", ENDED, basis="裁定1", detail=detail, case_number=case_number(number))
        (outcome,) = await house.record(made)
        assert outcome.error is None, outcome.error


def made_for(house: Bench) -> Patrolling:
    return Patrolling(house.reader, house.cases, house.lawyer, house.desk, house.ordering)


async def day_passes(made: Patrolling) -> None:
    """All pages of a day."""
    while await made.step() == AT_ONCE_S:
        pass


def asked(house: Bench) -> list[str]:
    return [one.mandate.case_number for one in house.gateway.orders.values()]


def due(house: Bench, after: int, until: int) -> list[str]:
    """By the law: who is to be asked about later than `after` and until `until`."""
    law = house.lawyer.latest().law
    numbers = map(case_number, range(CASE_COUNT))
    return sorted(one for one in numbers if any(after < day <= until for day in patrol.days(law, one, ENDED)))


async def test_each_is_asked_about_on_its_days_and_after_days_away_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as house:
        await ended(house, authority=AUTHORITY)
        monkeypatch.setattr(patrolling, "CASES_AT_ONCE", 7)
        made = made_for(house)
        start = date_of(now_ns())
        clock = {"today": start}
        monkeypatch.setattr(patrolling, "now_ns", lambda: midnight_ns(clock["today"]))
        await day_passes(made)
        assert sorted(asked(house)) == due(house, add_days(start, -1), start)
        clock["today"] = add_days(start, 30)
        await day_passes(made)
        assert sorted(asked(house)) == due(house, add_days(start, -1), clock["today"])
        assert await made.step() == LOOK_EVERY_S
        assert len(set(asked(house))) == len(asked(house)) > 2


async def test_an_ending_that_is_recorded_after_its_patrol_day_is_asked_about_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as house:
        await house.register(CASE_COUNT)
        monkeypatch.setattr(patrolling, "CASES_AT_ONCE", 7)
        made = made_for(house)
        start = date_of(now_ns())
        clock = {"today": start}
        monkeypatch.setattr(patrolling, "now_ns", lambda: midnight_ns(clock["today"]))
        await day_passes(made)
        await ended(house, authority=AUTHORITY)
        house.gateway.fails_at = 3
        with pytest.raises(grpc.aio.AioRpcError):
            await day_passes(made)
        await day_passes(made)
        # Each once, for the latest of its days.
        law = house.lawyer.latest().law
        overdue = {number: patrol.last_day(law, number, ENDED, start) for number in due(house, ENDED, start)}
        assert {one.split(":")[2] for one in house.gateway.orders} == {str(day) for day in overdue.values()}
        assert sorted(asked(house)) == sorted(overdue)
        assert len(overdue) == CASE_COUNT
        clock["today"] = add_days(start, 30)
        await day_passes(made)
        assert sorted(asked(house)) == sorted([*overdue, *due(house, start, clock["today"])])


async def test_a_pass_that_was_broken_off_goes_on_and_asks_nobody_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as house:
        await ended(house, authority=AUTHORITY)
        start = date_of(now_ns())
        clock = {"today": start}
        monkeypatch.setattr(patrolling, "now_ns", lambda: midnight_ns(clock["today"]))
        await day_passes(made_for(house))
        clock["today"] = add_days(start, 60)
        house.gateway.fails_at = house.gateway.submit_count + 3
        with pytest.raises(grpc.aio.AioRpcError):
            await day_passes(made_for(house))
        await day_passes(made_for(house))
        assert sorted(asked(house)) == due(house, add_days(start, -1), clock["today"])
        assert house.gateway.submit_count == len(asked(house)) + 1


async def test_without_an_authority_nobody_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as house:
        await ended(house)
        later = add_days(date_of(now_ns()), 200)
        await day_passes(made_for(house))
        monkeypatch.setattr(patrolling, "now_ns", lambda: midnight_ns(later))
        await day_passes(made_for(house))
        assert house.gateway.submit_count == 0
