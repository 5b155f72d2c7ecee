"""Wheel: what is due when. A hierarchical timing wheel; adding and removing cost the same at any size.

Eight levels of 64 slots; a tick is 2**20 ns (about a millisecond), so the wheel spans 2**68 ns and holds any
due time. A timer comes out at or after its due time, within a tick of the `advance` that passes it, never
before. Source: Varghese and Lauck, Hashed and Hierarchical Timing Wheels, 1987.
"""

from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t

from gateway.core.slab cimport Slab

cdef enum:
    TICK_BITS = 20
    LEVEL_COUNT = 8
    SLOT_COUNT = 64

cdef struct Timer:
    uint32_t next
    uint32_t prev             # NOTHING: first of its slot
    uint32_t owner
    uint16_t slot             # level * SLOT_COUNT + slot
    uint64_t due_tick

cdef struct Wheel:
    Slab timers
    uint64_t now_tick
    uint64_t busy[8]          # a bit for each slot that is not empty
    uint32_t heads[512]

cdef void wheel_open(Wheel* wheel) noexcept nogil
cdef void wheel_close(Wheel* wheel) noexcept nogil
cdef uint32_t wheel_add(Wheel* wheel, int64_t due_ns, uint32_t owner) noexcept nogil     # NOTHING: no memory
cdef void wheel_remove(Wheel* wheel, uint32_t timer) noexcept nogil
# The owner of one timer that is due at now_ns, its timer gone; NOTHING: none is due.
cdef uint32_t wheel_pop(Wheel* wheel, int64_t now_ns) noexcept nogil
# When wheel_pop may have something at the earliest: exact for the near, early for the far; INT64_MAX: never.
cdef int64_t wheel_next_ns(const Wheel* wheel) noexcept nogil
