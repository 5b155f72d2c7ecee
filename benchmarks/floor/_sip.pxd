"""Sip: SipHash-2-4 with 128 bits of output, for the C floor alone; inline, so that a caller pays no call.

Source: Aumasson and Bernstein, SipHash: a fast short-input PRF, 2012.
"""

from libc.stddef cimport size_t
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy

cdef struct Key:
    uint64_t low
    uint64_t high

cdef struct Sip:
    uint64_t v0
    uint64_t v1
    uint64_t v2
    uint64_t v3


cdef inline uint64_t turned(uint64_t word, int bits) noexcept nogil:
    return (word << bits) | (word >> (64 - bits))


cdef inline void sip_rounds(Sip* sip, int count) noexcept nogil:
    cdef int _done
    for _done in range(count):
        sip.v0 += sip.v1
        sip.v2 += sip.v3
        sip.v1 = turned(sip.v1, 13) ^ sip.v0
        sip.v3 = turned(sip.v3, 16) ^ sip.v2
        sip.v0 = turned(sip.v0, 32)
        sip.v2 += sip.v1
        sip.v0 += sip.v3
        sip.v1 = turned(sip.v1, 17) ^ sip.v2
        sip.v3 = turned(sip.v3, 21) ^ sip.v0
        sip.v2 = turned(sip.v2, 32)


cdef inline Key siphash(const uint8_t* text, size_t size, Key key) noexcept nogil:
    cdef Sip sip
    cdef Key hashed
    cdef uint64_t word
    cdef size_t at = 0
    sip.v0 = key.low ^ <uint64_t>0x736F6D6570736575
    sip.v1 = key.high ^ <uint64_t>0x646F72616E646F6D ^ 0xEE
    sip.v2 = key.low ^ <uint64_t>0x6C7967656E657261
    sip.v3 = key.high ^ <uint64_t>0x7465646279746573
    while at <= size:
        word = 0
        if size - at >= 8:
            memcpy(&word, text + at, 8)
        else:
            memcpy(&word, text + at, size - at)
            word |= <uint64_t>size << 56
        sip.v3 ^= word
        sip_rounds(&sip, 2)
        sip.v0 ^= word
        at += 8
    sip.v2 ^= 0xEE
    sip_rounds(&sip, 4)
    hashed.low = sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3
    sip.v1 ^= 0xDD
    sip_rounds(&sip, 4)
    hashed.high = sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3
    return hashed
