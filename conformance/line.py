"""Line: how the kit calls an endpoint, as the gateway would.

Every call has the agreed time for its answer. A call that fails or comes too late is a FailedError that says
which; a test bench that is not there a NotRunError. It judges no answer.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import grpc

from chakong.institution.v1 import institution_pb2, institution_pb2_grpc, test_bench_pb2, test_bench_pb2_grpc
from chakong.institution.v1.institution_pb2 import Batch, Control, HoldEvent
from chakong.type.v1.hold_pb2 import HoldStatement
from conformance.fixture import Fixture
from conformance.verdict import FailedError, NotRunError

METADATA_KEY: Final = "chakong-endpoint"
MESSAGE_BYTES_MAX: Final = 64 << 20
DETAILS_CHARACTERS_MAX: Final = 120
OPTIONS: Final = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    # A connection that failed is tried again at once, not after gRPC's own growing delays.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)

A = TypeVar("A")


class Line:
    """One endpoint. `inquire` returns raw replies; everything else messages."""

    def __init__(self, channel: grpc.Channel, fixture: Fixture) -> None:
        self.answer_s = fixture.agreed.answer_s
        self._metadata = ((METADATA_KEY, fixture.endpoint),) if fixture.endpoint else ()
        self._stub = institution_pb2_grpc.InstitutionStub(channel)
        self._bench = test_bench_pb2_grpc.TestBenchStub(channel)
        self._inquire = channel.stream_stream(
            "/chakong.institution.v1.Institution/Inquire",
            request_serializer=Batch.SerializeToString,
            response_deserializer=_as_it_came,
        )

    def inquire(self, messages: Sequence[Batch]) -> list[bytes]:
        """Every reply on a stream of its own, until the endpoint ends it after we did. FailedError when it
        ends, or time does, before there is a reply for each batch."""
        expected_count = sum(message.id != 0 for message in messages)
        is_replied = threading.Event()
        said = f"{expected_count} replies within {self.answer_s:g} s"
        replies: list[bytes] = []
        call: Any = self._inquire(
            _until(messages, is_replied, self.answer_s), timeout=self.answer_s, metadata=self._metadata
        )
        try:
            for reply in call:
                replies.append(reply)
                if len(replies) >= expected_count:
                    is_replied.set()
        except grpc.RpcError as error:
            if len(replies) < expected_count:
                raise FailedError(said, f"{len(replies)}, then {told(error)}") from error
        finally:
            is_replied.set()
            call.cancel()
        if len(replies) < expected_count:
            raise FailedError(said, f"{len(replies)}, then the end of the stream")
        return replies

    def describe(self) -> institution_pb2.DescribeResponse:
        request = institution_pb2.DescribeRequest()
        return self._called("Describe", self._stub.Describe, request)

    def control(self, controls: Sequence[Control]) -> list[institution_pb2.ControlReceipt]:
        """The receipts as they came."""
        request = institution_pb2.ControlBatch(controls=controls)
        return list(self._called("Control", self._stub.Control, request).receipts)

    def poll(self, cursor: int) -> list[HoldEvent]:
        request = institution_pb2.FollowRequest(cursor=cursor)
        return list(self._called("PollEvents", self._stub.PollEvents, request).events)

    @contextmanager
    def following(self, cursor: int) -> Iterator[Iterator[HoldEvent]]:
        """Events as they come, for as long as an answer may take; FailedError when the stream ends."""
        request = institution_pb2.FollowRequest(cursor=cursor)
        call: Any = self._stub.Follow(request, timeout=self.answer_s, metadata=self._metadata)
        try:
            yield self._events(call)
        finally:
            call.cancel()

    def follow_status(self) -> grpc.StatusCode:
        """What a Follow from the beginning ends with, waited for as long as an answer may take."""
        request = institution_pb2.FollowRequest()
        call = self._stub.Follow(request, timeout=self.answer_s, metadata=self._metadata)
        return call.code()

    def holds(self, institution: int, after_hold_id: int, page_size: int) -> list[HoldStatement]:
        """One page."""
        request = institution_pb2.ListHoldsRequest(
            institution=institution, after_hold_id=after_hold_id, page_size=page_size
        )
        return list(self._called("ListHolds", self._stub.ListHolds, request).holds)

    def advance(self, days: int) -> int:
        """The test bench's clock; the date it is then."""
        request = test_bench_pb2.AdvanceRequest(days=days)
        return self._called("TestBench.Advance", self._bench.Advance, request).today

    def credit(self, institution: int, locator: str, amount_fen: int) -> None:
        request = test_bench_pb2.CreditRequest(
            institution=institution, locator=locator, amount_fen=amount_fen
        )
        self._called("TestBench.Credit", self._bench.Credit, request)

    def object_to(self, institution: int, hold_id: int, text: str) -> None:
        request = test_bench_pb2.ObjectRequest(institution=institution, hold_id=hold_id, text=text)
        self._called("TestBench.Object", self._bench.Object, request)

    def _events(self, call: Any) -> Iterator[HoldEvent]:
        try:
            for events in call:
                yield from events.events
        except grpc.RpcError as error:
            raise FailedError(f"Follow: the event within {self.answer_s:g} s", told(error)) from error
        raise FailedError("Follow: a stream that stays", "its end")

    def _called(self, name: str, call: Callable[..., A], request: object) -> A:
        try:
            return call(request, timeout=self.answer_s, metadata=self._metadata)
        except grpc.RpcError as error:
            if name.startswith("TestBench") and error.code() is grpc.StatusCode.UNIMPLEMENTED:
                raise NotRunError(f"{name}: not implemented") from error
            raise FailedError(f"{name}: an answer within {self.answer_s:g} s", told(error)) from error


def channel_to(address: str, fixture: Fixture) -> grpc.Channel:
    """With the fixture's TLS files, or in plaintext. OSError for a file that cannot be read."""
    tls = fixture.tls
    if tls is None:
        return grpc.insecure_channel(address, options=OPTIONS)
    credentials = grpc.ssl_channel_credentials(
        tls.ca.read_bytes(),
        tls.key.read_bytes() if tls.key else None,
        tls.cert.read_bytes() if tls.cert else None,
    )
    named = (("grpc.ssl_target_name_override", tls.server_name),) if tls.server_name else ()
    return grpc.secure_channel(address, credentials, options=(*OPTIONS, *named))


def told(error: Any) -> str:
    """Status and message, in one line."""
    details = " ".join(str(error.details()).split())[:DETAILS_CHARACTERS_MAX]
    return f"{error.code().name}: {details}"


def _until(messages: Sequence[Batch], is_replied: threading.Event, wait_s: float) -> Iterator[Batch]:
    """The messages, and then nothing more until all is replied: the gateway keeps its side open too."""
    yield from messages
    is_replied.wait(wait_s)


def _as_it_came(message: bytes) -> bytes:
    return message
