"""Catching up: a start goes on with what was cut off, and counts anew when another year is known."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from runtime import calendar
from runtime.data import law_texts
from tests.tracker.store.filled import fill
from tests.tracker.store.test_recomputing import amended, differences, law_of, miscounted
from tests.tracker.world import NOW_NS, OURS, Store, event, registration
from tracker.rules import counting, days
from tracker.rules import law as laws
from tracker.store import recomputing as module
from tracker.store.catching_up import CatchingUp
from tracker.store.laws import ALL_CASES
from tracker.store.recomputing import Recomputing
from tracker.store.standing import PROVISIONAL
from tracker.store.tables import DUE_NODES, LAWS
from tracker.store.work import Register

# Filed so that six months end within the first days of October of a year that nobody knows yet.
YEAR = 2087
FILED = 20870402
NOW_OF_YEAR_NS = calendar.midnight_ns(20870501)
CLOSING = 31


@pytest.fixture
def unlearnt() -> Iterator[None]:
    """The calendar knows what the library knows, before and after."""
    _forget()
    yield
    calendar.unlearn()
    _forget()


def _forget() -> None:
    for one in (counting.duty, counting.window, counting.term, counting.advance, days.table):
        one.cache_clear()


def law_count(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(LAWS)).scalar_one())


def closing_due(store: Store) -> tuple[int, bool]:
    where = (DUE_NODES.c.node == CLOSING,)
    with store.engine.connect() as connection:
        row = connection.execute(select(DUE_NODES).where(*where)).one()
    return row.due, bool(row.flags & PROVISIONAL)


async def test_where_nothing_is_left_nothing_is_done(store: Store) -> None:
    fill(store, with_events=True)
    await CatchingUp(store.engine, law_of(store)).run()
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
    await CatchingUp(store.engine, law_of(store)).run()
    assert differences(store, law) == []
    assert miscounted(store) == []
    with store.engine.connect() as connection:
        assert connection.execute(select(LAWS.c.recomputed_to)).scalars().all() == [ALL_CASES] * 2


@pytest.mark.usefixtures("unlearnt")
async def test_a_year_that_has_become_known_moves_what_was_provisional(store: Store) -> None:
    begun = (event("application_received", FILED - 1), event("filing", FILED))
    work = Register(OURS, registration(1, *begun))
    assert store.do(work, now_ns=NOW_OF_YEAR_NS)[0].error is None
    # 2 October is off in every year, and a Thursday; the 3rd is off too, then comes a weekend.
    assert closing_due(store) == (20871006, True)
    fixed = {YEAR * 10_000 + month * 100 + day for month, day in calendar.FIXED_HOLIDAYS}
    calendar.learn(YEAR, frozenset(fixed | {20871006}), frozenset())
    _forget()
    await CatchingUp(store.engine, law_of(store)).run()
    assert closing_due(store) == (20871007, False)
    assert differences(store, laws.load(law_texts())) == []
    assert miscounted(store) == []
    assert law_count(store) == 2
    # And not again.
    await CatchingUp(store.engine, law_of(store)).run()
    assert law_count(store) == 2


@pytest.mark.usefixtures("unlearnt")
async def test_a_year_that_is_learnt_after_a_later_one_moves_what_was_provisional_too(store: Store) -> None:
    begun = (event("application_received", FILED - 1), event("filing", FILED))
    work = Register(OURS, registration(1, *begun))
    calendar.learn(YEAR + 1, frozenset(), frozenset())
    _forget()
    await CatchingUp(store.engine, law_of(store)).run()
    assert store.do(work, now_ns=NOW_OF_YEAR_NS)[0].error is None
    assert closing_due(store) == (20871006, True)
    fixed = {YEAR * 10_000 + month * 100 + day for month, day in calendar.FIXED_HOLIDAYS}
    calendar.learn(YEAR, frozenset(fixed | {20871006}), frozenset())
    _forget()
    await CatchingUp(store.engine, law_of(store)).run()
    assert closing_due(store) == (20871007, False)
