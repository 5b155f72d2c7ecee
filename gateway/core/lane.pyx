"""Lane: adding an entry, and what is due. See lane.pxd."""

from libc.stdlib cimport free, malloc
from libc.string cimport memset

from gateway.core.log cimport KIND_NOTE


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


cdef int64_t lane_due(Lane* lane, int64_t now_ns) noexcept nogil:
    cdef LaneEntry* entry
    while lane.cursor < lane.head:
        entry = lane_at(lane, lane.cursor)
        if entry.ended or (entry.kind == KIND_NOTE and entry.until_ns < now_ns):
            entry.ended = True
            lane.cursor += 1
            continue
        if lane.cursor < lane.lift_to and lane.lift_due_ns < entry.due_ns:
            return lane.lift_due_ns
        return entry.due_ns
    return LANE_EMPTY


cdef void lane_close(Lane* lane) noexcept nogil:
    free(lane.entries)
    memset(lane, 0, sizeof(Lane))
