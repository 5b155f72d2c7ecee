"""Fuse: the first stage, asked by compiled code. filter.py builds it and keeps it alive.

The library's own function is called by its address: how it looks for a key is its business, and a new version
of it cannot disagree with what it built.
"""

from libc.stdint cimport uint8_t, uint64_t

ctypedef uint8_t (*Contain)(uint64_t key, const void* filter) noexcept nogil

cdef struct Fuse:
    Contain contain
    const void* filter

cdef inline bint fuse_has(const Fuse* fuse, uint64_t key) noexcept nogil:
    """False: certainly not in it. True of one in 256 others."""
    return fuse.contain(key, fuse.filter) != 0
