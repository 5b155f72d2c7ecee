"""Tracker: the events of a court's cases, as the tracker's public gRPC API tells them to the blacklist.

One channel, with the blacklist's own certificate; each call says for which court it is. Of an event only what
concerns the list is read: names and numbers of persons are in none. It decides nothing and repeats nothing.
"""

from typing import TYPE_CHECKING, Final

from grpc import aio

from blacklist.rules.proposing import CORRECTED, KINDS, CaseEvent
from chakong.tracker.v1.case_pb2 import Event
from chakong.tracker.v1.tracker_pb2 import WatchEventsRequest, WatchEventsResponse
from chakong.tracker.v1.tracker_pb2_grpc import TrackerStub
from runtime import cases
from runtime.channel import court_metadata, service_channel
from runtime.identity import Identity, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runtime.settings_follow import FollowTracker

IDENTITY: Final = Identity(Role.SERVICE, "", "blacklist")

EventsCall = aio.UnaryStreamCall[WatchEventsRequest, WatchEventsResponse]


class Tracker:
    """The call; `close` ends it. grpc.RpcError when it fails or is refused."""

    def __init__(self, settings: "FollowTracker") -> None:
        self._plaintext = settings.plaintext
        self._channel = service_channel(settings)
        self._tracker = TrackerStub(self._channel)

    async def close(self) -> None:
        """End every call."""
        await self._channel.close(None)

    def watch_events(self, court: str, cursor: int) -> EventsCall:
        """Events of the court after the cursor. No deadline: nothing may happen for days."""
        metadata = court_metadata(IDENTITY, court, plaintext=self._plaintext)
        return self._tracker.WatchEvents(WatchEventsRequest(cursor=cursor), metadata=metadata)


def concerning(events: "Iterable[Event]") -> list[CaseEvent]:
    """Those that concern the list."""
    return [_read(event) for event in events if _concerns(event)]


def _concerns(event: Event) -> bool:
    return event.kind in KINDS


def _read(event: Event) -> CaseEvent:
    right = event.correction
    is_move = event.kind == CORRECTED and not right.is_void
    detail = right.detail if is_move else event.detail
    return CaseEvent(
        case_number=cases.normal(event.case_number),
        event_id=event.event_id,
        kind=event.kind,
        happened=right.effective if is_move else event.effective,
        manner=detail.manner,
        reason=detail.reason,
        period=detail.period,
        voids=right.event_id if right.is_void else "",
        moves=right.event_id if is_move else "",
    )
