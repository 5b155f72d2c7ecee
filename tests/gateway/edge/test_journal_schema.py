"""Frames as bytes: they come back as they were, and whatever is changed in them is found."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.journal_schema import (
    ANSWER,
    FORMAT,
    HEAD_BYTES,
    MARK,
    Frame,
    check,
    crc32,
    decode,
    encode,
    size_of,
)

SEED = 77
frames = st.builds(
    Frame,
    kind=st.integers(1, 3),
    body=st.binary(max_size=20),
    at_ns=st.integers(-(2**63), 2**63 - 1),
    court=st.text(max_size=5),
    first_inquiry_id=st.integers(0, 2**64 - 1),
    inquiry_count=st.integers(0, 8_192),
    finals=st.binary(max_size=16),
    orders=st.binary(max_size=16),
)


@given(seq=st.integers(1, 2**64 - 1), commit_seq=st.integers(1, 2**64 - 1), frame=frames)
def test_a_frame_comes_back_as_it_was(seq: int, commit_seq: int, frame: Frame) -> None:
    content = b"".join(encode(seq, commit_seq, frame, SEED))
    assert size_of(content[:HEAD_BYTES]) == len(content)
    got = decode(content, SEED)
    assert (got.seq, got.commit_seq, got.kind) == (seq, commit_seq, frame.kind)
    assert (got.body, got.finals, got.orders) == (frame.body, frame.finals, frame.orders)
    assert (got.at_ns, got.court) == (frame.at_ns, frame.court)
    assert (got.first_inquiry_id, got.inquiry_count) == (frame.first_inquiry_id, frame.inquiry_count)


@given(frame=frames, flip=st.integers(1, 255))
def test_a_change_of_any_byte_is_found(frame: Frame, flip: int) -> None:
    content = bytearray(b"".join(encode(5, 5, frame, SEED)))
    for at in range(len(content)):
        content[at] ^= flip
        with pytest.raises(ValueError):
            decode(bytes(content), SEED)
        content[at] ^= flip
    assert decode(bytes(content), SEED).seq == 5


@given(frame=frames)
def test_a_frame_cut_at_any_byte_is_found(frame: Frame) -> None:
    content = b"".join(encode(5, 5, frame, SEED))
    for at in range(len(content)):
        with pytest.raises(ValueError):
            decode(content[:at], SEED)
    with pytest.raises(ValueError, match="are there"):
        decode(content + b"x", SEED)


def test_a_frame_of_another_journal_is_none_of_this_one() -> None:
    content = b"".join(encode(1, 1, Frame(ANSWER, b"x", 1), SEED))
    with pytest.raises(ValueError, match="CRC is"):
        decode(content, SEED + 1)


def test_a_whole_frame_of_another_version_is_whole_and_not_read() -> None:
    front, body = encode(9, 7, Frame(ANSWER, b"x", 1), SEED)
    later = bytes([FORMAT + 1]) + front[9:] + body
    content = MARK + struct.pack("<I", crc32(later, SEED)) + later
    assert check(content, SEED) == 7
    with pytest.raises(ValueError, match=f"format {FORMAT + 1}, kind 2 given"):
        decode(content, SEED)


def test_a_number_out_of_its_range_is_no_frame() -> None:
    with pytest.raises(struct.error):
        encode(1, 1, Frame(ANSWER, b"x", 2**70), SEED)


def test_the_mark_is_in_no_text() -> None:
    with pytest.raises(UnicodeDecodeError):
        MARK.decode()


@given(content=st.binary(max_size=200), start=st.integers(0, 2**32 - 1))
def test_the_crc_is_that_of_zlib(content: bytes, start: int) -> None:
    assert crc32(content, start) == zlib.crc32(content, start)
