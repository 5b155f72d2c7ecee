"""The journal's frames: what they are in Python, and their bytes in a volume.

A frame is a head of fixed size, then court, finals, orders and body, whose lengths the head tells. The CRC
covers everything but the mark and itself. It begins with a seed made of the journal's secret, so that neither
a frame of another journal nor bytes that a caller put into a body pass for a frame of this one. It opens no
file.
"""

import struct
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from isal import isal_zlib

FORMAT: Final = 3
ADMISSION: Final = 1
ANSWER: Final = 2
CANCELLATION: Final = 3
LEDGER: Final = 4
SNAPSHOT: Final = 5
KIND_NAMES: Final = {
    ADMISSION: "ADMISSION",
    ANSWER: "ANSWER",
    CANCELLATION: "CANCELLATION",
    LEDGER: "LEDGER",
    SNAPSHOT: "SNAPSHOT",
}

ORDER_BYTES: Final = 40  # key 16, content hash 16, inquiry id 8
KEY_BYTES: Final = 16
SECRET_BYTES: Final = 16
DAY_NS: Final = 86_400 * 10**9

# Stands before each frame, and in no text: it is not UTF-8.
MARK: Final = b"\xff\xf5\xfe\xc1"
_LEAD: Final = struct.Struct("<4sI")  # mark, CRC
# Format, kind; lengths of court, finals, orders, body; inquiries; seq, seq of the first frame of its commit,
# time, first inquiry.
_REST: Final = struct.Struct("<BBHIIIIQQqQ")
HEAD_BYTES: Final = _LEAD.size + _REST.size

# The CRC-32 of zlib, many times as fast as zlib's own.
crc32 = isal_zlib.crc32


@dataclass(frozen=True, slots=True)
class Frame:
    """What is to be appended. `finals`: u64 LE each; `orders`: 40 bytes each, as in Checked.orders."""

    kind: int
    body: bytes
    at_ns: int
    court: str = ""
    first_inquiry_id: int = 0
    inquiry_count: int = 0
    finals: bytes = b""
    orders: bytes = b""


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A durable frame whose CRC was right when it was read. `commit_seq`: of the first frame that became
    durable with it."""

    seq: int
    kind: int
    at_ns: int
    court: str
    first_inquiry_id: int
    inquiry_count: int
    finals: bytes
    body: bytes
    orders: bytes = b""
    commit_seq: int = 0


@dataclass(frozen=True, slots=True)
class Replay:
    """A frame to take up again after a start. `answered`: those of its inquiries with a final answer, u64 LE
    each."""

    seq: int
    kind: int
    at_ns: int
    court: str
    body: bytes
    answered: bytes


def encode(seq: int, commit_seq: int, frame: Frame, seed: int) -> tuple[bytes, bytes]:
    """The frame's bytes in two parts; the second is its body. struct.error when a number is out of range."""
    court = frame.court.encode()
    lengths = (len(court), len(frame.finals), len(frame.orders), len(frame.body))
    numbers = (frame.inquiry_count, seq, commit_seq, frame.at_ns, frame.first_inquiry_id)
    rest = _REST.pack(FORMAT, frame.kind, *lengths, *numbers)
    covered = b"".join((rest, court, frame.finals, frame.orders))
    crc = crc32(frame.body, crc32(covered, seed))
    return _LEAD.pack(MARK, crc) + covered, frame.body


def size_of(head: bytes) -> int:
    """Bytes of the whole frame that begins with this head. ValueError when it is no head."""
    if len(head) < HEAD_BYTES or not head.startswith(MARK):
        raise ValueError("no frame begins here")
    lengths: tuple[int, ...] = _REST.unpack_from(head, _LEAD.size)[2:6]
    return HEAD_BYTES + sum(lengths)


def check(content: bytes, seed: int) -> int:
    """The seq of the first frame of this frame's commit. ValueError when its bytes are not as they were
    written, of whatever kind it is."""
    if len(content) != size_of(content[:HEAD_BYTES]):
        raise ValueError(f"{size_of(content[:HEAD_BYTES])} bytes were written, {len(content)} are there")
    _, crc = _LEAD.unpack_from(content)
    found = crc32(memoryview(content)[_LEAD.size :], seed)
    if found != crc:
        raise ValueError(f"CRC is {found:08x}, {crc:08x} was written")
    commit_seq: int = _REST.unpack_from(content, _LEAD.size)[8]
    return commit_seq


def decode(content: bytes, seed: int) -> StoredFrame:
    """The frame of these bytes. ValueError when they are not as they were written, or of a later version."""
    commit_seq = check(content, seed)
    values = _REST.unpack_from(content, _LEAD.size)
    version, kind, *lengths = values[:6]
    inquiry_count, seq, _, at_ns, first_inquiry_id = values[6:]
    if version != FORMAT or kind not in KIND_NAMES:
        raise ValueError(f"format {version}, kind {kind} given, this gateway reads format {FORMAT}")
    ends = list(accumulate(lengths, initial=HEAD_BYTES))
    court, finals, orders, body = (content[begin:end] for begin, end in pairwise(ends))
    return StoredFrame(
        seq, kind, at_ns, court.decode(), first_inquiry_id, inquiry_count, finals, body, orders, commit_seq
    )
