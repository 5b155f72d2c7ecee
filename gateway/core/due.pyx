"""Due: gathering and ordering. See due.pxd."""

from libc.stdlib cimport qsort

from gateway.core.choice cimport line_choose
from gateway.core.line cimport Line
from gateway.core.settle cimport give_up, piece_wanted
from gateway.core.slab cimport NOTHING

cdef enum:
    NEVER_NS = 0x7FFFFFFFFFFFFFFF


cdef int compare(const void* left, const void* right) noexcept nogil:
    cdef const Due* one = <const Due*>left
    cdef const Due* other = <const Due*>right
    if one.choice.due_ns != other.choice.due_ns:
        return -1 if one.choice.due_ns < other.choice.due_ns else 1
    return -1 if one.endpoint < other.endpoint else 1


cdef Choice choose(World* world, uint32_t endpoint, int64_t now_ns) noexcept nogil:
    cdef Choice choice = line_choose(&world.wires, &world.book, endpoint, now_ns)
    while choice.piece != NOTHING and not piece_wanted(&world.wires, &world.book, choice.piece, now_ns):
        give_up(&world.wires, &world.book, &world.ready, choice.piece)
        choice = line_choose(&world.wires, &world.book, endpoint, now_ns)
    return choice


cdef uint32_t dues_gather(World* world, Due* dues, int64_t now_ns) noexcept nogil:
    cdef uint32_t endpoint
    cdef uint32_t count = 0
    cdef const Line* line
    world.wires.retry_due_ns = NEVER_NS
    for endpoint in range(world.wires.line_count):
        line = &world.wires.lines[endpoint]
        if line.in_flight >= line.in_flight_max:
            continue
        dues[count].choice = choose(world, endpoint, now_ns)
        dues[count].endpoint = endpoint
        count += dues[count].choice.due_ns != NEVER_NS
    qsort(dues, count, sizeof(Due), compare)
    return count
