"""Proofs: the second stage of an offline set: eight bytes for each entry, found by the keyed hash of a
number.

At least 58 bits of the number's hash and 16 of the name's must agree. A bucket has eight entries at most on
average, so of 1.4 billion innocent people a set of any size is expected to name 1.4e9 * 8 / 2^40 / 2^16,
which is 0.0000002. Immutable. What a set says binds nobody.

    63            24 23       8 7   5 4   3 2    0
    rest of number   name tag   kinds bound days left
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from blacklist.screening._fuse cimport Fuse
from blacklist.screening._hash cimport Key

cdef enum:
    BUCKET_BITS_MIN = 18         # with REST_BITS: 58
    BUCKET_BITS_MAX = 24
    REST_BITS = 40
    # Entries a bucket, at most, on average; a byte says how many it has.
    BUCKET_FILL_MAX = 8
    IN_BUCKET_MAX = 255
    REST_SHIFT = 24
    TAG_SHIFT = 8
    KINDS_SHIFT = 5
    BOUND_SHIFT = 3
    DAYS_MASK = 7
    DAYS_LEFT_OPEN = 7           # at least as many as DAYS_LEFT_OPEN

cdef class Proofs:
    cdef uint64_t* words
    cdef uint32_t* starts
    cdef readonly uint64_t entry_count
    cdef readonly uint32_t bucket_bits
    cdef readonly bytes odd      # what does not fit into eight bytes, as a delta has it
    cdef readonly uint64_t odd_count
    cdef readonly object filter
    cdef Fuse fuse

    cdef int make_room(self, uint64_t count, uint32_t bits) except -1
    cdef int add_filter(self) except -1
