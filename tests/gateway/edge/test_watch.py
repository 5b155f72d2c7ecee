"""Watchers on a real journal: nothing missed, nothing again, nothing kept for them, nothing left of them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from chakong.gateway.v1 import gateway_pb2
from gateway.edge import watch as module
from gateway.edge.errors import FullError, InvalidError
from gateway.edge.journal import Journal
from gateway.edge.watch import MESSAGE_BYTES_MAX, Watch, whole
from tests.gateway.edge.frames import COURT, answer, answers, found
from tests.patience import DEADLINE_S

if TYPE_CHECKING:
    from types import AsyncGeneratorType

    from gateway._core import Answers

RING_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Given:
    """What the Engine hands out."""

    court: str
    message: bytes
    count: int
    finals: bytes


class Desk:
    """A journal and those who watch it."""

    def __init__(self, folder: Path, ring_bytes: int = RING_BYTES) -> None:
        self.journal = Journal.open(folder / "journal")
        self.watch = Watch(self.journal, ring_bytes, watchers_max=3)

    async def publish(self, *given: gateway_pb2.Answer, court: str = COURT) -> int:
        frame = answers(*given, court=court)
        seq = await self.journal.append(frame)
        given_out = Given(court, frame.body, len(given), frame.finals)
        self.watch.publish(seq, cast("Answers", given_out))
        return seq

    def follow(self, cursor: int = 0, court: str = COURT, **chosen: object) -> AsyncGenerator[bytes, None]:
        return self.watch.follow(court, gateway_pb2.WatchRequest(cursor=cursor, **chosen))  # type: ignore[arg-type]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path)
    yield made
    assert made.watch.watcher_count == 0
    made.journal.close()


async def take(watcher: AsyncGenerator[bytes, None], count: int) -> list[gateway_pb2.WatchResponse]:
    async with asyncio.timeout(DEADLINE_S):
        return [gateway_pb2.WatchResponse.FromString(await anext(watcher)) for _ in range(count)]


def held_by(watcher: AsyncGenerator[bytes, None]) -> list[tuple[int, bytes]]:
    """The entries that a watcher has in hand."""
    frame = cast("AsyncGeneratorType[bytes, None]", watcher).ag_frame
    assert frame is not None
    entries: list[tuple[int, bytes]] = frame.f_locals["entries"]
    return entries


async def test_answers_come_with_the_number_of_their_frame(desk: Desk) -> None:
    async with aclosing(desk.follow()) as watcher:
        waiting = asyncio.create_task(take(watcher, 2))
        first = await desk.publish(answer(1), answer(2))
        await desk.publish(answer(9), court="other")
        second = await desk.publish(answer(3))
        got = await waiting
    assert [one.cursor for one in got] == [first, second]
    assert [[a.inquiry_id for a in one.answers] for one in got] == [[1, 2], [3]]


async def test_a_watcher_goes_on_after_its_cursor(desk: Desk) -> None:
    seqs = [await desk.publish(answer(number)) for number in range(1, 6)]
    async with aclosing(desk.follow(seqs[2])) as watcher:
        assert [one.cursor for one in await take(watcher, 2)] == seqs[3:]


async def test_what_was_before_this_gateway_comes_from_the_journal(tmp_path: Path) -> None:
    first = Desk(tmp_path)
    for number in range(1, 4):
        await first.publish(answer(number))
    first.journal.close()
    second = Desk(tmp_path)
    async with aclosing(second.follow(1)) as watcher:
        assert [one.cursor for one in await take(watcher, 2)] == [2, 3]
        waiting = asyncio.create_task(take(watcher, 1))
        await second.publish(answer(4))
        assert [one.cursor for one in await waiting] == [4]
    second.journal.close()


async def test_a_slow_watcher_misses_nothing_of_what_the_ring_has_dropped(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ring_bytes=2_000)
    async with aclosing(desk.follow()) as slow:
        await desk.publish(answer(1))
        assert (await take(slow, 1))[0].cursor == 1
        for number in range(2, 200):
            await desk.publish(answer(number), court=COURT if number % 3 else "other")
            assert desk.watch.ring_bytes <= 2_000
        expected = [number for number in range(2, 200) if number % 3]
        assert [one.cursor for one in await take(slow, len(expected))] == expected
    desk.journal.close()


async def test_no_cursor_is_handed_out_that_could_not_come_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ring_bytes=1)
    for number in range(1, 3):
        await desk.publish(answer(number))
    frame = answers(answer(3))
    await desk.journal.append(frame)
    desk.journal.last_seq = 2  # the third is on the disk, and the loop has not heard of it
    async with aclosing(desk.follow()) as watcher:
        assert [one.cursor for one in await take(watcher, 1)] == [1]
        assert [seq for seq, _ in held_by(watcher)] == [1, 2]
        desk.journal.last_seq = 3
        desk.watch.publish(3, cast("Answers", Given(COURT, frame.body, 1, frame.finals)))
        assert [one.cursor for one in await take(watcher, 2)] == [2, 3]
    desk.journal.close()


async def test_a_case_is_watched_alone(desk: Desk) -> None:
    async with aclosing(desk.follow(case_number="案1")) as watcher:
        await desk.publish(answer(1, case_number="案2"))
        await desk.publish(answer(2, case_number="案2"), answer(3, case_number="案1"))
        # A number that has the other in it is another case.
        await desk.publish(answer(4, case_number="案1之二"))
        await desk.publish(answer(5, case_number="案1"))
        got = await take(watcher, 2)
    assert [(one.cursor, [a.inquiry_id for a in one.answers]) for one in got] == [(2, [3]), (4, [5])]


async def test_an_inquiry_is_watched_alone(desk: Desk) -> None:
    async with aclosing(desk.follow(inquiry_id=300)) as watcher:
        await desk.publish(answer(301), answer(300))
        await desk.publish(answer(44))
        await desk.publish(answer(300, stage=gateway_pb2.STAGE_LATE, revision=2))
        got = await take(watcher, 2)
    assert [(one.cursor, [a.revision for a in one.answers]) for one in got] == [(1, [1]), (3, [2])]


async def test_a_cursor_from_the_future_is_refused(desk: Desk) -> None:
    async with aclosing(desk.follow(7)) as watcher:
        with pytest.raises(InvalidError, match="cursor: must be at most 0, 7 given") as caught:
            await anext(watcher)
    assert [fault.field for fault in caught.value.faults] == ["cursor"]


@pytest.mark.parametrize("chosen", [{"case_number": ""}, {"case_number": "案" * 43}, {"inquiry_id": 0}])
async def test_a_filter_that_nothing_can_fit_is_refused(desk: Desk, chosen: dict[str, object]) -> None:
    async with aclosing(desk.follow(**chosen)) as watcher:  # type: ignore[arg-type]
        with pytest.raises(InvalidError) as caught:
            await anext(watcher)
    assert [fault.field for fault in caught.value.faults] == list(chosen)


@pytest.mark.parametrize("is_behind", [True, False])
async def test_a_watcher_that_does_not_read_keeps_no_more_than_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_behind: bool
) -> None:
    monkeypatch.setattr(module, "BYTES_AT_ONCE", 2_000)
    desk = Desk(tmp_path, ring_bytes=1 if is_behind else RING_BYTES)
    for number in range(1, 100):
        await desk.publish(answer(number))
    async with aclosing(desk.follow()) as stalled:
        await take(stalled, 1)
        assert 1 < sum(len(message) for _, message in held_by(stalled)) < 3_000
        assert [one.cursor for one in await take(stalled, 98)] == list(range(2, 100))
    desk.journal.close()


async def test_the_loop_goes_on_while_a_filter_passes_over_a_long_journal(desk: Desk) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    for number in range(1, 51):
        await desk.publish(answer(number))
    counting = asyncio.create_task(count())
    async with aclosing(desk.follow(inquiry_id=50)) as watcher:
        await take(watcher, 1)
    counting.cancel()
    # One for each frame that was passed over, but for the first and the last.
    assert turns >= 48


async def test_watchers_are_bounded_and_leave_their_place(desk: Desk) -> None:
    watchers = [desk.follow() for _ in range(3)]
    await desk.publish(answer(1))
    for watcher in watchers:
        await take(watcher, 1)
    async with aclosing(desk.follow()) as one_more:
        with pytest.raises(FullError, match="watchers: 3 there already"):
            await anext(one_more)
    await watchers[0].aclose()
    async with aclosing(desk.follow()) as one_more:
        await take(one_more, 1)
    for watcher in watchers:
        await watcher.aclose()


async def test_a_cancelled_watcher_leaves_nothing(desk: Desk) -> None:
    before = asyncio.all_tasks()

    async def forever() -> None:
        async with aclosing(desk.follow()) as watcher:
            async for _ in watcher:
                pass

    task = asyncio.create_task(forever())
    await desk.publish(answer(1))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.watch.watcher_count == 0
    assert asyncio.all_tasks() == before


async def test_a_closed_watch_ends_its_watchers_after_the_last_answer(desk: Desk) -> None:
    watcher = desk.follow()
    await desk.publish(answer(1))
    await desk.publish(answer(2))
    desk.watch.close()
    async with asyncio.timeout(DEADLINE_S):
        assert len([one async for one in watcher]) == 2


def test_a_large_message_is_cut_and_its_cursor_comes_last() -> None:
    many = [answer(number, findings=[found(1, 5, count=200)]) for number in range(1, 200)]
    message = answers(*many).body
    parts = whole(9, message)
    assert len(parts) > 2
    assert max(map(len, parts)) < MESSAGE_BYTES_MAX + 20
    read = [gateway_pb2.WatchResponse.FromString(part) for part in parts]
    assert [one.cursor for one in read] == [8] * (len(parts) - 1) + [9]
    assert [a.inquiry_id for one in read for a in one.answers] == list(range(1, 200))
