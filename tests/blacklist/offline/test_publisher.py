"""What a service hands out: a set and the key that fits it, a delta, or why not."""

import asyncio
from collections.abc import Iterable

import pytest

from blacklist.offline import publisher as publishing
from blacklist.offline.client import OfflineOutcome, OfflineSet
from blacklist.offline.errors import ForeignError
from blacklist.offline.keys import SetKey
from blacklist.offline.publisher import Publisher, Sources
from blacklist.screening.current import Changes, Current
from blacklist.screening.rows import Row
from runtime.errors import FullError, InvalidError, RuleError, UnavailableError
from tests.blacklist.offline.sets import AS_OF_NS, GOOD_FOR_S, HASHER, MAKER, PUBLIC_KEY, asked
from tests.blacklist.screening.model import RAILWAY, row


class Store:
    """Person 0 is listed, and later is off again."""

    def __init__(self) -> None:
        self.log: list[tuple[bool, Row]] = [(True, row())]

    def entries(self) -> tuple[int, Iterable[Row]]:
        return 1, [row()]

    def changes(self, after: int, count_max: int) -> Changes:
        return Changes(len(self.log), self.log[after:][:count_max])


def publisher(store: Store) -> tuple[Publisher, Current]:
    current = Current(store, HASHER, lambda: AS_OF_NS)
    ids = iter(f"snapshot {number:07}".encode() for number in range(100))
    sources = Sources(current, store, lambda _unit, _day: RAILWAY, lambda: AS_OF_NS, lambda _size: next(ids))
    return Publisher(MAKER, sources, GOOD_FOR_S), current


def opened(made: Publisher, sealed: bytes, snapshot_id: bytes, unit: str = "railway") -> OfflineSet:
    key = SetKey.of_bytes(made.key(unit, snapshot_id))
    return OfflineSet.open(sealed, key, PUBLIC_KEY, unit="railway", now_ns=AS_OF_NS)


async def test_set_is_opened_with_its_own_key_and_no_other() -> None:
    made, current = publisher(Store())
    await current.load()
    first, second = await made.snapshot("railway"), await made.snapshot("railway")
    assert asked(opened(made, first, b"snapshot 0000000")).outcome is OfflineOutcome.CONFIRM_LISTED
    opened(made, second, b"snapshot 0000001")
    with pytest.raises(ForeignError):
        opened(made, second, b"snapshot 0000000")
    with pytest.raises(ForeignError):
        opened(made, first, b"snapshot 0000000", "mps")


async def test_delta_brings_a_set_up_to_the_list() -> None:
    store = Store()
    made, current = publisher(store)
    await current.load()
    offline = opened(made, await made.snapshot("railway"), b"snapshot 0000000")
    store.log.append((False, row()))
    await current.refresh()
    offline = offline.with_delta(await made.delta("railway", b"snapshot 0000000", 1), AS_OF_NS)
    assert (asked(offline).outcome, offline.freshness.version) == (OfflineOutcome.CLEAR, 2)


async def test_nothing_is_handed_out_before_the_list_is_loaded() -> None:
    made, _ = publisher(Store())
    with pytest.raises(UnavailableError):
        await made.snapshot("railway")
    with pytest.raises(UnavailableError):
        await made.delta("railway", b"snapshot 0000000", 0)


async def test_version_that_this_process_has_not_yet_is_asked_for_again() -> None:
    made, current = publisher(Store())
    await current.load()
    with pytest.raises(UnavailableError, match="2 given, the list is at 1"):
        await made.delta("railway", b"snapshot 0000000", 2)


async def test_too_many_changes_need_a_new_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    made, current = publisher(store)
    await current.load()
    monkeypatch.setattr(publishing, "CHANGES_MAX", 3)
    store.log += [(False, row())] * 3
    await current.refresh()
    await made.delta("railway", b"snapshot 0000000", 1)
    with pytest.raises(RuleError, match="more than 3 changes") as caught:
        await made.delta("railway", b"snapshot 0000000", 0)
    assert caught.value.rule == "NEW_SNAPSHOT_NEEDED"


async def test_more_who_wait_than_may_are_refused() -> None:
    made, current = publisher(Store())
    await current.load()
    calls = [made.snapshot("railway") for _ in range(publishing.WAITING_MAX + 2)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in results].count(FullError) == 2
    assert isinstance(await made.snapshot("railway"), bytes)


async def test_more_deltas_at_a_time_than_may_are_refused() -> None:
    made, current = publisher(Store())
    await current.load()
    calls = [made.delta("railway", b"snapshot 0000000", 1) for _ in range(publishing.DELTAS_AT_ONCE_MAX + 2)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in results].count(FullError) == 2
    assert isinstance(await made.delta("railway", b"snapshot 0000000", 1), bytes)


async def test_id_of_another_size_is_the_callers_fault() -> None:
    made, current = publisher(Store())
    await current.load()
    with pytest.raises(InvalidError, match="snapshot_id: must be 16 bytes, 3 given"):
        made.key("railway", b"abc")
    with pytest.raises(InvalidError):
        await made.delta("railway", b"abc", 0)
