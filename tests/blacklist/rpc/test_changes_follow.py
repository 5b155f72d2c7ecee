"""Units follow, acknowledge and are proven to have done so, over gRPC with certificates."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from chakong.blacklist.v1 import changes_pb2 as pb
from chakong.blacklist.v1 import changes_pb2_grpc, listings_pb2
from runtime.clock import now_ns
from tests.blacklist.house import COURT, until
from tests.blacklist.push.secure import Secure, secure
from tests.blacklist.rpc.test_listings import status_of
from tests.patience import DEADLINE_S

ADDED, REMOVED = pb.CHANGE_KIND_ADDED, pb.CHANGE_KIND_REMOVED
DOWN = pb.FAILURE_OWN_SYSTEM
# A page of changes has about 100 kB, a window of this connection less.
SMALL_WINDOW = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536))
MANY = 30_000


async def one(call: Any) -> pb.FollowResponse:
    async with asyncio.timeout(DEADLINE_S):
        found: pb.FollowResponse = await call.read()
        return found


async def acknowledge(stub: Any, cursor: int, *left: int) -> pb.Acknowledgement:
    exceptions = [pb.FailedChange(cursor=each, failure=DOWN) for each in left]
    request = pb.AcknowledgeRequest(cursor=cursor, exceptions=exceptions)
    found: pb.Acknowledgement = (await stub.Acknowledge(request, timeout=DEADLINE_S)).acknowledgement
    return found


async def proof(ours: Secure, listing_id: int, name: str = f"court-{COURT}") -> pb.RemovalProof:
    async with ours.changes(name) as stub:
        request = pb.GetRemovalProofRequest(listing_id=listing_id)
        found: pb.RemovalProof = await stub.GetRemovalProof(request, timeout=DEADLINE_S)
        return found


async def test_unit_is_told_of_changes_as_they_come(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours, ours.changes("railway") as unit:
        listing_id = await ours.list(1)
        call = unit.Follow(pb.FollowRequest())
        first = await one(call)
        assert [(each.cursor, each.kind) for each in first.changes] == [(1, ADDED)]
        assert (first.cursor, first.complete, first.as_of_ns > 0) == (1, True, True)
        await ours.remove(listing_id)
        second = await one(call)
        assert [(each.cursor, each.kind) for each in second.changes] == [(2, REMOVED)]
        assert second.changes[0].deed == listings_pb2.DEED_REMOVE
        assert list(second.changes[0].measures) == [28, 37]
        call.cancel()
        await until(lambda: ours.alone.service.followers.follower_count == 0)


async def test_unit_goes_on_from_what_it_has_acknowledged_or_from_where_it_wants(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours, ours.changes("railway") as unit:
        for index in range(4):
            await ours.list(index)
        await acknowledge(unit, 3, 2)
        found = []
        for request in (
            pb.FollowRequest(),
            pb.FollowRequest(after_cursor=0),
            pb.FollowRequest(after_cursor=4),
        ):
            call = unit.Follow(request)
            first = await one(call)
            found.append(([each.cursor for each in first.changes], first.cursor))
            call.cancel()
        assert found == [([4], 4), ([1, 2, 3, 4], 4), ([], 4)]
        ahead = unit.Follow(pb.FollowRequest(after_cursor=5))
        assert (await status_of(one(ahead)))[0] is grpc.StatusCode.OUT_OF_RANGE


async def test_proof_says_who_was_told_and_who_has_confirmed(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours, ours.changes("railway") as unit, ours.changes("moe") as other:
        listing_id = await ours.list(1)
        assert list((await proof(ours, listing_id)).removals) == []
        await ours.remove(listing_id)
        call = other.Follow(pb.FollowRequest())
        await one(call)
        blacklist = ours.alone.service
        await until(lambda: blacklist.ledger.mark("moe", now_ns())[0].told == 2)
        await acknowledge(unit, 2)
        found = await proof(ours, listing_id)
        (removal,) = found.removals
        assert (removal.cursor, removal.removed, removal.confirmed_by_all) == (2, found.day, False)
        units = {each.unit: each for each in removal.units}
        assert len(units) == 40
        assert (units["railway"].told, units["railway"].confirmed) == (found.day, found.day)
        assert (units["spp"].told, units["spp"].confirmed, units["spp"].late) == (0, 0, False)
        assert (units["moe"].told, units["moe"].confirmed) == (found.day, 0)
        assert units["moe"].due > found.day
        call.cancel()


async def test_told_is_kept_a_moment_after_it_was_sent(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours, ours.changes("moe") as unit:
        listing_id = await ours.list(1)
        await ours.remove(listing_id)
        request = pb.ListChangesRequest()
        await unit.ListChanges(request, timeout=DEADLINE_S)
        found = await proof(ours, listing_id)
        assert {each.unit: each.told for each in found.removals[0].units}["moe"] == found.day


async def test_what_a_unit_left_out_is_in_its_standing_and_in_the_proof(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours, ours.changes("railway") as unit:
        listing_id = await ours.list(1)
        await ours.remove(listing_id)
        own = await acknowledge(unit, 2, 2)
        assert [(each.cursor, each.failure) for each in own.exceptions] == [(2, DOWN)]
        assert (own.open_removals, own.told_cursor, own.working_days) == (1, 2, 3)
        shown = {each.unit: each for each in (await proof(ours, listing_id)).removals[0].units}
        assert (shown["railway"].confirmed, shown["railway"].failure) == (0, DOWN)
        assert (await acknowledge(unit, 2)).open_removals == 0


@pytest.mark.parametrize(
    ("name", "method", "request_message", "expected"),
    [
        ("saic", "Follow", pb.FollowRequest(), grpc.StatusCode.PERMISSION_DENIED),
        ("operator", "Follow", pb.FollowRequest(), grpc.StatusCode.PERMISSION_DENIED),
        ("railway", "GetRemovalProof", pb.GetRemovalProofRequest(), grpc.StatusCode.PERMISSION_DENIED),
        (f"court-{COURT}", "GetRemovalProof", pb.GetRemovalProofRequest(), grpc.StatusCode.NOT_FOUND),
        ("railway", "Follow", pb.FollowRequest(after_cursor=2**64 - 1), grpc.StatusCode.INVALID_ARGUMENT),
        ("railway", "Acknowledge", pb.AcknowledgeRequest(cursor=1), grpc.StatusCode.OUT_OF_RANGE),
        (
            "railway",
            "Acknowledge",
            pb.AcknowledgeRequest(cursor=0, exceptions=[pb.FailedChange(cursor=0, failure=DOWN)]),
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
        (
            "railway",
            "Acknowledge",
            pb.AcknowledgeRequest(cursor=1, exceptions=[pb.FailedChange(cursor=1)]),
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
        (
            "railway",
            "Acknowledge",
            pb.AcknowledgeRequest(cursor=1, exceptions=[pb.FailedChange(cursor=1, failure=DOWN)] * 2),
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
    ],
)
async def test_what_cannot_be_is_refused(
    tmp_path: Path, name: str, method: str, request_message: Any, expected: grpc.StatusCode
) -> None:
    async with secure(tmp_path) as ours, ours.changes(name) as stub:
        call = getattr(stub, method)(request_message, timeout=DEADLINE_S)
        assert (await status_of(call.read() if method == "Follow" else call))[0] is expected


async def test_without_a_certificate_nobody_gets_in(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        credentials = grpc.ssl_channel_credentials((tmp_path / "ca.pem").read_bytes())
        async with grpc.aio.secure_channel(ours.address, credentials) as channel:
            call = changes_pb2_grpc.ChangesStub(channel).Follow(pb.FollowRequest(), timeout=DEADLINE_S)
            assert (await status_of(one(call)))[0] is grpc.StatusCode.UNAVAILABLE


async def test_service_that_stops_ends_the_stream_in_good_order(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours, ours.changes("railway") as unit:
        call = unit.Follow(pb.FollowRequest())
        assert not (await one(call)).changes
        await ours.alone.service.drain()
        async with asyncio.timeout(DEADLINE_S):
            # What is read beyond the end is no message.
            assert not isinstance(await call.read(), pb.FollowResponse)
            assert await call.code() is grpc.StatusCode.OK


async def test_unit_that_does_not_read_holds_a_bounded_part_of_the_list(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours, ours.changes("railway", SMALL_WINDOW) as unit:
        await ours.list(1)
        blacklist = ours.alone.service
        rows, version = blacklist.entries.since(0, 1)
        given = [rows[0]] * 1_000

        def since(after: int, _count: int) -> Any:
            found = [type(one_row)(after + place, *_rest(one_row)) for place, one_row in enumerate(given, 1)]
            return found, MANY

        assert version == 1
        feed = blacklist.followers._feed
        feed._since = since
        call = unit.Follow(pb.FollowRequest(after_cursor=0))
        first = await one(call)
        assert len(first.changes) == 1_000
        # Nothing is read by the client now: the service comes to a halt long before the end.
        for _ in range(50):
            await unit.ListAcknowledgements(pb.ListAcknowledgementsRequest(), timeout=DEADLINE_S)
        print("READS", feed.read_count)
        assert feed.read_count < MANY / 1_000 / 2
        last = first
        while not last.complete:
            last = await one(call)
        assert last.cursor == MANY
        call.cancel()


def _rest(change: Any) -> tuple[Any, ...]:
    return change.is_added, change.deed, change.changed_ns, change.row
