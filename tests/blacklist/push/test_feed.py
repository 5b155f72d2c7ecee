"""One reading for all who want the same page, and nothing kept after it."""

import asyncio
from typing import NoReturn

import pytest
from sqlalchemy.exc import OperationalError

from blacklist.push import feed
from blacklist.push.feed import Feed
from runtime.errors import UnavailableError
from tests.blacklist.house import until
from tests.blacklist.push.changes import Kept


async def test_page_says_whether_there_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PAGE_CHANGES", 3)
    pages = [await Feed(Kept(5).since).page(after) for after in (0, 2, 3, 5)]
    assert [(len(one.changes), one.cursor, one.is_complete) for one in pages] == [
        (3, 3, False),
        (3, 5, True),
        (2, 5, True),
        (0, 5, True),
    ]


async def test_those_who_want_the_same_page_read_it_once() -> None:
    kept = Kept(3)
    kept.gate.clear()
    found = Feed(kept.since)
    readers = [asyncio.create_task(found.page(1)) for _ in range(40)]
    other = asyncio.create_task(found.page(2))
    await until(lambda: len(kept.reads) == 2)
    kept.gate.set()
    assert {one.cursor for one in await asyncio.gather(*readers, other)} == {3}
    assert (sorted(kept.reads), found.read_count) == ([1, 2], 2)
    await found.page(1)
    assert found.read_count == 3


async def test_reader_that_goes_away_takes_the_page_from_nobody() -> None:
    kept = Kept(3)
    kept.gate.clear()
    found = Feed(kept.since)
    first, second = asyncio.create_task(found.page(0)), asyncio.create_task(found.page(0))
    await until(lambda: len(kept.reads) == 1)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    kept.gate.set()
    assert (await second).cursor == 3


async def test_database_that_cannot_be_read_is_told_to_all() -> None:
    def fail(_after: int, _count_max: int) -> NoReturn:
        raise OperationalError("SELECT", {}, Exception("gone"))

    found = Feed(fail)
    ended = await asyncio.gather(found.page(0), found.page(0), return_exceptions=True)
    assert [type(one) for one in ended] == [UnavailableError] * 2
    assert "gone" not in str(ended[0])
