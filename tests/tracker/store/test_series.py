"""The series of figures: a row where something changed, none where nothing did, and an end to old ones."""

import asyncio

import pytest
from sqlalchemy import func, select

from runtime.calendar import DAY_NS
from tests.patience import DEADLINE_S
from tests.tracker.store.filled import fill
from tests.tracker.store.test_listing import scans
from tests.tracker.world import NOW_NS, OURS, Store, event, recorded, registration
from tracker.store.series import (
    NOWHERE,
    Pace,
    Place,
    Point,
    Series,
    newest_statement,
    points,
    rows_statement,
    standing_statement,
)
from tracker.store.tables import SERIES
from tracker.store.work import Register

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
    # What stood at a moment is the first.
    assert points(store.engine, OURS, 2, (NOW_NS - 1, 2**62), 10) == found
    assert points(store.engine, OURS, 2, (NOW_NS + 1, 2**62), 10) == found
    assert points(store.engine, OURS, 2, (NOW_NS + 1, NOW_NS + STEP_NS), 10) == found[:1]
    assert points(store.engine, OURS, 2, (NOW_NS + 2 * STEP_NS, 2**62), 10) == found[1:]
    assert points(store.engine, OURS, 2, (NOW_NS + DAY_NS, NOW_NS), 10) == []
    assert one.totals.open > 0
    assert one.point_count == 3


def moments(store: Store, node: int) -> list[int]:
    """In days since the first."""
    return [(point.at_ns - NOW_NS) // DAY_NS for point in points(store.engine, OURS, node, ALWAYS, 99)]


def test_old_points_are_dropped_but_not_those_that_stand(store: Store) -> None:
    store.register(1)
    one = series(store)
    one.take(NOW_NS)
    store.do(recorded(1, event("distribution", 20261105)))
    one.take(NOW_NS + 2 * DAY_NS)
    assert moments(store, 2) == [0, 2]
    one.take(NOW_NS + 11 * DAY_NS)
    # Node 2 was done on the third day; since when it was open nobody asks any more after the thirteenth.
    assert moments(store, 2) == [0, 2]
    one.take(NOW_NS + 13 * DAY_NS)
    assert moments(store, 2) == [2]
    assert moments(store, 1) == [0]
    assert series(store).take(NOW_NS + 13 * DAY_NS + STEP_NS) == 0


def test_a_start_reads_the_newest_rows_and_no_others(store: Store) -> None:
    fill(store)
    one = series(store)
    for day in range(3):
        one.take(NOW_NS + day * 40 * DAY_NS)
    with store.engine.connect() as connection:
        newest = {
            (row.court_id, row.node, row.level): row
            for row in connection.execute(select(SERIES).order_by(SERIES.c.at_ns))
        }
        keys = [tuple(row) for row in connection.execute(newest_statement())]
        rows = connection.execute(rows_statement(keys)).all()
    assert {(row.court_id, row.node, row.level): row for row in rows} == newest
    assert len(rows) == len(newest) < count(store)
    for statement in (newest_statement(), rows_statement(keys[:5])):
        assert not any("series" in step for step in scans(store.engine, statement))
    standing = standing_statement(1, 2, NOW_NS + DAY_NS)
    assert not any("series" in step for step in scans(store.engine, standing))


def test_points_of_one_moment_come_on_several_pages(store: Store) -> None:
    store.do(*(Register(OURS, registration(level, level=level)) for level in (1, 2, 3)))
    series(store).take(NOW_NS)
    found: list[Point] = []
    after = NOWHERE
    while page := points(store.engine, OURS, 2, ALWAYS, 1, after):
        found += page
        after = Place(page[-1].at_ns, page[-1].key.level)
    assert [(point.at_ns, point.key.level) for point in found] == [(NOW_NS, level) for level in (1, 2, 3)]


def test_of_each_level_what_stood_comes_first_page_by_page(store: Store) -> None:
    one = series(store)
    for step, level in enumerate((2, 1, 3)):
        store.do(Register(OURS, registration(level, level=level)))
        one.take(NOW_NS + step * STEP_NS)
    found: list[Point] = []
    after = NOWHERE
    while page := points(store.engine, OURS, 2, (NOW_NS + STEP_NS + 1, 2**62), 1, after):
        found += page
        after = Place(page[-1].at_ns, page[-1].key.level)
    assert [((point.at_ns - NOW_NS) // STEP_NS, point.key.level) for point in found] == [
        (0, 2),
        (1, 1),
        (2, 3),
    ]


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
    async with asyncio.timeout(DEADLINE_S):
        while not one.point_count:  # noqa: ASYNC110 - it is another thread that is waited for
            await asyncio.sleep(0.005)
    running.cancel()
