"""Units screen over gRPC, one by one and in bulk."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from blacklist.rpc import screening
from blacklist.rpc.bindings import Bindings
from blacklist.rpc.screening import UnitCalls
from blacklist.rules.units import load
from chakong.blacklist.v1 import listings_pb2
from chakong.blacklist.v1 import screening_pb2 as pb
from chakong.type.v1 import type_pb2
from runtime.calendar import midnight_ns
from runtime.data import measure_texts
from runtime.errors import UnavailableError
from runtime.identity import Identity, Role
from tests.blacklist.house import House, adult, firm, house
from tests.blacklist.rpc.test_listings import status_of


async def outcome(ours: House, whom: type_pb2.Subject, unit: str = "railway") -> int:
    caller = ours.caller(f"chakong://unit/{unit}")
    return int((await caller.Screen(pb.ScreenRequest(subject=whom))).finding.outcome)


async def test_each_sees_what_its_measures_bind(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        principal = (await ours.list(firm())).listing.listing_id
        await ours.list(
            adult(1),
            "derived",
            kind=listings_pb2.LISTING_KIND_DERIVED,
            principal_id=principal,
            capacity=listings_pb2.CAPACITY_LEGAL_REPRESENTATIVE,
        )
        await ours.screened_at(2)
        assert await outcome(ours, firm()) == pb.OUTCOME_LISTED
        assert await outcome(ours, adult(1)) == pb.OUTCOME_RESTRICTED
        assert await outcome(ours, firm(), "spp") == pb.OUTCOME_LISTED
        assert await outcome(ours, adult(1), "spp") == pb.OUTCOME_CLEAR


async def test_a_name_that_does_not_fit_is_checked_by_hand(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await ours.list(adult(1))
        await ours.screened_at(1)
        other = adult(1)
        other.name = "李四"
        assert await outcome(ours, other) == pb.OUTCOME_CHECK_BY_HAND
        namesake = adult(2)
        namesake.name = adult(1).name
        assert await outcome(ours, namesake) == pb.OUTCOME_CLEAR


async def test_removal_during_a_bulk_stream_is_seen_from_its_version_on(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        one = (await ours.list(adult(1))).listing.listing_id
        await ours.screened_at(1)
        is_removed = asyncio.Event()

        async def questions() -> AsyncIterator[pb.ScreenBulkRequest]:
            yield pb.ScreenBulkRequest(tag=1, subjects=[adult(1), adult(2)])
            await is_removed.wait()
            yield pb.ScreenBulkRequest(tag=2, subjects=[adult(1), adult(2)])

        call = ours.unit.ScreenBulk(questions())
        first = await call.read()
        removal = listings_pb2.RemoveListingRequest(act_id="r", listing_id=one, reason="listed_in_error")
        await ours.court.RemoveListing(removal)
        await ours.screened_at(2)
        is_removed.set()
        second = await call.read()
        assert (first.tag, first.version, [finding.index for finding in first.findings]) == (1, 1, [0])
        assert (second.tag, second.version, list(second.findings)) == (2, 2, [])
        assert first.as_of_ns < second.as_of_ns


async def test_who_is_no_unit_is_not_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        former = ours.caller("chakong://unit/circ")
        code, _ = await status_of(former.Screen(pb.ScreenRequest(subject=adult(1))))
        assert code is grpc.StatusCode.PERMISSION_DENIED
        code, _ = await status_of(ours.court.Screen(pb.ScreenRequest(subject=adult(1))))
        assert code is grpc.StatusCode.PERMISSION_DENIED


async def test_stream_that_is_open_on_the_day_of_a_succession_ends_being_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [20180407, 20180408]
    monkeypatch.setattr(screening, "now_ns", lambda: midnight_ns(days[0]))
    async with house(tmp_path) as ours:
        await ours.list(adult(1))
        await ours.screened_at(1)
        is_next_day = asyncio.Event()

        async def questions() -> AsyncIterator[pb.ScreenBulkRequest]:
            yield pb.ScreenBulkRequest(tag=1, subjects=[adult(1)])
            await is_next_day.wait()
            yield pb.ScreenBulkRequest(tag=2, subjects=[adult(1)])

        call = ours.caller("chakong://unit/circ").ScreenBulk(questions())
        first = await call.read()
        assert (first.tag, first.screened) == (1, 1)
        del days[0]
        is_next_day.set()
        second = await call.read()
        assert second.error.code == grpc.StatusCode.PERMISSION_DENIED.value[0]
        assert "cbirc carries on for it" in second.error.message
        assert (second.screened, list(second.findings)) == (0, [])


async def test_while_nothing_is_loaded_it_is_unavailable() -> None:
    calls = UnitCalls(lambda: None, Bindings(load(*measure_texts())), asyncio.Event())
    with pytest.raises(UnavailableError):
        await calls.one(Identity(Role.UNIT, "", "railway"), b"")


async def test_message_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        code, _ = await status_of(ours.unit.Screen(pb.ScreenRequest()))
        assert code is grpc.StatusCode.INVALID_ARGUMENT
