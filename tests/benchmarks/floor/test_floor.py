"""The C floor does the work that its figure stands for: it reads, hashes, finds again and copies."""

import pytest

from benchmarks.floor._floor import Floor
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import SubmitBulkRequest

KEY = bytes(range(16))
# vectors_sip128 of the reference implementation: the hash of bytes 0, 1, ... (n of them) under KEY.
VECTORS = {
    0: "a3817f04ba25a8e66df67214c7550293",
    1: "da87c1d86b99af44347659119b22fc45",
    2: "8177228da4a45dc7fca38bdef60affe4",
}


def bulk(numbers: range, prefix: str = "o", items: tuple[int, ...] = (1, 2)) -> SubmitBulkRequest:
    inquiries = [load_inquiry("京0105", f"{prefix}-{number}", number) for number in numbers]
    for inquiry in inquiries:
        inquiry.items[:] = items
    return SubmitBulkRequest(inquiries=inquiries, tag=7)


@pytest.mark.parametrize("size", VECTORS)
def test_hash_is_that_of_the_reference(size: int) -> None:
    assert Floor(0, KEY).hash(bytes(range(size))).hex() == VECTORS[size]


@pytest.mark.parametrize("size", range(8, 40))
def test_hash_reads_every_byte_of_longer_texts(size: int) -> None:
    floor = Floor(0, KEY)
    text = bytes(range(size))
    changed = {
        floor.hash(text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]) for place in range(size)
    }
    assert len(changed | {floor.hash(text), floor.hash(text + b"\0")}) == size + 2


@pytest.mark.parametrize("ahead_count", [1, 7, 64])
@pytest.mark.parametrize("huge_pages", [True, False])
def test_all_inquiries_are_counted_and_copied(ahead_count: int, huge_pages: bool) -> None:
    floor = Floor(1_000, KEY, ahead_count=ahead_count, huge_pages=huge_pages)
    message = bulk(range(100))
    assert floor.run(message.SerializeToString()) == 100
    assert (floor.repeated, floor.joined, floor.entry_count) == (0, 0, 1_200)
    assert floor.copied_bytes == b"".join(inquiry.SerializeToString() for inquiry in message.inquiries)


def test_order_ids_and_questions_are_found_again() -> None:
    floor = Floor(1_000, KEY)
    floor.run(bulk(range(50)).SerializeToString())
    assert floor.run(bulk(range(25, 75)).SerializeToString()) == 50
    assert (floor.repeated, floor.joined) == (25, 0)
    assert floor.run(bulk(range(25, 75), "other").SerializeToString()) == 50
    assert (floor.repeated, floor.joined) == (0, 50)
    assert floor.run(bulk(range(25, 75), "third", items=(1, 3)).SerializeToString()) == 50
    assert (floor.repeated, floor.joined) == (0, 0)


def test_same_order_twice_in_a_message_is_found() -> None:
    floor = Floor(0, KEY)
    twice = bulk(range(10)).SerializeToString() * 2
    assert floor.run(twice) == 20
    assert (floor.repeated, floor.entry_count) == (10, 20)


def test_items_are_read_packed_and_one_by_one() -> None:
    floor = Floor(0, KEY)
    inquiry = load_inquiry("京0105", "a", 1)
    # Field 6 as a varint each, as an old encoder may write it.
    alone = inquiry.SerializeToString() + b"\x30\x01\x30\x02"
    inquiry.order_id = "b"
    inquiry.items[:] = (1, 2)
    floor.run(b"\x0a" + bytes([len(alone) & 0x7F | 0x80, len(alone) >> 7]) + alone)
    floor.run(SubmitBulkRequest(inquiries=[inquiry]).SerializeToString())
    assert (floor.repeated, floor.joined) == (0, 1)


def test_forgetting_leaves_what_was_there_before() -> None:
    floor = Floor(1_000, KEY)
    message = bulk(range(40)).SerializeToString()
    floor.run(message)
    floor.run(bulk(range(40, 60)).SerializeToString())
    assert floor.forget() == 120
    assert floor.entry_count == 1_000
    assert floor.run(message) == 40
    assert floor.repeated == 0


def test_full_table_is_told_and_goes_on_after_forgetting() -> None:
    floor = Floor(0, KEY)
    count = (floor.run(bulk(range(8_000)).SerializeToString()), floor.entry_count)
    assert count == (8_000, 16_000)
    other = bulk(range(8_000, 16_000)).SerializeToString()
    with pytest.raises(OverflowError, match="forget first"):
        floor.run(other)
    assert floor.forget() > 16_384
    assert floor.entry_count == 0
    assert floor.run(other) == 8_000


def test_every_cut_of_a_message_is_refused_or_read_as_a_shorter_one() -> None:
    message = bulk(range(2))
    encoded = message.SerializeToString()
    first = len(SubmitBulkRequest(inquiries=message.inquiries[:1]).SerializeToString())
    both = len(SubmitBulkRequest(inquiries=message.inquiries).SerializeToString())
    whole = {0: 0, first: 1, both: 2, len(encoded): 2}
    for size in range(len(encoded) + 1):
        floor = Floor(0, KEY)
        if size in whole:
            assert floor.run(encoded[:size]) == whole[size]
        else:
            with pytest.raises(ValueError, match="not a readable"):
                floor.run(encoded[:size])


@pytest.mark.parametrize("message", [b"\x08\x01", b"\x0b", b"\x00\x01", b"\x0a\x02\x0a\xff", b"\xff" * 12])
def test_garbage_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match="not a readable"):
        Floor(0, KEY).run(message)


def test_overlong_name_is_refused() -> None:
    inquiry = load_inquiry("京0105", "a", 1)
    inquiry.subject.name = "x" * 600
    with pytest.raises(ValueError, match="not a readable"):
        Floor(0, KEY).run(SubmitBulkRequest(inquiries=[inquiry]).SerializeToString())


@pytest.mark.parametrize(
    ("live_entries", "key", "ahead_count"),
    [(-1, KEY, 1), (2**40, KEY, 1), (1, b"short", 1), (1, KEY, 0), (1, KEY, 65)],
)
def test_limits_are_kept(live_entries: int, key: bytes, ahead_count: int) -> None:
    with pytest.raises(ValueError, match="given"):
        Floor(live_entries, key, ahead_count=ahead_count)
