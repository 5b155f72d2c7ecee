"""Client: follows the list for a unit: takes what comes, and acknowledges it once it is taken.

Over a channel of the caller's, with the unit's certificate. It goes on from what the unit has
acknowledged, so a break anywhere leads to some changes being given twice and none being missed. What the
unit had left out is given again first.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc

from chakong.blacklist.v1 import changes_pb2, changes_pb2_grpc

CALL_S_MAX: Final = 60.0
Metadata = tuple[tuple[str, str], ...]
# Returns once the changes are safe; what it raises ends the following, and they are not acknowledged.
Take = Callable[[Sequence[changes_pb2.Change]], None]


@dataclass(slots=True)
class Follower:
    """Of one unit. Raises grpc.RpcError, and what `take` raises."""

    channel: grpc.Channel
    metadata: Metadata
    take: Take
    is_acknowledging: bool = True
    taken_count: int = 0
    cursor: int = 0

    def follow(self, *, is_once: bool) -> None:
        """Until the service ends it; once: until there is nothing new."""
        stub: Any = changes_pb2_grpc.ChangesStub(self.channel)
        left = self._left_out(stub)
        if left:
            self._give(left)
        call = stub.Follow(changes_pb2.FollowRequest(), metadata=self.metadata)
        try:
            for response in call:
                self._give(response.changes)
                if self.is_acknowledging and (left or response.cursor > self.cursor):
                    self._acknowledge(stub, response.cursor)
                    left = []
                self.cursor = response.cursor
                if is_once and response.complete:
                    return
        finally:
            call.cancel()

    def _give(self, changes: Sequence[changes_pb2.Change]) -> None:
        if changes:
            self.take(changes)
            self.taken_count += len(changes)

    def _left_out(self, stub: Any) -> list[changes_pb2.Change]:
        """Changes that the unit named as exceptions, as they were."""
        request = changes_pb2.ListAcknowledgementsRequest()
        response = stub.ListAcknowledgements(request, metadata=self.metadata, timeout=CALL_S_MAX)
        (own,) = response.acknowledgements
        self.cursor = own.cursor
        return list(self._changes(stub, [one.cursor for one in own.exceptions]))

    def _changes(self, stub: Any, cursors: Sequence[int]) -> Iterator[changes_pb2.Change]:
        for cursor in cursors:
            request = changes_pb2.ListChangesRequest(after_cursor=cursor - 1, page_size=1)
            yield from stub.ListChanges(request, metadata=self.metadata, timeout=CALL_S_MAX).changes

    def _acknowledge(self, stub: Any, cursor: int) -> None:
        request = changes_pb2.AcknowledgeRequest(cursor=cursor)
        stub.Acknowledge(request, metadata=self.metadata, timeout=CALL_S_MAX)
