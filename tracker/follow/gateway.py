"""Gateway: the public gRPC API of the gateway, as the tracker calls it for a court.

One channel, with the tracker's own certificate; each call says for which court it is. It decides nothing and
repeats nothing.
"""

from typing import TYPE_CHECKING, Final

from grpc import aio

from chakong.gateway.v1.controls_pb2 import WatchHoldsRequest, WatchHoldsResponse
from chakong.gateway.v1.controls_pb2_grpc import ControlsStub
from chakong.gateway.v1.gateway_pb2 import (
    GetInquiryRequest,
    Inquiry,
    InquiryView,
    Receipt,
    SubmitRequest,
    WatchRequest,
    WatchResponse,
)
from chakong.gateway.v1.gateway_pb2_grpc import GatewayStub
from runtime.channel import Metadata, court_metadata, service_channel
from runtime.identity import Identity, Role

if TYPE_CHECKING:
    from runtime.settings_follow import Follow

CALL_S_MAX: Final = 30.0
IDENTITY: Final = Identity(Role.SERVICE, "", "tracker")

AnswersCall = aio.UnaryStreamCall[WatchRequest, WatchResponse]
HoldsCall = aio.UnaryStreamCall[WatchHoldsRequest, WatchHoldsResponse]


class Gateway:
    """The calls; `close` ends them. grpc.RpcError from each, when it fails or is refused."""

    def __init__(self, settings: "Follow") -> None:
        self._plaintext = settings.plaintext
        self._channel = service_channel(settings)
        self._gateway = GatewayStub(self._channel)
        self._controls = ControlsStub(self._channel)

    async def close(self) -> None:
        """End every call."""
        await self._channel.close(None)

    def watch_answers(self, court: str, cursor: int) -> AnswersCall:
        """Answers of the court after the cursor. No deadline: nothing may happen for days."""
        request = WatchRequest(cursor=cursor)
        return self._gateway.Watch(request, metadata=self._metadata(court))

    def watch_holds(self, court: str, cursor: int) -> HoldsCall:
        """Changes of the court's holds after the cursor, likewise."""
        request = WatchHoldsRequest(cursor=cursor)
        return self._controls.WatchHolds(request, metadata=self._metadata(court))

    async def inquiry(self, court: str, inquiry_id: int) -> InquiryView:
        """What an inquiry asked."""
        request = GetInquiryRequest(inquiry_id=inquiry_id)
        return await self._gateway.GetInquiry(request, metadata=self._metadata(court), timeout=CALL_S_MAX)

    async def submit(self, inquiry: Inquiry) -> Receipt:
        """Order an inquiry for its court; the same again gets the first receipt."""
        request = SubmitRequest(inquiry=inquiry)
        metadata = self._metadata(inquiry.court_code)
        return await self._gateway.Submit(request, metadata=metadata, timeout=CALL_S_MAX)

    def _metadata(self, court: str) -> Metadata:
        return court_metadata(IDENTITY, court, plaintext=self._plaintext)
