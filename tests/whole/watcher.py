"""Watcher: a court that watches all its answers, reconnects at its cursor, and checks what may follow what.

A cursor never goes back, a revision always rises, an inquiry has one FINAL answer, a coverage adds up.
What an answer says of the institutions is for the tests to judge.
"""

import asyncio
from collections.abc import Collection
from types import TracebackType
from typing import Any, Self

import grpc

from chakong.gateway.v1 import gateway_pb2 as gateway

WAIT_S = 120.0
RETRY_S = 0.05
PARTS = ("open", "found", "none", "ambiguous", "refused", "incapable", "late", "unreachable", "cancelled")


class Watcher:
    """Use as an async context: it watches from the beginning until the end of the context."""

    def __init__(self, stub: Any, metadata: Any = None) -> None:
        self.stub = stub
        self.cursor = 0
        self.answers: dict[int, list[gateway.Answer]] = {}
        self._metadata = metadata
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._is_over = False
        self._may_repeat = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._is_over = True
            is_broken = self._task.done()
            self._task.cancel()
            (ended,) = await asyncio.gather(self._task, return_exceptions=True)
            if is_broken and isinstance(ended, BaseException) and error is None:
                raise ended

    async def finals(self, ids: Collection[int], wait_s: float = WAIT_S) -> dict[int, gateway.Answer]:
        """The FINAL answers of these inquiries; AssertionError names those that never came."""
        try:
            async with asyncio.timeout(wait_s), self._news:
                await self._news.wait_for(
                    lambda: all(self.final(number) for number in ids) or self._has_ended()
                )
        except TimeoutError:
            missing = [number for number in ids if self.final(number) is None]
            raise AssertionError(f"no final answer of {len(missing)}: {missing[:10]}") from None
        if self._has_ended() and self._task is not None:
            await self._task
        return {number: one for number in ids if (one := self.final(number)) is not None}

    def final(self, number: int) -> gateway.Answer | None:
        """The FINAL answer of an inquiry, if it has come."""
        came = self.answers.get(number, [])
        return next((answer for answer in reversed(came) if answer.stage == gateway.STAGE_FINAL), None)

    def _has_ended(self) -> bool:
        return self._task is not None and self._task.done()

    async def _watch(self) -> None:
        try:
            while not self._is_over:
                await self._read()
                await asyncio.sleep(RETRY_S)
        finally:
            async with self._news:
                self._news.notify_all()

    async def _read(self) -> None:
        # The parts of a frame that was not seen to its end come again, and nothing else does.
        self._may_repeat = True
        call = self.stub.Watch(gateway.WatchRequest(cursor=self.cursor), metadata=self._metadata)
        try:
            async for response in call:
                async with self._news:
                    self._take(response)
                    self._news.notify_all()
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise

    def _take(self, response: gateway.WatchResponse) -> None:
        # The parts of a large frame but the last have the cursor before it.
        assert response.cursor >= self.cursor, "a cursor that goes back"
        self.cursor = response.cursor
        for answer in response.answers:
            came = self.answers.setdefault(answer.inquiry_id, [])
            if answer in came:
                assert self._may_repeat, f"inquiry {answer.inquiry_id}: told twice"
                continue
            self._may_repeat = False
            check_next(came[-1] if came else None, answer)
            came.append(answer)


def check_next(last: gateway.Answer | None, answer: gateway.Answer) -> None:
    """AssertionError when this answer may not follow that one."""
    number = answer.inquiry_id
    parts = sum(getattr(answer.coverage, part) for part in PARTS)
    assert answer.coverage.total == parts, f"inquiry {number}: coverage does not add up"
    assert bool(answer.coverage.open) == (answer.stage == gateway.STAGE_PARTIAL), number
    is_after_final = last is not None and last.stage != gateway.STAGE_PARTIAL
    assert (answer.stage == gateway.STAGE_LATE) == is_after_final, f"inquiry {number}: stages out of order"
    if last is not None:
        assert answer.revision > last.revision, f"inquiry {number}: revision goes back"
        assert answer.order_id == last.order_id
