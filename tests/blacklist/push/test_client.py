"""A unit's client: takes, then acknowledges; what it could not take it is given again."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from blacklist.push.client import Follower
from chakong.blacklist.v1 import changes_pb2 as pb
from tests.blacklist.push.secure import Secure, secure
from tests.patience import DEADLINE_S


class Taken:
    """What was taken; fails from a cursor on."""

    def __init__(self, fails_at: int = 0) -> None:
        self.cursors: list[int] = []
        self.fails_at = fails_at

    def take(self, changes: Sequence[pb.Change]) -> None:
        if self.fails_at and changes[-1].cursor >= self.fails_at:
            raise OSError(28, "No space left on device")
        self.cursors += [one.cursor for one in changes]


def follow(ours: Secure, taken: Taken, *, is_acknowledging: bool = True) -> Follower:
    with ours.channel("railway") as channel:
        follower = Follower(channel, (), taken.take, is_acknowledging=is_acknowledging)
        follower.follow(is_once=True)
        return follower


async def standing(ours: Secure) -> pb.Acknowledgement:
    async with ours.changes("railway") as stub:
        found = await stub.ListAcknowledgements(pb.ListAcknowledgementsRequest(), timeout=DEADLINE_S)
        own: pb.Acknowledgement = found.acknowledgements[0]
        return own


async def test_what_was_taken_is_acknowledged_and_not_given_again(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        await ours.remove(await ours.list(1))
        taken = Taken()
        follower = await asyncio.to_thread(follow, ours, taken)
        assert (taken.cursors, follower.cursor, follower.taken_count) == ([1, 2], 2, 2)
        assert (await standing(ours)).open_removals == 0
        again = await asyncio.to_thread(follow, ours, taken)
        assert (taken.cursors, again.taken_count) == ([1, 2], 0)


async def test_what_could_not_be_taken_is_not_acknowledged(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        await ours.remove(await ours.list(1))
        with pytest.raises(OSError, match="No space"):
            await asyncio.to_thread(follow, ours, Taken(fails_at=1))
        own = await standing(ours)
        assert (own.cursor, own.open_removals) == (0, 1)


async def test_who_only_looks_acknowledges_nothing(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        await ours.list(1)
        taken = Taken()
        await asyncio.to_thread(lambda: follow(ours, taken, is_acknowledging=False))
        assert taken.cursors == [1]
        assert (await standing(ours)).cursor == 0


async def test_what_was_left_out_is_given_again_and_then_settled(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        await ours.remove(await ours.list(1))
        await ours.list(2)
        async with ours.changes("railway") as stub:
            left = [pb.FailedChange(cursor=2, failure=pb.FAILURE_OWN_SYSTEM)]
            await stub.Acknowledge(pb.AcknowledgeRequest(cursor=3, exceptions=left), timeout=DEADLINE_S)
        with pytest.raises(OSError, match="No space"):
            await asyncio.to_thread(follow, ours, Taken(fails_at=2))
        assert len((await standing(ours)).exceptions) == 1
        taken = Taken()
        await asyncio.to_thread(follow, ours, taken)
        assert taken.cursors == [2]
        own = await standing(ours)
        assert (own.cursor, len(own.exceptions), own.open_removals) == (3, 0, 0)
