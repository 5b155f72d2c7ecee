"""Gateway: the public gRPC API of the gateway, as the tracker calls it for a court.

One channel, with the tracker's own certificate; each call says for which court it is. It decides nothing and
repeats nothing.
"""

from typing import TYPE_CHECKING, Final

import grpc
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
from runtime.identity import PLAINTEXT_METADATA_KEY, Identity, Role, for_court

if TYPE_CHECKING:
    from runtime.settings import Follow

# An answer with 256 records of each of 3,916 institutions would be far larger; none is in practice.
MESSAGE_BYTES_MAX: Final = 64 << 20
CALL_S_MAX: Final = 30.0
KEEPALIVE_MS: Final = 60_000
IDENTITY: Final = Identity(Role.SERVICE, "", "tracker")

Metadata = tuple[tuple[str, str], ...]
AnswersCall = aio.UnaryStreamCall[WatchRequest, WatchResponse]
HoldsCall = aio.UnaryStreamCall[WatchHoldsRequest, WatchHoldsResponse]


class Gateway:
    """The calls; `close` ends them. grpc.RpcError from each, when it fails or is refused."""

    def __init__(self, settings: "Follow") -> None:
        self._plaintext = settings.plaintext
        self._channel = _channel(settings)
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
        if self._plaintext:
            return (for_court(court), (PLAINTEXT_METADATA_KEY, IDENTITY.uri))
        return (for_court(court),)


def _channel(settings: "Follow") -> aio.Channel:
    options: list[tuple[str, str | int]] = [
        ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.initial_reconnect_backoff_ms", settings.backoff_base_ms),
        ("grpc.max_reconnect_backoff_ms", settings.backoff_max_ms),
        # Whoever else this process calls there has connections of its own.
        ("grpc.use_local_subchannel_pool", 1),
    ]
    if settings.plaintext:
        return aio.insecure_channel(settings.address, options=options)
    if settings.ca is None or settings.key is None or settings.cert is None:
        raise AssertionError("follow: settings without certificates were let through")
    if settings.server_name:
        options.append(("grpc.ssl_target_name_override", settings.server_name))
    credentials = grpc.ssl_channel_credentials(
        settings.ca.read_bytes(), settings.key.read_bytes(), settings.cert.read_bytes()
    )
    return aio.secure_channel(settings.address, credentials, options=options)
