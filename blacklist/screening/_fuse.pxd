"""Fuse: the first stage, asked by compiled code. filter.py builds it and keeps it alive.

The library's own function is called by its address: how it looks for a key is its business, and a new version
of it cannot disagree with what it built.
"""

from libc.stdint cimport uint8_t, uint64_t

from blacklist.screening._hashes cimport prefetch

cdef extern from *:
    """
    #define TIMES_HIGH(left, right) ((uint64_t)(((unsigned __int128)(left) * (right)) >> 64))
    """
    uint64_t times_high "TIMES_HIGH"(uint64_t left, uint64_t right) noexcept nogil

ctypedef uint8_t (*Contain)(uint64_t key, const void* filter) noexcept nogil

# Where the library looks: only a hint to memory. A version that looks elsewhere costs time, and no truth.
cdef struct Places:
    uint64_t seed
    uint64_t segment_length
    uint64_t segment_mask
    uint64_t segment_count_length
    const uint8_t* cells

cdef struct Fuse:
    Contain contain
    const void* filter
    Places places

cdef inline void fuse_ahead(const Fuse* fuse, uint64_t key) noexcept nogil:
    """Ask memory for the three cells of a key that will be looked for soon."""
    cdef const Places* at = &fuse.places
    cdef uint64_t mixed = key + at.seed
    cdef uint64_t first
    mixed = (mixed ^ mixed >> 33) * <uint64_t>0xFF51AFD7ED558CCD
    mixed = (mixed ^ mixed >> 33) * <uint64_t>0xC4CEB9FE1A85EC53
    mixed ^= mixed >> 33
    first = times_high(mixed, at.segment_count_length)
    prefetch(at.cells + first)
    prefetch(at.cells + (first + at.segment_length ^ mixed >> 18 & at.segment_mask))
    prefetch(at.cells + (first + 2 * at.segment_length ^ mixed & at.segment_mask))

cdef inline bint fuse_has(const Fuse* fuse, uint64_t key) noexcept nogil:
    """False: certainly not in it. True of one in 256 others."""
    return fuse.contain(key, fuse.filter) != 0
