"""Durable: what was kept is taken up in the order of appending, each exactly once."""

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from gateway.edge.durable import Durable
from gateway.edge.errors import JournalError
from gateway.edge.journal_schema import ANSWER, Frame
from gateway.edge.pump_counts import PumpCounts
from tests.gateway.edge.slow_journal import SlowJournal
from tests.patience import DEADLINE_S

if TYPE_CHECKING:
    from gateway.edge.journal import Journal


class Witness:
    """Writes down what was called."""

    def __init__(self) -> None:
        self.journal = SlowJournal()
        self.counts = PumpCounts()
        self.seen: list[tuple[str, object]] = []
        self.moves = 0
        self.errors: list[BaseException] = []
        self.durable = Durable(cast("Journal", self.journal), self.counts, self._moved, self.errors.append)

    def _moved(self) -> None:
        self.moves += 1

    def append(self, name: str) -> None:
        self.durable.append(
            Frame(ANSWER, name.encode(), 0),
            lambda seq: self.seen.append((name, seq)),
            lambda _error: self.seen.append((name, "lost")),
        )


async def turns() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_frames_decided_out_of_order_are_taken_up_in_order() -> None:
    witness = Witness()
    for name in "abc":
        witness.append(name)
    witness.journal.keep(2)
    witness.journal.lose(1)
    await turns()
    assert witness.seen == []
    assert witness.durable.unwritten_bytes == 3
    witness.journal.keep(0)
    await turns()
    assert witness.seen == [("a", 2), ("b", "lost"), ("c", 1)]
    assert witness.durable.unwritten_bytes == 0
    assert witness.durable.is_empty
    assert witness.counts.frames_lost == 1
    assert witness.counts.journal_us.count == 2


async def test_a_mark_is_reached_after_all_that_came_before_it() -> None:
    witness = Witness()
    witness.append("a")
    witness.durable.mark(lambda _seq: witness.seen.append(("mark", 0)), lambda _error: None)
    witness.journal.keep(1)
    await turns()
    assert witness.seen == []
    witness.journal.keep(0)
    await turns()
    assert [name for name, _ in witness.seen] == ["a", "mark"]


async def test_a_frame_that_the_journal_will_not_take_is_lost_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    witness = Witness()

    def full(_frame: Frame) -> asyncio.Future[int]:
        raise JournalError("full")

    monkeypatch.setattr(witness.journal, "append", full)
    witness.append("a")
    assert witness.seen == [("a", "lost")]
    assert witness.durable.is_empty


async def test_an_error_that_is_not_the_journals_is_reported_as_our_own() -> None:
    witness = Witness()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    witness.append("a")
    witness.journal.waiting[0][1].set_exception(LookupError("a bug"))
    await turns()
    assert [type(error) for error in witness.errors] == [LookupError]


async def test_empty_returns_when_nothing_waits_any_more() -> None:
    witness = Witness()
    witness.append("a")
    witness.append("b")
    waiting = asyncio.create_task(witness.durable.empty())
    await turns()
    witness.journal.keep()
    await turns()
    assert not waiting.done()
    witness.journal.keep()
    async with asyncio.timeout(DEADLINE_S):
        await waiting
    assert witness.moves == 2
