"""Slab: many small things of one size, known by a 32-bit number.

A number stays valid until it is freed; the memory of a thing never moves, so a pointer to it lives as long.
Numbers that were freed are given out again, last freed first. A new thing is zeroed.
"""

from libc.stdint cimport uint8_t, uint32_t

cdef extern from *:
    """
    /* A function that does nothing but prefetch counts as one without effect, and gcc leaves out calls of
       it. An empty statement that it may not judge keeps them. */
    #define PREFETCH(place) do { __builtin_prefetch(place); __asm__ volatile(""); } while (0)
    """
    void prefetch "PREFETCH"(const void* place) noexcept nogil

cdef enum:
    NOTHING = 0xFFFFFFFF      # no number: the end of a list
    CACHE_LINE_SIZE = 64
    CHUNK_BITS = 12
    CHUNK_SIZE = 1 << CHUNK_BITS

cdef struct Slab:
    uint8_t** chunks
    uint32_t chunk_count
    uint32_t chunk_room
    uint32_t thing_size       # bytes; at least 4, for a freed thing holds the next free number
    uint32_t fresh            # numbers from here on were never given out
    uint32_t free_head
    uint32_t count            # in use

cdef void slab_open(Slab* slab, uint32_t thing_size) noexcept nogil
cdef void slab_close(Slab* slab) noexcept nogil
cdef uint32_t slab_new(Slab* slab) noexcept nogil                    # NOTHING: no memory
cdef void slab_free(Slab* slab, uint32_t number) noexcept nogil

cdef inline void* slab_at(const Slab* slab, uint32_t number) noexcept nogil:
    return slab.chunks[number >> CHUNK_BITS] + <size_t>(number & (CHUNK_SIZE - 1)) * slab.thing_size

cdef inline void* slab_place(const Slab* slab, uint32_t number, size_t thing_size) noexcept nogil:
    """The same, for a caller who knows the size when it is compiled."""
    return slab.chunks[number >> CHUNK_BITS] + (number & (CHUNK_SIZE - 1)) * thing_size

cdef inline void slab_prefetch(const Slab* slab, uint32_t number) noexcept nogil:
    """It will be looked at soon; NOTHING too may be given."""
    if number != NOTHING:
        prefetch(slab_at(slab, number))
