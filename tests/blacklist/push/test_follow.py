"""Followers: woken by changes, each from its own cursor, one page at a time, and nobody looks at rest."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from blacklist.errors import AheadError
from blacklist.push import feed as feeds
from blacklist.push.feed import Feed
from blacklist.push.follow import FOLLOWERS_PER_UNIT_MAX, Followers
from blacklist.rules.units import Measures
from chakong.blacklist.v1.changes_pb2 import FollowResponse
from runtime.errors import ForbiddenError, FullError
from tests.blacklist.house import until
from tests.blacklist.push.changes import Kept
from tests.patience import DEADLINE_S

UNIT = "railway"
BOUND: Measures = (frozenset({37}), frozenset({37}), frozenset(), frozenset())
LONG_S = 1_000.0


class Watched:
    """Followers of changes in memory, and what they told."""

    def __init__(self, kept: Kept, heartbeat_s: float = LONG_S) -> None:
        self.kept = kept
        self.told: list[tuple[str, int, int]] = []
        self.is_unit = True
        self.feed = Feed(kept.since)
        self.followers = Followers(self.feed, self.binding, self.tell, lambda: 77, heartbeat_s)

    def binding(self, _unit: str) -> Measures:
        if not self.is_unit:
            raise ForbiddenError("unit: is none today")
        return BOUND

    def tell(self, unit: str, after: int, reached: int) -> None:
        self.told.append((unit, after, reached))

    def follow(self, after: int = 0, unit: str = UNIT) -> AsyncGenerator[bytes, None]:
        return self.followers.follow(unit, after, self.kept.version)


async def one(stream: AsyncGenerator[bytes, None]) -> FollowResponse:
    async with asyncio.timeout(DEADLINE_S):
        return FollowResponse.FromString(await anext(stream))


async def test_follower_gets_what_is_there_and_then_what_comes() -> None:
    ours = Watched(Kept(3))
    async with aclosing(ours.follow(1)) as stream:
        first = await one(stream)
        assert ([each.cursor for each in first.changes], first.cursor, first.complete) == ([2, 3], 3, True)
        assert first.as_of_ns == 77
        waiting = asyncio.create_task(one(stream))
        ours.followers.publish(ours.kept.add())
        second = await waiting
        assert ([each.cursor for each in second.changes], second.cursor) == ([4], 4)
    assert ours.told == [(UNIT, 1, 3)]
    assert ours.followers.follower_count == 0


async def test_what_does_not_bind_the_unit_is_left_out_and_moves_the_cursor() -> None:
    ours = Watched(Kept(2))
    ours.kept.add(bound=2)
    async with aclosing(ours.follow()) as stream:
        first = await one(stream)
        assert ([each.cursor for each in first.changes], first.cursor) == ([1, 2], 3)
        waiting = asyncio.create_task(one(stream))
        ours.followers.publish(ours.kept.add(bound=3))
        second = await waiting
        assert (list(second.changes), second.cursor) == ([], 4)


async def test_pages_that_say_nothing_to_a_unit_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "PAGE_CHANGES", 2)
    ours = Watched(Kept(7, bound=2))
    async with aclosing(ours.follow()) as stream:
        only = await one(stream)
        assert (list(only.changes), only.cursor, only.complete) == ([], 7, True)


async def test_list_that_grew_since_it_was_looked_at_is_given_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "PAGE_CHANGES", 2)
    ours = Watched(Kept(5))
    async with aclosing(ours.followers.follow(UNIT, 0, 1)) as stream:
        assert [(await one(stream)).cursor for _ in range(3)] == [2, 4, 5]


async def test_nobody_reads_while_nothing_comes() -> None:
    ours = Watched(Kept(2), heartbeat_s=0.005)
    async with aclosing(ours.follow()) as stream:
        await one(stream)
        beats = [await one(stream) for _ in range(5)]
        assert {(len(each.changes), each.cursor, each.complete) for each in beats} == {(0, 2, True)}
    assert ours.kept.reads == [0]


async def test_forty_units_that_have_everything_read_a_change_once() -> None:
    ours = Watched(Kept(1))
    streams = [ours.follow(0, f"unit-{number}") for number in range(40)]
    await asyncio.gather(*(one(stream) for stream in streams))
    before = ours.feed.read_count
    waiting = [asyncio.create_task(one(stream)) for stream in streams]
    await until(lambda: len(ours.told) == 40)
    ours.followers.publish(ours.kept.add())
    assert {found.cursor for found in await asyncio.gather(*waiting)} == {2}
    assert ours.feed.read_count == before + 1
    for stream in streams:
        await stream.aclose()


async def test_change_that_comes_while_a_page_is_read_is_not_missed() -> None:
    ours = Watched(Kept(1))
    async with aclosing(ours.follow()) as stream, aclosing(ours.follow(0, "other")) as other:
        ours.kept.gate.clear()
        first, second = asyncio.create_task(one(stream)), asyncio.create_task(one(other))
        await until(lambda: ours.kept.reads == [0])
        # Published before the page that does not have it is handed out.
        ours.followers.publish(ours.kept.add())
        ours.kept.gate.set()
        assert [(await first).cursor, (await second).cursor] == [1, 1]
        assert [(await one(stream)).cursor, (await one(other)).cursor] == [2, 2]


async def test_who_reads_slowly_has_one_page_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "PAGE_CHANGES", 2)
    ours = Watched(Kept(20))
    async with aclosing(ours.follow()) as slow, aclosing(ours.follow(0, "quick")) as quick:
        await one(slow)
        while not (await one(quick)).complete:
            pass
        assert ours.told[-1][0] == "quick"
        assert UNIT not in {unit for unit, _, _ in ours.told}
        assert (await one(slow)).changes[0].cursor == 3
        assert (UNIT, 0, 2) in ours.told


async def test_unit_has_few_streams_and_others_are_not_kept_out() -> None:
    ours = Watched(Kept(1))
    streams = [ours.follow() for _ in range(FOLLOWERS_PER_UNIT_MAX)]
    for stream in streams:
        await one(stream)
    with pytest.raises(FullError, match="4 of this unit"):
        await one(ours.follow())
    async with aclosing(ours.follow(0, "other")) as other:
        await one(other)
    await streams.pop().aclose()
    async with aclosing(ours.follow()) as again:
        await one(again)
    for stream in streams:
        await stream.aclose()


async def test_cursor_ahead_of_the_list_is_refused() -> None:
    with pytest.raises(AheadError, match="4 given, the last change is 3"):
        await one(Watched(Kept(3)).follow(4))


async def test_service_that_stops_ends_the_streams() -> None:
    ours = Watched(Kept(1))
    async with aclosing(ours.follow()) as stream:
        await one(stream)
        waiting = asyncio.create_task(one(stream))
        await until(lambda: bool(ours.told))
        ours.followers.close()
        with pytest.raises(StopAsyncIteration):
            await waiting


async def test_who_is_no_unit_any_more_is_told_at_the_next_beat() -> None:
    ours = Watched(Kept(1), heartbeat_s=0.005)
    async with aclosing(ours.follow()) as stream:
        await one(stream)
        ours.is_unit = False
        with pytest.raises(ForbiddenError):
            await one(stream)
