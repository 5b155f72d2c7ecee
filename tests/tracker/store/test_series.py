"""The series of figures: a row where something changed, none where nothing did, and an end to old ones."""

import asyncio

import pytest
from sqlalchemy import func, select

from runtime.calendar import DAY_NS
from tests.tracker.world import NOW_NS, OURS, Store, event, recorded
from tracker.store.series import Pace, Series, points
from tracker.store.tables import SERIES

PACE = Pace(every_s=300, keep_days=10)
STEP_NS = 300_000_000_000
ALWAYS = (0, 2**62)


def series(store: Store) -> Series:
    return Series(store.engine, PACE, lambda: [2, 3, 31])


def count(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(SERIES)).scalar_one())


def test_only_what_changed_is_a_row(store: Store) -> None:
    store.register(1, 2)
    one = series(store)
    first = one.take(NOW_NS)
    assert first == count(store) > 3
    assert one.take(NOW_NS + STEP_NS) == 0
    store.do(recorded(1, event("distribution", 20261105)))
    changed = one.take(NOW_NS + 2 * STEP_NS)
    assert 0 < changed < first + 2
    # Another process goes on from what is kept.
    assert series(store).take(NOW_NS + 3 * STEP_NS) == 0
    found = points(store.engine, OURS, 2, ALWAYS, 10)
    assert [(point.at_ns, point.figures.open, point.figures.done) for point in found] == [
        (NOW_NS, 2, 0),
        (NOW_NS + 2 * STEP_NS, 1, 1),
    ]
    assert points(store.engine, OURS, 2, (NOW_NS + 1, 2**62), 10) == found[1:]
    assert one.totals.open > 0
    assert one.point_count == 3


def test_old_points_are_dropped(store: Store) -> None:
    store.register(1)
    one = series(store)
    one.take(NOW_NS)
    one.take(NOW_NS + 11 * DAY_NS)
    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).where(SERIES.c.at_ns == NOW_NS)).scalar_one() == 0


async def test_a_database_that_is_away_does_not_end_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.register(1)
    one = Series(store.engine, Pace(every_s=0.01, keep_days=1), lambda: [3])
    kept, failed = one.take, asyncio.Event()
    loop = asyncio.get_running_loop()

    def failing(at_ns: int) -> int:
        if not failed.is_set():
            loop.call_soon_threadsafe(failed.set)
            raise OSError("gone")
        return kept(at_ns)

    monkeypatch.setattr(one, "take", failing)
    running = asyncio.create_task(one.run())
    async with asyncio.timeout(10):
        while not one.point_count:  # noqa: ASYNC110 - it is another thread that is waited for
            await asyncio.sleep(0.005)
    running.cancel()
