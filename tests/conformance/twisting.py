"""Twisting: a proxy that stands before a calm endpoint and gets one thing wrong.

So each check is shown to fail for the reason it is there for. It forwards messages as they are and changes
what its twist says.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message

from chakong.institution.v1 import institution_pb2 as institution
from chakong.institution.v1 import test_bench_pb2 as bench
from conformance.line import METADATA_KEY

SERVICE, BENCH = "chakong.institution.v1.Institution", "chakong.institution.v1.TestBench"
MESSAGE_BYTES_MAX = 16 << 20
OPTIONS = (("grpc.max_receive_message_length", MESSAGE_BYTES_MAX), ("grpc.so_reuseport", 0))
THREADS = 8
CALL_S_MAX = 120.0
UNARY: dict[str, dict[str, tuple[type[Message], type[Message]]]] = {
    SERVICE: {
        "Describe": (institution.DescribeRequest, institution.DescribeResponse),
        "Control": (institution.ControlBatch, institution.ReceiptBatch),
        "PollEvents": (institution.FollowRequest, institution.HoldEvents),
        "ListHolds": (institution.ListHoldsRequest, institution.ListHoldsResponse),
    },
    BENCH: {
        "Advance": (bench.AdvanceRequest, bench.AdvanceResponse),
        "Credit": (bench.CreditRequest, bench.CreditResponse),
        "Object": (bench.ObjectRequest, bench.ObjectResponse),
    },
}


def _nothing(*_: Any) -> None:
    """Leave it as it is."""


def _never(*_: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Twist:
    """What is done to the messages of one method, in place. `hears` gets a request before it is forwarded,
    `says` request and response; of Inquire, each reply with its batch. `drops`: whether a message of a stream
    is passed over, by its place in it. `copies` of each reply, `delay_s` before that of a batch that
    `is_slow`."""

    method: str
    says: Callable[[Any, Any], object] = _nothing
    hears: Callable[[Any], object] = _nothing
    drops: Callable[[Any, int], bool] = _never
    copies: int = 1
    delay_s: float = 0.0
    is_slow: Callable[[Any], bool] = _never


@contextmanager
def twisted(address: str, endpoint: str, twist: Twist) -> Iterator[str]:
    """The address of a proxy before `address`."""
    server = grpc.server(ThreadPoolExecutor(THREADS), options=OPTIONS)
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        proxy = _Proxy(channel, endpoint, twist)
        server.add_generic_rpc_handlers(tuple(proxy.handlers()))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(0).wait(CALL_S_MAX)


class _Proxy:
    def __init__(self, channel: grpc.Channel, endpoint: str, twist: Twist) -> None:
        # Raw bytes: without serializers.
        self._channel: Any = channel
        self._metadata = ((METADATA_KEY, endpoint),)
        self._twist = twist

    def handlers(self) -> Iterator["grpc.GenericRpcHandler[bytes, bytes]"]:
        for service, methods in UNARY.items():
            calls: dict[str, Any] = {
                name: grpc.unary_unary_rpc_method_handler(self._unary(service, name, *kinds))
                for name, kinds in methods.items()
            }
            if service == SERVICE:
                calls["Inquire"] = grpc.stream_stream_rpc_method_handler(self._inquire)
                calls["Follow"] = grpc.unary_stream_rpc_method_handler(self._follow)
            yield grpc.method_handlers_generic_handler(service, calls)

    def _unary(
        self, service: str, name: str, asked: type[Message], answered: type[Message]
    ) -> Callable[[bytes, Any], bytes]:
        call = self._channel.unary_unary(f"/{service}/{name}")

        def forward(message: bytes, context: Any) -> bytes:
            if name != self._twist.method:
                return self._called(call, message, context)
            request = asked.FromString(message)
            self._twist.hears(request)
            response = answered.FromString(self._called(call, request.SerializeToString(), context))
            self._twist.says(request, response)
            return response.SerializeToString()

        return forward

    def _called(self, call: Any, message: bytes, context: Any) -> bytes:
        try:
            response: bytes = call(message, timeout=CALL_S_MAX, metadata=self._metadata)
        except grpc.RpcError as error:
            failure: Any = error
            context.abort(failure.code(), failure.details())
            raise AssertionError("abort returned") from error
        return response

    def _inquire(self, messages: Iterator[bytes], context: Any) -> Iterator[bytes]:
        batches: dict[int, institution.Batch] = {}
        is_twisted = self._twist.method == "Inquire"

        def heard() -> Iterator[bytes]:
            for place, message in enumerate(messages):
                batch = institution.Batch.FromString(message)
                batches[batch.id] = batch
                if not self._twist.drops(batch, place):
                    yield message

        call = self._channel.stream_stream(f"/{SERVICE}/Inquire")
        for said in call(heard(), timeout=CALL_S_MAX, metadata=self._metadata):
            if not is_twisted:
                yield said
                continue
            reply = institution.Reply.FromString(said)
            batch = batches[reply.batch_id]
            self._twist.says(batch, reply)
            if self._twist.delay_s and self._twist.is_slow(batch):
                time.sleep(self._twist.delay_s)
            for _ in range(self._twist.copies):
                yield reply.SerializeToString()

    def _follow(self, message: bytes, context: Any) -> Iterator[bytes]:
        call: Any = self._channel.unary_stream(f"/{SERVICE}/Follow")(
            message, timeout=CALL_S_MAX, metadata=self._metadata
        )
        context.add_callback(call.cancel)
        try:
            for events in call:
                said = institution.HoldEvents.FromString(events)
                if self._twist.method == "Follow":
                    self._twist.says(None, said)
                yield said.SerializeToString()
        except grpc.RpcError as error:
            failure: Any = error
            if context.is_active():
                context.abort(failure.code(), failure.details())
