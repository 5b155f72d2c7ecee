"""Court: a small client of chakong.gateway.v1, as one court would write it.

Orders leave in the sequence given: one message is unanswered at a time, and is sent again after the delay
that a refusal asks for. A watch that breaks is resumed at its cursor. It interprets no answer and retries
no refused inquiry.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc
from grpc import aio

from chakong.gateway.v1.gateway_pb2 import (
    ListSlowEndpointsRequest,
    ListSlowEndpointsResponse,
    SubmitBulkRequest,
    SubmitBulkResponse,
    WatchRequest,
    WatchResponse,
)
from chakong.gateway.v1.gateway_pb2_grpc import GatewayStub

# An answer with 256 records of each of 3,916 institutions would be far larger; none is in practice.
MESSAGE_BYTES_MAX = 64 << 20
ACKNOWLEDGE_S_MAX = 60.0
CALL_S_MAX = 30.0
# A gateway that is being restarted may be away for so long; after that a watch gives up.
AWAY_S_MAX = 60.0
RETRY_S = 0.2
TRANSIENT = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED})
RETRIED_CODES = frozenset({code.value[0] for code in TRANSIENT})


@dataclass(frozen=True, slots=True)
class Credentials:
    """Files of a client: its certificate and key, and the CA that signed the gateway's."""

    ca: Path
    certificate: Path
    key: Path

    def load(self) -> grpc.ChannelCredentials:
        """Read the files now."""
        return grpc.ssl_channel_credentials(
            root_certificates=self.ca.read_bytes(),
            private_key=self.key.read_bytes(),
            certificate_chain=self.certificate.read_bytes(),
        )


class RefusedMessageError(Exception):
    """The gateway refused a whole message for good; names code and message, no person."""


class Court:
    """One court's channel; use as an async context.

    `credentials` None: plaintext, for a loopback test only.
    """

    def __init__(self, address: str, credentials: Credentials | None) -> None:
        self._address = address
        self._credentials = credentials
        self._channel: aio.Channel | None = None

    async def __aenter__(self) -> Self:
        options = [
            ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
            # Courts in one process are still courts of their own: no shared connection.
            ("grpc.use_local_subchannel_pool", 1),
        ]
        if self._credentials is None:
            self._channel = aio.insecure_channel(self._address, options=options)
        else:
            self._channel = aio.secure_channel(self._address, self._credentials.load(), options=options)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._channel is not None:
            await self._channel.close(None)

    @property
    def channel(self) -> aio.Channel:
        """For calls that have no method here."""
        assert self._channel is not None, "Court is used as an async context"
        return self._channel

    async def submit_bulk(
        self, messages: Iterable[SubmitBulkRequest]
    ) -> AsyncIterator[tuple[SubmitBulkRequest, SubmitBulkResponse]]:
        """Each message with its acknowledgement, in order.

        RefusedMessageError; TimeoutError; grpc.RpcError.
        """
        call = GatewayStub(self.channel).SubmitBulk(None)
        try:
            for message in messages:
                yield message, await self._acknowledged(call, message)
            await call.done_writing()
        finally:
            call.cancel()

    async def watch(self, cursor: int = 0) -> AsyncIterator[WatchResponse]:
        """Answers of the court from `cursor` on, without end. grpc.RpcError when the gateway stays away."""
        away_since: float | None = None
        loop = asyncio.get_running_loop()
        while True:
            try:
                # No deadline: a watch may be silent for as long as no answer comes about.
                async for response in GatewayStub(self.channel).Watch(WatchRequest(cursor=cursor)):
                    away_since, cursor = None, response.cursor
                    yield response
            except grpc.RpcError as error:
                away_since = loop.time() if away_since is None else away_since
                if error.code() not in TRANSIENT or loop.time() - away_since > AWAY_S_MAX:
                    raise
            await asyncio.sleep(RETRY_S)

    async def slow_endpoints(self, count: int) -> ListSlowEndpointsResponse:
        """The league table, slowest first."""
        request = ListSlowEndpointsRequest(page_size=count)
        return await GatewayStub(self.channel).ListSlowEndpoints(request, timeout=CALL_S_MAX)

    async def _acknowledged(
        self,
        call: "aio.StreamStreamCall[SubmitBulkRequest, SubmitBulkResponse]",
        message: SubmitBulkRequest,
    ) -> SubmitBulkResponse:
        """Send one message until it is taken, or refused for good."""
        async with asyncio.timeout(ACKNOWLEDGE_S_MAX):
            while True:
                await call.write(message)
                response = await call.read()
                if not isinstance(response, SubmitBulkResponse):
                    raise RefusedMessageError(f"stream ended: {await call.code()} {await call.details()}")
                if not response.error.code:
                    return response
                if response.error.code not in RETRIED_CODES:
                    raise RefusedMessageError(f"{response.error.code}: {response.error.message}")
                await asyncio.sleep(response.error.retry_after_ms / 1_000 or RETRY_S)
