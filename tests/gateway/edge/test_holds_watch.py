"""Watchers of holds: nothing missed, nothing of another court, nothing queued for one that does not read."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any, cast

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.edge import holds_later
from gateway.edge import holds_watch as module
from gateway.edge.errors import FullError, InvalidError
from gateway.edge.holds_watch import HoldsWatch
from gateway.holds import view
from tests.gateway.edge.study import Study, open_study
from tests.gateway.holds.world import CASE, COURT, as_order, as_receipt, court
from tests.patience import DEADLINE_S

if TYPE_CHECKING:
    from gateway.edge.journal import Journal


def watch_of(study: Study, watchers_max: int = 6) -> HoldsWatch:
    """One that is told of every step from now on."""
    watch = HoldsWatch(study.ledger, cast("Journal", study.journal), watchers_max)
    study.desk._publish = watch.publish
    return watch


def follow(
    watch: HoldsWatch, cursor: int = 0, court: str = COURT, case: str = ""
) -> AsyncGenerator[bytes, None]:
    return watch.follow(court, controls_pb2.WatchHoldsRequest(cursor=cursor, case_number=case))


async def take(watcher: AsyncGenerator[bytes, None], count: int) -> list[controls_pb2.WatchHoldsResponse]:
    async with asyncio.timeout(DEADLINE_S):
        return [controls_pb2.WatchHoldsResponse.FromString(await anext(watcher)) for _ in range(count)]


async def freeze(study: Study, count: int, first: int = 0, **fields: Any) -> list[int]:
    """So many holds, in one step."""
    study.journal.is_held = True
    decided = [
        study.post(study.order(study.account(f"6222{number}", 1), 1, **fields))
        for number in range(first, first + count)
    ]
    inputs = study.desk.counts.inputs
    await study.until(lambda: study.desk.counts.inputs >= inputs + count)
    study.journal.is_held = False
    study.journal.let_go()
    async with asyncio.timeout(DEADLINE_S):
        return [(await one).hold_id for one in decided]


async def test_changes_come_with_the_number_of_their_step() -> None:
    async with open_study() as study:
        watch = watch_of(study)
        await study.claim()
        async with aclosing(follow(watch)) as watcher:
            waiting = asyncio.create_task(take(watcher, 2))
            first = await freeze(study, 2)
            second = await freeze(study, 1, 2)
            got = await waiting
        assert [one.cursor for one in got] == [2, 3]
        assert [[hold.hold_id for hold in one.holds] for one in got] == [first, second]
        assert got[0].holds[0].life == hold_pb2.HOLD_LIFE_REQUESTED
    assert watch.watcher_count == 0


async def test_another_court_and_another_case_see_nothing() -> None:
    async with open_study() as study:
        watch = watch_of(study)
        await study.claim()
        async with (
            aclosing(follow(watch, court="沪0101")) as other,
            aclosing(follow(watch, case="another")) as case,
            aclosing(follow(watch, case=CASE)) as ours,
        ):
            silent = [asyncio.create_task(take(one, 1)) for one in (other, case)]
            heard = asyncio.create_task(take(ours, 1))
            await freeze(study, 1)
            assert len((await heard)[0].holds) == 1
            for task in silent:
                assert not task.done()
                task.cancel()
            await asyncio.wait(silent)


async def test_one_that_is_behind_reads_the_journal_and_misses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RING_BYTES", 1)
    monkeypatch.setattr(module, "STEPS_AT_ONCE", 2)
    async with open_study() as study:
        watch = watch_of(study)
        await study.claim()
        ids = [one for number in range(7) for one in await freeze(study, 1, number)]
        async with aclosing(follow(watch)) as watcher:
            got = await take(watcher, 4)
            assert [hold.hold_id for one in got for hold in one.holds] == ids
            waiting = asyncio.create_task(take(watcher, 1))
            more = await freeze(study, 1, 9)
            assert [hold.hold_id for one in await waiting for hold in one.holds] == more
        seen = [hold.hold_id for one in got[:2] for hold in one.holds]
        async with aclosing(follow(watch, cursor=got[1].cursor)) as again:
            told: list[int] = []
            while len(told) < 8 - len(seen):
                told += [hold.hold_id for one in await take(again, 1) for hold in one.holds]
            assert [*seen, *told] == [*ids, *more]


@pytest.mark.parametrize(("name", "value"), [("HOLDS_PER_MESSAGE", 3), ("MESSAGE_BYTES_MAX", 600)])
async def test_a_step_with_many_holds_comes_in_messages_that_can_be_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, value: int
) -> None:
    monkeypatch.setattr(view, name, value)
    async with open_study() as study:
        watch = watch_of(study)
        await study.claim()
        ids = await freeze(study, 10)
        async with aclosing(follow(watch)) as watcher:
            got: list[controls_pb2.WatchHoldsResponse] = []
            while sum(len(one.holds) for one in got) < 10:
                got += await take(watcher, 1)
        assert [hold.hold_id for one in got for hold in one.holds] == ids
        assert len(got) > 2
        # Only the last of them counts as having seen the step.
        assert [one.cursor for one in got] == [0] * (len(got) - 1) + [2]


async def test_one_that_does_not_read_has_nothing_queued_for_it() -> None:
    async with open_study() as study:
        watch = watch_of(study)
        await study.claim()
        async with aclosing(follow(watch)) as watcher:
            await freeze(study, 1)
            await take(watcher, 1)
            ids = [one for number in range(1, 40) for one in await freeze(study, 1, number)]
            frame = cast("Any", watcher).ag_frame
            assert len(frame.f_locals["steps"]) == 1
            (message,) = await take(watcher, 1)
            assert [hold.hold_id for hold in message.holds] == ids


async def test_closing_lets_everybody_have_what_was_published() -> None:
    async with open_study() as study:
        watch = watch_of(study)
        await study.claim()
        await freeze(study, 2)
        watcher = follow(watch)
        watch.close()
        async with asyncio.timeout(DEADLINE_S):
            got = [message async for message in watcher]
        assert len(got) == 1
        assert watch.watcher_count == 0


async def test_a_cursor_from_the_future_and_too_many_watchers_are_refused() -> None:
    async with open_study() as study:
        watch = watch_of(study, watchers_max=1)
        await study.claim()
        with pytest.raises(InvalidError):
            await anext(follow(watch, cursor=study.journal.last_seq + 1))
        async with aclosing(follow(watch)) as watcher:
            await freeze(study, 1)
            await take(watcher, 1)
            with pytest.raises(FullError):
                await anext(follow(watch))


async def test_one_court_cannot_take_the_room_of_all() -> None:
    async with open_study() as study:
        watch = watch_of(study, watchers_max=4)
        await study.claim()
        await freeze(study, 1)
        async with AsyncExitStack() as exits:
            for _ in range(2):
                watcher = await exits.enter_async_context(aclosing(follow(watch)))
                await take(watcher, 1)
            with pytest.raises(FullError, match="2 of this court"):
                await anext(follow(watch))
            other = await exits.enter_async_context(aclosing(follow(watch, court="沪0101")))
            waiting = asyncio.create_task(take(other, 1))
            await study.until(lambda: watch.watcher_count == 3)
            waiting.cancel()
            await asyncio.wait((waiting,))
        assert watch.watcher_count == 0


async def test_a_hold_that_several_steps_changed_is_told_once_as_it_stands() -> None:
    async with open_study() as study:
        watch = watch_of(study)
        await study.claim()
        (hold_id,) = await freeze(study, 1)
        (control,) = study.desk.take(study.bank.endpoint, 10)
        batch = institution_pb2.ControlBatch.FromString(control.message)
        receipt = study.bank.control(batch.controls[0])
        await study.desk.hear(lambda ledger: ledger.receipt(study.bank.endpoint, as_receipt(receipt)))
        async with aclosing(follow(watch)) as watcher:
            (message,) = await take(watcher, 1)
        assert [(hold.hold_id, hold.life) for hold in message.holds] == [
            (hold_id, hold_pb2.HOLD_LIFE_EFFECTIVE)
        ]
        assert message.cursor == study.journal.last_seq


async def test_bulk_orders_are_told_with_their_outcome_or_after_a_while() -> None:
    async with open_study() as study:
        watch = watch_of(study)
        await study.claim()
        async with aclosing(follow(watch)) as watcher:
            heard = asyncio.create_task(take(watcher, 2))
            # Where nothing happened lately they are told at once.
            first = await bulk(study, 1, 0)
            second = await bulk(study, 2, 1)
            controls = study.desk.take(study.bank.endpoint, 10)
            batches = [institution_pb2.ControlBatch.FromString(one.message) for one in controls]
            (control,) = (one.controls[0] for one in batches if one.controls[0].hold_id == second[1])
            receipt = study.bank.control(control)
            await study.desk.hear(lambda ledger: ledger.receipt(study.bank.endpoint, as_receipt(receipt)))
            got = await heard
            assert [[hold.hold_id for hold in one.holds] for one in got] == [first, second[1:]]
            assert got[1].holds[0].life == hold_pb2.HOLD_LIFE_EFFECTIVE
            # The other waits, so the cursor stays before it.
            assert got[1].cursor == got[0].cursor
            # Nothing that waits is left behind at the end.
            watch.close()
            (last,) = await take(watcher, 1)
        assert [hold.hold_id for hold in last.holds] == second[:1]
        assert last.cursor == study.journal.last_seq


async def test_a_bulk_order_that_nobody_answers_is_told_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds_later, "LATER_NS", 20_000_000)
    async with open_study() as study:
        watch = watch_of(study)
        await study.claim()
        async with aclosing(follow(watch)) as watcher:
            heard = asyncio.create_task(take(watcher, 2))
            ids = await bulk(study, 1, 0) + await bulk(study, 1, 1)
            assert [hold.hold_id for one in await heard for hold in one.holds] == ids


async def bulk(study: Study, count: int, first: int) -> list[int]:
    """So many holds, ordered together."""
    orders = [as_order(study.order(study.account(f"6222{first + number}", 1), 1)) for number in range(count)]
    (decided,) = study.desk.post_each(lambda ledger, piece: ledger.orders(piece, court()), orders)
    async with asyncio.timeout(DEADLINE_S):
        return [cast("Any", one).hold_id for one in await decided]
