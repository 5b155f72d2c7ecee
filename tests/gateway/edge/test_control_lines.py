"""Control lines: which endpoint an institution is behind, and who is told that there is something to take."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from gateway.edge.control_lines import ControlLines
from runtime.chance import Chance
from tests.gateway.edge.study import open_study
from tests.gateway.edge.test_control_line import SETTINGS, Scripted, by_the_book, is_effective
from tests.gateway.holds.world import bank_indexes, directory


async def test_an_endpoint_without_an_address_has_no_line_and_its_controls_wait() -> None:
    async with open_study() as study:
        lines = ControlLines(directory(), {}, study.desk, SETTINGS, Chance(1))
        running = asyncio.create_task(lines.run())
        await study.claim()
        receipt = await study.post(study.order(study.account("6222", 10_00), 10_00))
        for _ in range(20):
            await asyncio.sleep(0)
        assert lines.line_of(bank_indexes()[0]) is None
        assert study.ledger.endpoints_due() == {study.bank.endpoint}
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        # With an address it is sent.
        call: Any = Scripted(by_the_book(study))
        lines = ControlLines(directory(), {study.bank.endpoint: call}, study.desk, SETTINGS, Chance(1))
        running = asyncio.create_task(lines.run())
        await study.until(lambda: is_effective(study, receipt.hold_id))
        assert lines.line_of(bank_indexes()[0]) is lines.lines[study.bank.endpoint]
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_who_has_holds_is_followed_from_the_start() -> None:
    async with open_study() as study:
        await study.claim()
        receipt = await study.post(study.order(study.account("6222", 10_00), 10_00))
        assert receipt.hold_id
        study.desk.take(study.bank.endpoint, 10)  # on its way, as before a restart
        call: Any = Scripted(by_the_book(study))
        lines = ControlLines(directory(), {study.bank.endpoint: call}, study.desk, SETTINGS, Chance(1))
        running = asyncio.create_task(lines.run())
        await study.until(lambda: call.cursors == [0])
        assert not call.batches
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_every_class_of_endpoint_is_there_and_every_line_in_one() -> None:
    async with open_study() as study:
        call: Any = Scripted(by_the_book(study))
        lines = ControlLines(directory(), {study.bank.endpoint: call}, study.desk, SETTINGS, Chance(1))
        assert set(lines.by_class) == {one.endpoint_class for one in directory().endpoints}
        assert [line for those in lines.by_class.values() for line in those] == list(lines.lines.values())
        assert lines.has_institution(0)
        assert not lines.has_institution(len(directory().institutions))


async def test_release_of_a_wrong_freeze_waits_for_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_study() as study:
        endpoints = [one.index for one in directory().endpoints]
        calls: dict[int, Any] = {one: Scripted(by_the_book(study)) for one in endpoints}
        lines = ControlLines(directory(), calls, study.desk, SETTINGS, Chance(1))
        told: list[int] = []
        for endpoint, line in lines.lines.items():
            line.poke = partial(told.append, endpoint)  # type: ignore[method-assign]
        monkeypatch.setattr(study.ledger, "endpoints_urgent", lambda: frozenset(endpoints[-1:]))
        lines.poke(frozenset(endpoints[:20]))
        assert told == []
        lines.poke(frozenset(endpoints))
        assert told == endpoints[-1:]


async def test_lines_are_told_one_after_the_other_and_none_is_left_out() -> None:
    async with open_study() as study:
        endpoints = [one.index for one in directory().endpoints]
        calls: dict[int, Any] = {one: Scripted(by_the_book(study)) for one in endpoints[:30]}
        lines = ControlLines(directory(), calls, study.desk, SETTINGS, Chance(1))
        told: list[int] = []
        for endpoint, line in lines.lines.items():
            line.poke = partial(told.append, endpoint)  # type: ignore[method-assign]
        running = asyncio.create_task(lines.run())
        await asyncio.sleep(0)
        lines.poke(frozenset(endpoints[:20]))
        await study.until(lambda: told)
        assert len(told) == 1
        # Whoever waits keeps its place.
        waiting = list(lines._waiting)
        lines.poke(frozenset(endpoints))
        await study.until(lambda: len(told) == 31)
        assert told[1:20] == waiting
        assert set(told) == set(calls)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
