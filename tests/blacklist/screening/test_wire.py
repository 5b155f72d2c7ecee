"""The reader of bulk messages: whole, cut anywhere, with trailing bytes, and never beyond the end."""

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist.screening._snapshot import Base, Binding, MessageError, Snapshot
from chakong.blacklist.v1 import screening_pb2
from tests.blacklist.screening.model import HASHER, PLAIN, TODAY, request, response, row, subject

SNAPSHOT = Snapshot(Base.of_entries(HASHER, [row()]), HASHER, 300)
MESSAGE = request([subject(0), subject(1, "李四"), subject(3)], tag=1_000_000)


def screened(message: bytes) -> screening_pb2.ScreenBulkResponse:
    return response(SNAPSHOT.screen(message, Binding(PLAIN), TODAY, 2**62)[0])


def is_readable(message: bytes) -> bool:
    try:
        screened(message)
    except MessageError:
        return False
    return True


def is_readable_by_stubs(message: bytes) -> bool:
    try:
        screening_pb2.ScreenBulkRequest.FromString(message)
    except DecodeError:
        return False
    return True


def test_whole_message_is_read() -> None:
    answer = screened(MESSAGE)
    assert (answer.tag, answer.version, answer.as_of_ns, answer.screened) == (1_000_000, 300, 2**62, 3)


def test_message_cut_anywhere_is_readable_exactly_when_the_stubs_can_read_it() -> None:
    for size in range(len(MESSAGE) + 1):
        cut = MESSAGE[:size]
        # A name cut within a character is a fault of that subject, and no fault of the message.
        assert is_readable(cut) == is_readable_by_stubs(cut), size


@pytest.mark.parametrize(
    "tail", [b"\x98\x06\x01", b"\x99\x06" + b"12345678", b"\x9a\x06\x02ab", b"\x9d\x06abcd"]
)
def test_unknown_fields_of_every_wire_type_are_stepped_over(tail: bytes) -> None:
    assert screened(MESSAGE + tail).screened == 3
    inner = subject().SerializeToString() + tail
    assert (
        screened(b"\x0a" + bytes((len(inner),)) + inner).findings[0].outcome == screening_pb2.OUTCOME_LISTED
    )


@pytest.mark.parametrize(
    "tail",
    [b"\x00\x01", b"\x9b\x06", b"\x10" + b"\xff" * 10, b"\x9a\x06\x05ab", b"\x99\x06a", b"\x0a\x02\x08"],
)
def test_what_is_no_field_is_refused(tail: bytes) -> None:
    with pytest.raises(MessageError, match="must be readable"):
        screened(MESSAGE + tail)


@settings(deadline=None)
@given(noise=st.binary(max_size=200))
def test_noise_is_read_or_refused(noise: bytes) -> None:
    is_readable(noise)
    is_readable(b"\x0a" + bytes([len(noise) & 0x7F]) + noise)
