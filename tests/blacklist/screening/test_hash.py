"""SipHash-2-4: beside a plain one that gives the published vectors."""

from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist.screening._identity import Hasher
from blacklist.screening.folding import folding

MASK = 2**64 - 1


def siphash(key: bytes, text: bytes) -> int:
    low, high = (int.from_bytes(key[place : place + 8], "little") for place in (0, 8))
    a, b = low ^ 0x736F6D6570736575, high ^ 0x646F72616E646F6D
    c, d = low ^ 0x6C7967656E657261, high ^ 0x7465646279746573
    padded = text + bytes(7 - len(text) % 8) + bytes((len(text) & 0xFF,))
    for place in range(0, len(padded), 8):
        word = int.from_bytes(padded[place : place + 8], "little")
        d ^= word
        for _ in range(2):
            a, b, c, d = _round(a, b, c, d)
        a ^= word
    c ^= 0xFF
    for _ in range(4):
        a, b, c, d = _round(a, b, c, d)
    return a ^ b ^ c ^ d


def _round(a: int, b: int, c: int, d: int) -> tuple[int, int, int, int]:
    a = a + b & MASK
    b = _turned(b, 13) ^ a
    a = _turned(a, 32)
    c = c + d & MASK
    d = _turned(d, 16) ^ c
    a = a + d & MASK
    d = _turned(d, 21) ^ a
    c = c + b & MASK
    b = _turned(b, 17) ^ c
    return a, b, _turned(c, 32), d


def _turned(value: int, bits: int) -> int:
    return (value << bits | value >> 64 - bits) & MASK


def test_plain_one_gives_the_vector_of_the_paper() -> None:
    assert siphash(bytes(range(16)), bytes(range(15))) == 0xA129CA6149BE45E5


@settings(deadline=None)
@given(key=st.binary(min_size=16, max_size=16), number=st.from_regex(r"[0-9A-Z]{5,20}", fullmatch=True))
def test_hash_of_a_number_is_that_of_its_type_and_its_signs(key: bytes, number: str) -> None:
    hashed, _, fault = Hasher(key, folding()).identity(3, number.encode(), b"x")
    assert fault == 0
    assert hashed == siphash(key, b"\x03" + number.encode())


@settings(deadline=None)
@given(name=st.text("abcdefgh张三", min_size=1, max_size=30))
def test_hash_of_a_name_is_the_low_half_of_that_of_the_folded_name(name: str) -> None:
    _, hashed, _ = Hasher(b"k" * 16, folding()).identity(3, b"E1234567", name.encode())
    assert hashed == siphash(b"k" * 16, folding().folded(name.encode())) & 0xFFFFFFFF
