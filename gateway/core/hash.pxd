"""Hash: SipHash-2-4 with 128 bits of output, keyed.

Ids come from outside: without a key a hostile court could make all of them fall into one slot. 128 bits, so
that equal hashes may be taken for equal bytes (10 million subjects: a chance of 1e-25).
Source: Aumasson and Bernstein, SipHash: a fast short-input PRF, 2012; the reference implementation's 128-bit
variant.
"""

from libc.stdint cimport uint8_t, uint64_t

cdef struct Key:
    uint64_t low
    uint64_t high

cdef struct Hash128:
    uint64_t low
    uint64_t high

cdef Hash128 hash128(const uint8_t* data, size_t size, Key key) noexcept nogil
