"""Catching up: a start goes on with what was cut off, and counts anew when another year is known, whoever
wrote what in which order."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from runtime import calendar
from runtime.data import law_texts
from tests.patience import DEADLINE_S
from tests.tracker.store.filled import fill
from tests.tracker.store.knowing import FILED, KNOWN, NOW_OF_YEAR_NS, OFF, PROVISIONALLY, YEAR, Knowing
from tests.tracker.store.test_recomputing import CLOSING as CLOSING_RULE
from tests.tracker.store.test_recomputing import amended, differences, law_of, miscounted
from tests.tracker.world import NOW_NS, OURS, Store, event, opened, registration, sqlite_url
from tracker.rules import law as laws
from tracker.store import catching_up
from tracker.store import recomputing as module
from tracker.store.catching_up import CatchingUp
from tracker.store.laws import ALL_CASES, judge_of
from tracker.store.recomputing import Recomputing
from tracker.store.standing import PROVISIONAL
from tracker.store.tables import DUE_NODES, LAWS
from tracker.store.work import Batch, Register
from tracker.store.writer import Writer

CLOSING = 31
CLOSING_OF_SEVEN = CLOSING_RULE.replace("months = 5", "months = 7")
FIXED = frozenset(YEAR * 10_000 + month * 100 + day for month, day in calendar.FIXED_HOLIDAYS)


def law_count(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(LAWS)).scalar_one())


def closing_dues(store: Store) -> list[tuple[int, bool]]:
    """By case, in the order of registration."""
    statement = select(DUE_NODES).where(DUE_NODES.c.node == CLOSING).order_by(DUE_NODES.c.case_no)
    with store.engine.connect() as connection:
        rows = connection.execute(statement).all()
    return [(row.due, bool(row.flags & PROVISIONAL)) for row in rows]


def one_filed(number: int) -> Batch:
    begun = (event("application_received", FILED - 1), event("filing", FILED))
    return Batch((Register(OURS, registration(number, *begun)),))


async def start(store: Store) -> None:
    await CatchingUp(store.engine, law_of(store)).catch_up()


async def test_where_nothing_is_left_nothing_is_done(store: Store) -> None:
    fill(store, with_events=True)
    await start(store)
    assert law_count(store) == 1


async def test_a_recomputation_that_was_cut_off_is_gone_on_with(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, with_events=True)
    monkeypatch.setattr(module, "CASES_AT_ONCE", 10)
    texts, law = amended()
    one = Recomputing(store.engine, law_of(store), law)
    one.adopt(texts, NOW_NS)
    one.step()
    assert differences(store, law)
    await start(store)
    assert differences(store, law) == []
    assert miscounted(store) == []
    with store.engine.connect() as connection:
        assert connection.execute(select(LAWS.c.recomputed_to)).scalars().all() == [ALL_CASES] * 2


async def test_a_year_that_has_become_known_moves_what_was_provisional(
    store: Store, knowing: Knowing
) -> None:
    store.writer.write([one_filed(1)], NOW_OF_YEAR_NS)
    assert closing_dues(store) == [PROVISIONALLY]
    knowing.learn()
    await start(store)
    assert closing_dues(store) == [KNOWN]
    assert differences(store, laws.load(law_texts())) == []
    assert miscounted(store) == []
    assert law_count(store) == 2
    # And not again.
    await start(store)
    assert law_count(store) == 2


async def test_a_year_that_is_learnt_after_a_later_one_moves_what_was_provisional_too(
    store: Store, knowing: Knowing
) -> None:
    knowing.learn({YEAR + 1: frozenset()})
    await start(store)
    store.writer.write([one_filed(1)], NOW_OF_YEAR_NS)
    assert closing_dues(store) == [PROVISIONALLY]
    knowing.learn()
    await start(store)
    assert closing_dues(store) == [KNOWN]


async def test_a_year_that_was_learnt_wrong_and_is_put_right_moves_what_was_counted(
    store: Store, knowing: Knowing
) -> None:
    knowing.learn({YEAR: FIXED})
    await start(store)
    store.writer.write([one_filed(1)], NOW_OF_YEAR_NS)
    assert closing_dues(store) == [(PROVISIONALLY[0], False)]
    knowing.learn()
    await start(store)
    assert closing_dues(store) == [KNOWN]


# Who does what: K knows the year, W knows it wrong, - does not know it; each writes, starts or recomputes.
ORDERS = (
    "- writes, K recomputes, - writes",
    "K starts, - writes, - recomputes, - starts, - writes",
    "- recomputes, K writes, - starts, - writes",
    "W starts, W writes, K writes, - writes",
    "W writes, - recomputes, K recomputes, - writes, W writes",
)


@pytest.mark.parametrize("order", ORDERS)
async def test_in_whatever_order_processes_write_start_and_recompute_the_next_start_counts_right(
    order: str, tmp_path: Path, knowing: Knowing
) -> None:
    years = {"K": {YEAR: OFF}, "W": {YEAR: FIXED}, "-": {}}
    with opened(sqlite_url(tmp_path)) as store:
        # A process's writer lives as long as the process.
        writers = {who: Writer(store.engine, judge_of) for who in years}
        for number, step in enumerate(order.split(", ")):
            who, act = step.split()
            knowing.learn(years[who])
            if act == "writes":
                writers[who].write([one_filed(number)], NOW_OF_YEAR_NS)
            elif act == "starts":
                before = closing_dues(store)
                await start(store)
                # Nobody takes back what another one knew.
                assert who != "-" or closing_dues(store) == before
            else:
                one = Recomputing(store.engine, law_of(store), laws.load(law_texts()))
                one.adopt(law_texts(), NOW_OF_YEAR_NS)
                one.run()
        knowing.learn(years["K"])
        await start(store)
        assert closing_dues(store) == [KNOWN] * order.count("writes")
        assert miscounted(store) == []


async def test_a_law_that_comes_meanwhile_is_gone_on_with_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, with_events=True)
    monkeypatch.setattr(module, "CASES_AT_ONCE", 10)
    monkeypatch.setattr(catching_up, "AGAIN_S", 0.0)
    texts, law = amended()
    Recomputing(store.engine, law_of(store), law).adopt(texts, NOW_NS)
    kept = Recomputing.step
    later, law = amended(CLOSING_OF_SEVEN)
    others = iter([Recomputing(store.engine, law_of(store), law)])

    def step(one: Recomputing) -> int:
        reached = kept(one)
        for other in others:
            other.adopt(later, NOW_NS)
        return reached

    monkeypatch.setattr(Recomputing, "step", step)
    await start(store)
    assert differences(store, law) == []
    assert law_count(store) == 3


async def test_what_was_cut_off_while_all_was_counted_anew_is_gone_on_with(
    store: Store, knowing: Knowing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CASES_AT_ONCE", 1)
    knowing.learn({YEAR: FIXED})
    await start(store)
    store.writer.write([one_filed(1), one_filed(2)], NOW_OF_YEAR_NS)
    knowing.learn()
    one = Recomputing(store.engine, law_of(store), laws.load(law_texts()))
    one.adopt(law_texts(), NOW_OF_YEAR_NS)
    one.step()
    assert closing_dues(store) == [KNOWN, (PROVISIONALLY[0], False)]
    await start(store)
    assert closing_dues(store) == [KNOWN, KNOWN]
    assert law_count(store) == 3


async def test_what_another_process_wrote_since_is_found_without_a_start(
    store: Store, knowing: Knowing, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignorant = Writer(store.engine, judge_of)
    knowing.learn()
    await start(store)
    knowing.forget()
    ignorant.write([one_filed(1)], NOW_OF_YEAR_NS)
    assert closing_dues(store) == [PROVISIONALLY]
    knowing.learn()
    monkeypatch.setattr(catching_up, "LOOK_EVERY_S", 0.0)
    looking = asyncio.create_task(CatchingUp(store.engine, law_of(store)).run())
    async with asyncio.timeout(DEADLINE_S):
        while closing_dues(store) != [KNOWN]:  # noqa: ASYNC110 - a task looks at a database
            await asyncio.sleep(0)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
