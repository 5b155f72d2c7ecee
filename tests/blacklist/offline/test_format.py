"""The format of a set, read as offline.proto describes it and by nothing of ours."""

import hashlib
import struct

from chakong.blacklist.v1.offline_pb2 import DeltaHead, SnapshotHead
from tests.blacklist.offline.sets import (
    KEY,
    MAKER,
    PUBLIC_KEY,
    SNAPSHOT_ID,
    UNIT,
    a_list,
    moment,
    sealed,
)
from tests.blacklist.screening.model import DERIVED, PEOPLE, TODAY, folded, row
from tests.blacklist.screening.test_hash import siphash

FIRST, SECOND = KEY.encoded[:16], KEY.encoded[16:]


def opened(kind: bytes, head: SnapshotHead | DeltaHead, made: bytes) -> bytes:
    """The body."""
    size = int.from_bytes(made[8:12], "little")
    signed, signature, body = made[: 12 + size], made[12 + size : 76 + size], made[76 + size :]
    PUBLIC_KEY.verify(signature, signed)
    assert made[:8] == kind
    head.ParseFromString(made[12 : 12 + size])
    assert (head.body_size, head.body_sha256) == (len(body), hashlib.sha256(body).digest())
    return body


def hashes(person: int, name: str) -> tuple[int, int]:
    """Hash of the number, and tag of the name."""
    id_type, number = PEOPLE[person]
    inner = siphash(FIRST, bytes((id_type,)) + number.encode()).to_bytes(8, "little")
    inner_name = siphash(FIRST, folded(name)).to_bytes(8, "little")[:4]
    return siphash(SECOND, inner), siphash(SECOND, inner + inner_name) & 0xFFFF


def test_snapshot_is_as_the_contract_describes_it() -> None:
    given = [row(0, "张三", until_day=TODAY + 3), row(2, "李四", kinds=DERIVED, bound=2)]
    head = SnapshotHead()
    body = opened(b"CKBLSET1", head, sealed(*given))
    bits = head.bucket_bits
    expected = {}
    for person, name, low in ((0, "张三", 1 << 5 | 0 << 3 | 3), (2, "李四", 4 << 5 | 2 << 3 | 7)):
        number, tag = hashes(person, name)
        rest = number >> 64 - bits - 40 & (1 << 40) - 1
        expected[number >> 64 - bits] = rest << 24 | tag << 8 | low
    counts = body[: 1 << bits]
    assert {bucket: counts[bucket] for bucket in expected} == dict.fromkeys(expected, 1)
    assert sum(counts) == head.entry_count == 2
    assert list(struct.unpack("<2Q", body[1 << bits :])) == [expected[bucket] for bucket in sorted(expected)]
    assert head.key_check == hashlib.sha256(KEY.encoded).digest()[:8]


def test_delta_is_as_the_contract_describes_it() -> None:
    listed = a_list(row(0, "张三", kinds=3, since_day=TODAY - 1, until_day=None), version=4)
    head = DeltaHead()
    body = opened(b"CKBLDIF1", head, MAKER.delta(listed, UNIT, SNAPSHOT_ID, 2, [row(0), row(1)], moment()))
    (listed_number, tag), (removed_number, _) = hashes(0, "张三"), hashes(1, "张三")
    states = {
        struct.pack("<QBHBHH", listed_number, 1, tag, 3 << 5, TODAY - 1, 65_535),
        struct.pack("<QB", removed_number, 0),
    }
    assert {body[:16], body[16:]} == states
    assert (head.from_version, head.version, head.number_count) == (2, 4, 2)
