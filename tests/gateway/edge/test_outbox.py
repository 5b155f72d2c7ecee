"""Outbox: answers leave once, in order, and only when they are durable."""

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from gateway.edge import outbox as module
from gateway.edge.durable import Durable
from gateway.edge.outbox import Outbox
from gateway.edge.pump_counts import PumpCounts
from tests.gateway.edge.house import COURT
from tests.gateway.edge.slow_journal import SlowJournal
from tests.model.face import Answers as ModelAnswers
from tests.patience import DEADLINE_S

if TYPE_CHECKING:
    from gateway._core import Answers
    from gateway.edge.journal import Journal


class Post:
    """An outbox and the answers of an Engine that the test fills."""

    def __init__(self) -> None:
        self.journal = SlowJournal()
        counts = PumpCounts()
        durable = Durable(cast("Journal", self.journal), counts, self.tick, self._broke)
        self.outbox = Outbox(durable, counts, self._publish, self.tick)
        self.ready: list[Answers] = []
        self.published: list[bytes] = []

    def add(self, *messages: bytes) -> None:
        self.ready += [cast("Answers", ModelAnswers(COURT, message, 1, b"")) for message in messages]

    def tick(self) -> None:
        self.outbox.tick(self._take, 0)

    def _take(self, _now_ns: int) -> "list[Answers]":
        taken, self.ready = self.ready, []
        return taken

    def _publish(self, _seq: int, answers: "Answers") -> None:
        self.published.append(answers.message)

    def _broke(self, error: BaseException) -> None:
        raise error

    async def until_waiting(self, count: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while len(self.journal.waiting) != count:  # noqa: ASYNC110 - the loop's own turns
                await asyncio.sleep(0)


async def test_a_group_is_no_larger_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GROUP_BYTES", 4)
    post = Post()
    post.add(b"aaa", b"bbb", b"ccc")
    post.tick()
    assert len(post.journal.waiting) == 2
    post.journal.keep()
    post.journal.keep()
    await post.until_waiting(1)
    post.journal.keep()
    await post.until_waiting(0)
    await asyncio.sleep(0)
    assert post.published == [b"aaa", b"bbb", b"ccc"]
    assert post.outbox.is_empty


async def test_lost_answers_go_before_those_that_came_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REST_S", 0.001)
    post = Post()
    post.add(b"a", b"b")
    post.tick()
    post.add(b"c")
    post.journal.lose()
    post.journal.lose()
    await asyncio.sleep(0)
    assert not post.outbox.is_empty
    await post.until_waiting(2)
    post.journal.keep()
    post.journal.keep()
    await post.until_waiting(1)
    post.journal.keep()
    await asyncio.sleep(0)
    assert post.published == [b"a", b"b", b"c"]


async def test_only_what_was_lost_of_a_group_is_appended_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REST_S", 0.001)
    post = Post()
    post.add(b"a", b"b")
    post.tick()
    post.journal.keep()
    post.journal.lose()
    await post.until_waiting(1)
    post.journal.keep()
    await asyncio.sleep(0)
    assert post.published == [b"a", b"b"]
