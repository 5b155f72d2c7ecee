"""Lane: what waits for one endpoint and is not in a log. Entries in the order in which they came, each with
the institutions it is addressed to. A position never changes; old entries leave at the front.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from gateway.core.bits cimport Mask
from gateway.core.slab cimport CACHE_LINE_SIZE, prefetch

cdef enum:
    LANE_EMPTY = 0x7FFFFFFFFFFFFFFF

cdef struct LaneEntry:
    const uint8_t* body       # its Entry, without kind and institutions, in `frame`
    uint32_t size
    uint32_t frame
    uint32_t ask              # NOTHING: a note
    uint8_t kind
    uint8_t ended             # its ask has ended, or nobody waits: nothing to send
    Mask mask
    int64_t due_ns
    int64_t until_ns          # a note's: until when it is worth sending

cdef struct Lane:
    LaneEntry* entries        # a ring: position & (room - 1)
    uint64_t room
    uint64_t tail
    uint64_t head
    uint64_t cursor           # what was cut
    uint64_t lift_to          # as in Log
    int64_t lift_due_ns

cdef int lane_add(Lane* lane, const LaneEntry* entry) noexcept nogil         # -1: no memory
# When its next entry is due; LANE_EMPTY: all are cut. Passes over entries that need not be sent.
cdef int64_t lane_due(Lane* lane, int64_t now_ns) noexcept nogil
cdef void lane_close(Lane* lane) noexcept nogil

cdef inline LaneEntry* lane_at(const Lane* lane, uint64_t position) noexcept nogil:
    return &lane.entries[position & (lane.room - 1)]

cdef inline void lane_prefetch(const Lane* lane) noexcept nogil:
    """An entry will be added soon."""
    prefetch(lane_at(lane, lane.head))
    prefetch(<const uint8_t*>lane_at(lane, lane.head) + CACHE_LINE_SIZE)
