"""A request is read whole, byte by byte, and not at all beyond its bounds."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blacklist.public.exchange import BODY_BYTES_MAX, HEAD_BYTES_MAX, Exchange, HttpError, Request

BODY = b'{"name": "x"}'
WHOLE = b"POST /v1/look-up HTTP/1.1\r\nhost: a\r\nX-Real-IP: 192.0.2.1\r\ncontent-length: 13\r\n\r\n" + BODY
CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
NOON_NS = 1_795_320_000 * 10**9


def read_in(pieces: list[bytes]) -> Request | None:
    exchange = Exchange()
    found = None
    for piece in pieces:
        found = found or exchange.take(piece)
    return found


def test_request_is_read_whole_and_byte_by_byte() -> None:
    for pieces in ([WHOLE], [WHOLE[at : at + 1] for at in range(len(WHOLE))]):
        found = read_in(pieces)
        assert found is not None
        assert (found.method, found.target, found.body) == (b"POST", b"/v1/look-up", BODY)
        assert found.values("x-real-ip") == ["192.0.2.1"]
        assert found.values("none") == []


def test_what_comes_after_a_request_is_no_part_of_it() -> None:
    found = read_in([WHOLE + b"GET / HTTP/1.1\r\n\r\n"])
    assert found is not None
    assert found.body == BODY


def test_chunked_body_is_put_together() -> None:
    found = read_in([CHUNKED])
    assert found is not None
    assert found.body == b"abcde"


def test_request_has_no_repr_of_its_body() -> None:
    assert "name" not in repr(read_in([WHOLE]))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: " + b"a" * HEAD_BYTES_MAX, 431),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99999\r\n\r\n" + b"x" * (BODY_BYTES_MAX + 1), 413),
        (b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", 400),
    ],
)
def test_what_is_no_request_is_refused_and_answered(sent: bytes, status: int) -> None:
    exchange = Exchange()
    with pytest.raises(HttpError) as raised:
        exchange.take(sent)
    assert raised.value.status == status
    answer = exchange.answer(raised.value.status, b"{}", NOON_NS)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.endswith(b"\r\n\r\n{}")


def test_request_that_ends_before_it_is_whole_is_refused() -> None:
    exchange = Exchange()
    assert exchange.take(WHOLE[:-1]) is None
    with pytest.raises(HttpError, match=r"must be HTTP|ended before"):
        exchange.take(b"")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_an_error(sent: bytes) -> None:
    statuses = []
    try:
        Exchange().take(sent)
    except HttpError as error:
        statuses.append(error.status)
    assert all(400 <= status < 600 for status in statuses)


def test_answer_is_read_by_a_client_and_kept_by_nobody() -> None:
    exchange = Exchange()
    exchange.take(WHOLE)
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="POST", target="/", headers=[("host", "a"), ("content-length", "0")]))
    client.send(h11.EndOfMessage())
    client.receive_data(exchange.answer(429, b"{}", NOON_NS, ((b"retry-after", b"3"),)))
    head = client.next_event()
    assert isinstance(head, h11.Response)
    assert head.status_code == 429
    headers = dict(head.headers)
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"connection"] == b"close"
    assert headers[b"retry-after"] == b"3"
    assert headers[b"date"].endswith(b" GMT")
    body = client.next_event()
    assert isinstance(body, h11.Data)
    assert bytes(body.data) == b"{}"


def test_answer_to_head_has_no_body() -> None:
    exchange = Exchange()
    exchange.take(b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n")
    assert exchange.answer(405, b"{}", NOON_NS).endswith(b"\r\n\r\n")


def test_peer_that_waits_is_told_to_go_on_once() -> None:
    exchange = Exchange()
    head, _, body = WHOLE.partition(b"\r\n\r\n")
    assert exchange.take(head + b"\r\nexpect: 100-continue\r\n\r\n") is None
    assert exchange.go_on().startswith(b"HTTP/1.1 100 ")
    assert exchange.go_on() == b""
    assert exchange.take(body) is not None
