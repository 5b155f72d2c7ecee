"""The lean client: bytes as RFC 9113 has them, a full window waits, and whatever goes wrong is told."""

from typing import TYPE_CHECKING, cast

import pytest

from benchmarks.bench.caller import PREFACE, STATUS_OK, WINDOW_BYTES_FIRST, Caller

if TYPE_CHECKING:
    import asyncio

SETTINGS, ACK = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)), bytes((0, 0, 0, 4, 1, 0, 0, 0, 0))
OK = b"\x00" + STATUS_OK


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.sent = b""
        self.is_open = True

    def write(self, sent: bytes) -> None:
        self.sent += sent

    def close(self) -> None:
        self.is_open = False

    abort = close

    def take(self) -> bytes:
        sent, self.sent = self.sent, b""
        return sent


def made() -> tuple[Caller, Wire, list[bytes | None]]:
    caller, wire = Caller("127.0.0.1:1", "/s/M"), Wire()
    caller.connection_made(cast("asyncio.Transport", wire))
    assert wire.take().startswith(PREFACE)
    return caller, wire, []


def frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + content


def reply(stream: int, message: bytes, trailers: bytes = OK) -> bytes:
    body = b"\0" + len(message).to_bytes(4, "big") + message
    return frame(1, 4, stream, b"\x88") + frame(0, 0, stream, body) + frame(1, 5, stream, trailers)


def hear(caller: Caller, came: bytes) -> None:
    caller.get_buffer(-1)[: len(came)] = came
    caller.buffer_updated(len(came))


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_replies_are_given_to_their_calls_however_they_are_cut(step: int) -> None:
    caller, wire, replies = made()
    caller.call(b"one", replies.append)
    caller.call(b"two", replies.append)
    sent = wire.take()
    assert sent.count(b"one") == sent.count(b"two") == 1
    came = SETTINGS + reply(3, b"TWO") + reply(1, b"ONE")
    for at in range(0, len(came), step):
        hear(caller, came[at : at + step])
    assert replies == [b"TWO", b"ONE"]
    assert wire.take() == ACK


def test_message_without_window_waits_for_one() -> None:
    caller, wire, replies = made()
    caller.call(bytes(WINDOW_BYTES_FIRST - 5), replies.append)
    wire.take()
    caller.call(b"late", replies.append)
    assert wire.take() == b""
    hear(caller, frame(8, 0, 0, (100).to_bytes(4, "big")))
    assert b"late" in wire.take()


@pytest.mark.parametrize(
    "came",
    [
        reply(1, b"", b"\x00\x0bgrpc-status\x028" + b"8"),
        frame(3, 0, 1, bytes(4)),
        frame(7, 0, 0, bytes(8)),
    ],
    ids=["status", "reset", "away"],
)
def test_failure_is_told_to_all_that_wait(came: bytes) -> None:
    caller, wire, replies = made()
    caller.call(b"one", replies.append)
    caller.call(b"two", replies.append)
    hear(caller, came)
    assert replies == [None, None]
    assert caller.error
    assert not wire.is_open
    caller.call(b"three", replies.append)
    assert replies == [None, None, None]


def test_lost_connection_is_told() -> None:
    caller, _, replies = made()
    caller.call(b"one", replies.append)
    caller.connection_lost(None)
    assert replies == [None]


def test_ping_is_answered() -> None:
    caller, wire, _ = made()
    hear(caller, frame(6, 0, 0, b"12345678"))
    assert wire.take() == frame(6, 1, 0, b"12345678")


def test_status_of_a_call_that_failed_is_told() -> None:
    caller, _, replies = made()
    caller.call(b"one", replies.append)
    hear(caller, reply(1, b"", b"\x00\x0bgrpc-status\x0214"))
    assert caller.error == "a call ended with status 14, must be 0"
