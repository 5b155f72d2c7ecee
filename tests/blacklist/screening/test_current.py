"""Keeping up with a store: swapped whole, and as it was when anything fails."""

import asyncio
from collections.abc import Iterable

import pytest

from blacklist.screening import current as keeping
from blacklist.screening._snapshot import Binding, Snapshot
from blacklist.screening.current import Changes, Current
from blacklist.screening.rows import Row
from tests.blacklist.screening.model import HASHER, PLAIN, TODAY, request, response, row, subject
from tests.patience import DEADLINE_S


class Store:
    """A log of changes; the list began with person 0. The clock moves a second with every call."""

    def __init__(self) -> None:
        self.log: list[tuple[bool, Row]] = []
        self.is_broken = False
        self.now_s = 100

    def now_ns(self) -> int:
        return self.now_s * 10**9

    def entries(self) -> tuple[int, Iterable[Row]]:
        self._work()
        return 0, [row()]

    def changes(self, after: int, count_max: int) -> Changes:
        self._work()
        some = self.log[after : after + count_max]
        return Changes(after + len(some), some)

    def _work(self) -> None:
        self.now_s += 1
        if self.is_broken:
            raise OSError("the database is gone")


def found(current: Current) -> list[int]:
    """Which of the first three people are on the list."""
    assert current.snapshot is not None
    asked = request([subject(person) for person in range(3)])
    answer, _ = current.snapshot.screen(asked, Binding(PLAIN), TODAY, current.as_of_ns)
    return [one.index for one in response(answer).findings]


async def loaded(store: Store) -> Current:
    current = Current(store, HASHER, store.now_ns)
    await current.load()
    return current


async def test_loaded_list_is_as_old_as_the_moment_before_it_was_read() -> None:
    store = Store()
    current = await loaded(store)
    assert found(current) == [0]
    assert current.as_of_ns == 100 * 10**9
    assert current.age_s() == 1.0


async def test_changes_are_taken_in_their_order() -> None:
    store = Store()
    current = await loaded(store)
    store.log = [(True, row(1)), (False, row(0)), (True, row(2)), (False, row(1))]
    assert await current.refresh()
    assert found(current) == [2]
    assert current.snapshot is not None
    assert current.snapshot.version == 4


async def test_refresh_with_nothing_new_makes_the_list_fresher() -> None:
    store = Store()
    current = await loaded(store)
    before = current.snapshot
    store.now_s = 500
    assert await current.refresh()
    assert current.snapshot is before
    assert current.as_of_ns == 500 * 10**9


async def test_refresh_that_fails_leaves_the_list_and_its_age() -> None:
    store = Store()
    current = await loaded(store)
    before, as_of_ns = current.snapshot, current.as_of_ns
    store.log, store.is_broken = [(True, row(1))], True
    assert not await current.refresh()
    assert (current.snapshot, current.as_of_ns, current.failure_count) == (before, as_of_ns, 1)
    store.is_broken = False
    assert await current.refresh()
    assert found(current) == [0, 1]


async def test_change_that_cannot_be_read_leaves_the_list() -> None:
    store = Store()
    current = await loaded(store)
    store.log = [(True, row(1)), (True, row(2, kinds=99))]
    assert not await current.refresh()
    assert found(current) == [0]


async def test_many_changes_are_taken_in_pieces_and_the_list_is_only_then_fresh(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Store()
    current = await loaded(store)
    monkeypatch.setattr(keeping, "CHANGES_MAX", 2)
    store.log = [(True, row(1)), (False, row(1)), (True, row(1)), (True, row(2)), (False, row(0))]
    swapped: list[int] = []
    swap = current._swap

    def swap_and_tell(snapshot: Snapshot, as_of_ns: int) -> None:
        swapped.append(as_of_ns)
        swap(snapshot, as_of_ns)

    monkeypatch.setattr(current, "_swap", swap_and_tell)
    assert await current.refresh()
    assert found(current) == [1, 2]
    assert swapped[:2] == [100 * 10**9] * 2
    assert swapped[2] > 100 * 10**9


async def test_large_overlay_is_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    current = await loaded(store)
    monkeypatch.setattr(keeping, "OVERLAY_MAX", 3)
    store.log = [(True, row(1)), (True, row(2))]
    assert await current.refresh()
    assert current.snapshot is not None
    assert (current.snapshot.changed_count, found(current)) == (0, [0, 1, 2])
    assert current.snapshot.version == 2


async def test_list_that_cannot_be_loaded_says_why() -> None:
    store = Store()
    store.is_broken = True
    with pytest.raises(OSError, match="gone"):
        await loaded(store)


async def test_refresh_before_the_first_list_fails() -> None:
    store = Store()
    assert not await Current(store, HASHER, store.now_ns).refresh()


async def test_entries_of_nobody_are_said() -> None:
    class WithNobody(Store):
        def entries(self) -> tuple[int, Iterable[Row]]:
            return 0, [row(), (1, b"1", "x", 77, 1, 0, 0, None)]

    current = await loaded(WithNobody())
    assert current.refused == (77,)


async def test_following_goes_on_until_it_is_stopped() -> None:
    class Followed(Store):
        """Stops whoever asks a third time."""

        def changes(self, after: int, count_max: int) -> Changes:
            if self.now_s == 103:
                loop.call_soon_threadsafe(stop.set)
            return super().changes(after, count_max)

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    store = Followed()
    current = await loaded(store)
    store.log = [(True, row(1))]
    async with asyncio.timeout(DEADLINE_S):
        await current.follow(0.001, stop)
    assert found(current) == [0, 1]
    assert store.now_s >= 104
