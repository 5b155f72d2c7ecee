"""Acting: one unit that follows the list by cursor, carries out what changes, and says so.

It keeps the listings it was told of, as a unit's own systems would. It judges nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final, Self

from grpc import aio

from benchmarks.court import Court
from benchmarks.subjects import subject
from chakong.blacklist.v1.changes_pb2 import (
    CHANGE_KIND_ADDED,
    AcknowledgeRequest,
    FollowRequest,
    FollowResponse,
)
from chakong.blacklist.v1.changes_pb2_grpc import ChangesStub
from chakong.blacklist.v1.screening_pb2 import ScreenRequest
from chakong.blacklist.v1.screening_pb2_grpc import ScreeningStub

CALL_S_MAX: Final = 60.0


class Unit:
    """By its key; use as an async context. `listings`: what is on its list now."""

    def __init__(self, key: str, client: Court) -> None:
        self.key = key
        self.cursor = 0
        self.listings: set[int] = set()
        self._client = client

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    @property
    def channel(self) -> aio.Channel:
        """For calls that have no method here."""
        return self._client.channel

    async def catch_up(self) -> None:
        """Take all changes since the cursor, and acknowledge them. grpc.RpcError."""
        stub = ChangesStub(self.channel)
        call = stub.Follow(FollowRequest(after_cursor=self.cursor), timeout=CALL_S_MAX)
        try:
            async for response in call:
                self._take(response)
                if response.complete:
                    break
        finally:
            call.cancel()
        await stub.Acknowledge(AcknowledgeRequest(cursor=self.cursor), timeout=CALL_S_MAX)

    def _take(self, response: FollowResponse) -> None:
        for change in response.changes:
            if change.kind == CHANGE_KIND_ADDED:
                self.listings.add(change.listing_id)
            else:
                self.listings.discard(change.listing_id)
        self.cursor = response.cursor

    async def versions(self, every_s: float) -> AsyncIterator[int]:
        """Of the list that is screened, without end. grpc.RpcError."""
        stub = ScreeningStub(self.channel)
        while True:
            screened = await stub.Screen(ScreenRequest(subject=subject(0)), timeout=CALL_S_MAX)
            yield screened.version
            await asyncio.sleep(every_s)
