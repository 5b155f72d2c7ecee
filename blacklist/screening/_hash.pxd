"""Hash: SipHash-2-4, keyed.

Keyed, because what is made of it leaves the house: two snapshots with other keys cannot be joined, and nobody
without the key can look for a number in one. Inline: a number is three words, and the call would cost as much
as a round.
Source: Aumasson and Bernstein, SipHash: a fast short-input PRF, 2012.
"""

from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy

cdef struct Key:
    uint64_t low
    uint64_t high

cdef struct Rounds:
    uint64_t a
    uint64_t b
    uint64_t c
    uint64_t d


cdef inline uint64_t turned(uint64_t value, int bits) noexcept nogil:
    return (value << bits) | (value >> (64 - bits))


cdef inline Rounds stirred(Rounds s) noexcept nogil:
    """One round. By value: the four words stay in registers."""
    s.a += s.b
    s.b = turned(s.b, 13) ^ s.a
    s.a = turned(s.a, 32)
    s.c += s.d
    s.d = turned(s.d, 16) ^ s.c
    s.a += s.d
    s.d = turned(s.d, 21) ^ s.a
    s.c += s.b
    s.b = turned(s.b, 17) ^ s.c
    s.c = turned(s.c, 32)
    return s


cdef inline Rounds fed(Rounds s, uint64_t word) noexcept nogil:
    s.d ^= word
    s = stirred(stirred(s))
    s.a ^= word
    return s


cdef inline uint64_t hash64(const uint8_t* text, size_t size, Key key) noexcept nogil:
    """The hash of `size` bytes; `text` may be NULL when there are none. Words are read as the machine holds
    them, which is the source's order on the little-endian machines that this is built for."""
    cdef Rounds s
    cdef uint64_t word
    cdef size_t at = 0
    s.a = key.low ^ <uint64_t>0x736F6D6570736575
    s.b = key.high ^ <uint64_t>0x646F72616E646F6D
    s.c = key.low ^ <uint64_t>0x6C7967656E657261
    s.d = key.high ^ <uint64_t>0x7465646279746573
    while size - at >= 8:
        memcpy(&word, text + at, 8)
        s = fed(s, word)
        at += 8
    word = 0
    if at < size:
        memcpy(&word, text + at, size - at)
    s = fed(s, word | <uint64_t>size << 56)
    s.c ^= 0xFF
    s = stirred(stirred(stirred(stirred(s))))
    return s.a ^ s.b ^ s.c ^ s.d
