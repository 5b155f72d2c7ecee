"""Client: follows the list for a unit: takes what comes, and acknowledges it once it is taken.

Over a channel of the caller's, with the unit's certificate. Where changes go that are kept, it goes on after
the last of them, whatever another program of the unit has acknowledged: so nothing is acknowledged that is
not there. Else it goes on from what the unit has acknowledged, and what the unit had left out is given again
first. A break anywhere leads to some changes being given twice and none being missed.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import grpc

from chakong.blacklist.v1 import changes_pb2, changes_pb2_grpc

CALL_S_MAX: Final = 60.0
Metadata = tuple[tuple[str, str], ...]
# Returns once the changes are safe; what it raises ends the following, and they are not acknowledged.
Take = Callable[[Sequence[changes_pb2.Change]], None]


class Kept(Protocol):
    """Changes that were taken before, up to and with `cursor`."""

    cursor: int

    def holds(self, cursors: Collection[int]) -> set[int]:
        """Which of these are among them."""


@dataclass(slots=True)
class Follower:
    """Of one unit. Raises grpc.RpcError, and what `take` raises. `left_count`: changes that stay left out,
    because they are not among those kept and come no more."""

    channel: grpc.Channel
    metadata: Metadata
    take: Take
    kept: Kept | None = None
    is_acknowledging: bool = True
    taken_count: int = 0
    left_count: int = 0
    cursor: int = 0

    def follow(self, *, is_once: bool) -> None:
        """Until the service ends it; once: until there is nothing new."""
        stub: Any = changes_pb2_grpc.ChangesStub(self.channel)
        before = self._exceptions(stub)
        left = self._left(stub, before)
        self.left_count = len(left)
        is_settling = len(left) < len(before)
        after = None if self.kept is None else self.kept.cursor
        call = stub.Follow(changes_pb2.FollowRequest(after_cursor=after), metadata=self.metadata)
        try:
            for response in call:
                self._give(response.changes)
                is_further = response.cursor > self.cursor
                if self.is_acknowledging and (is_further or (is_settling and response.cursor == self.cursor)):
                    self._acknowledge(stub, response.cursor, left)
                    is_settling = False
                self.cursor = max(self.cursor, response.cursor)
                if is_once and response.complete:
                    return
        finally:
            call.cancel()

    def _give(self, changes: Sequence[changes_pb2.Change]) -> None:
        if changes:
            self.take(changes)
            self.taken_count += len(changes)

    def _exceptions(self, stub: Any) -> dict[int, int]:
        """What the unit has named as exceptions, and why."""
        request = changes_pb2.ListAcknowledgementsRequest()
        response = stub.ListAcknowledgements(request, metadata=self.metadata, timeout=CALL_S_MAX)
        (own,) = response.acknowledgements
        self.cursor = own.cursor
        return {one.cursor: one.failure for one in own.exceptions}

    def _left(self, stub: Any, exceptions: Mapping[int, int]) -> dict[int, int]:
        """Those that stay left out."""
        if self.kept is None:
            self._give(list(self._changes(stub, sorted(exceptions))))
            return {}
        # What is after the last one kept comes with the others.
        past = {one for one in exceptions if one <= self.kept.cursor}
        held = self.kept.holds(past) if past else set()
        return {one: exceptions[one] for one in sorted(past - held)}

    def _changes(self, stub: Any, cursors: Sequence[int]) -> Iterator[changes_pb2.Change]:
        for cursor in cursors:
            request = changes_pb2.ListChangesRequest(after_cursor=cursor - 1, page_size=1)
            yield from stub.ListChanges(request, metadata=self.metadata, timeout=CALL_S_MAX).changes

    def _acknowledge(self, stub: Any, cursor: int, left: Mapping[int, int]) -> None:
        exceptions = [
            changes_pb2.FailedChange(cursor=one, failure=failure)  # type: ignore[arg-type]
            for one, failure in left.items()
        ]
        request = changes_pb2.AcknowledgeRequest(cursor=cursor, exceptions=exceptions)
        stub.Acknowledge(request, metadata=self.metadata, timeout=CALL_S_MAX)
