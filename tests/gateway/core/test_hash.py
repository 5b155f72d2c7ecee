"""Hash: the compiled SipHash-2-4-128 gives what the reference gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.testing import hash128
from tests.gateway.core.samples import unhurried

KEY = bytes(range(16))
MASK = 2**64 - 1

# vectors_sip128 of the reference implementation: the hash of bytes 0, 1, ... (n of them) under KEY.
VECTORS = [
    "a3817f04ba25a8e66df67214c7550293",
    "da87c1d86b99af44347659119b22fc45",
    "8177228da4a45dc7fca38bdef60affe4",
]


def turn_left(value: int, bits: int) -> int:
    return (value << bits | value >> (64 - bits)) & MASK


def mixed(v: list[int], rounds: int) -> list[int]:
    a, b, c, d = v
    for _ in range(rounds):
        a, b = (a + b) & MASK, turn_left(b, 13)
        b, a = b ^ a, turn_left(a, 32)
        c, d = (c + d) & MASK, turn_left(d, 16)
        d ^= c
        a, d = (a + d) & MASK, turn_left(d, 21)
        d ^= a
        c, b = (c + b) & MASK, turn_left(b, 17)
        b, c = b ^ c, turn_left(c, 32)
    return [a, b, c, d]


def reference(text: bytes, key: bytes) -> bytes:
    """The paper's algorithm, word by word."""
    low, high = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    v = [
        word ^ key_word
        for word, key_word in zip(
            (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573),
            (low, high, low, high),
            strict=True,
        )
    ]
    v[1] ^= 0xEE
    padded = text + bytes(7 - len(text) % 8) + bytes([len(text) & 0xFF])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        v = mixed(v, 2)
        v[0] ^= word
    v[2] ^= 0xEE
    v = mixed(v, 4)
    first = v[0] ^ v[1] ^ v[2] ^ v[3]
    v[1] ^= 0xDD
    v = mixed(v, 4)
    second = v[0] ^ v[1] ^ v[2] ^ v[3]
    return first.to_bytes(8, "little") + second.to_bytes(8, "little")


@pytest.mark.parametrize(("size", "expected"), list(enumerate(VECTORS)))
def test_vectors_of_the_reference_come_out(size: int, expected: str) -> None:
    assert hash128(bytes(range(size)), KEY).hex() == expected
    assert reference(bytes(range(size)), KEY).hex() == expected


@pytest.mark.parametrize("size", [*range(66), 255, 256, 257, 511, 65_536])
def test_every_length_of_a_last_word_agrees_with_the_paper(size: int) -> None:
    text = bytes(at * 7 & 0xFF for at in range(size))
    assert hash128(text, KEY) == reference(text, KEY)


@unhurried
@given(st.binary(max_size=300), st.binary(min_size=16, max_size=16))
def test_any_text_under_any_key_agrees_with_the_paper(text: bytes, key: bytes) -> None:
    assert hash128(text, key) == reference(text, key)


def test_text_is_read_where_it_lies_whatever_its_alignment() -> None:
    text = bytes(range(64))
    for start in range(8):
        assert hash128(text[start:], KEY) == reference(text[start:], KEY)


def test_every_bit_of_the_key_counts() -> None:
    hashes = {hash128(b"0106-2026-0000000", (1 << bit).to_bytes(16, "little")) for bit in range(128)}
    assert len(hashes) == 128
