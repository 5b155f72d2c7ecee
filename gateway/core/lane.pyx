"""Lane: adding an entry. See lane.pxd."""

from libc.stdlib cimport free, malloc
from libc.string cimport memset


cdef int lane_add(Lane* lane, const LaneEntry* entry) noexcept nogil:
    cdef LaneEntry* entries
    cdef uint64_t room, position
    if lane.head - lane.tail == lane.room:
        room = lane.room * 2 if lane.room else 16
        entries = <LaneEntry*>malloc(room * sizeof(LaneEntry))
        if entries == NULL:
            return -1
        for position in range(lane.tail, lane.head):
            entries[position & (room - 1)] = lane_at(lane, position)[0]
        free(lane.entries)
        lane.entries = entries
        lane.room = room
    lane_at(lane, lane.head)[0] = entry[0]
    lane.head += 1
    return 0


cdef void lane_close(Lane* lane) noexcept nogil:
    free(lane.entries)
    memset(lane, 0, sizeof(Lane))
