"""Admission: reading and taking up. See admission.pxd."""

from libc.stdint cimport uint8_t
from libc.string cimport memset

from gateway.core.codec cimport parse_admitted
from gateway.core.orders cimport INQUIRY_ID_BITS
from gateway.core.route cimport route_commit, route_inquiry, subject_key
from gateway.core.table cimport NO_VALUE, table_prefetch
from gateway.core.ticket cimport tickets_find
from gateway.core.wire cimport BYTES, FIXED64, Reader, put_raw, read_fixed64, read_slice, read_tag
from gateway.core.wire cimport reader_open
from gateway.core.world cimport Taken

cdef enum:
    ADMITTED_NS_MAX = 0x3FFFFFFFFFFFFFFF  # the year 2116; with any delay added it is still an int64
    # Asks that a frame's inquiries may look at, all in all, to join them. A court that asks about one person
    # in thousands of ways makes long chains; without this bound a frame of 8,192 such inquiries would take
    # half a minute.
    FRAME_LOOKS_MAX = 1 << 18
    # How far ahead the table of subjects is asked for: a cache line takes some 100 ns to come.
    PROBES_AHEAD = 8


cdef int admission_read(Slice frame, Head* head) noexcept nogil:
    cdef Reader reader
    cdef Slice field
    cdef uint32_t number, wire_type
    cdef uint64_t value
    memset(head, 0, sizeof(Head))
    reader_open(&reader, frame.data, frame.size)
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return -1
        if wire_type == FIXED64 and (number == 1 or number == 3):
            if read_fixed64(&reader, &value) != 0:
                return -1
            if number == 1:
                head.admitted_ns = <int64_t>value
            else:
                head.first_inquiry_id = value
        elif wire_type == BYTES and (number == 2 or number == 4):
            if read_slice(&reader, &field) != 0:
                return -1
            if number == 2:
                head.court = field
            else:
                head.inquiry_count += 1
        else:
            return -1
    if head.admitted_ns < 0 or head.admitted_ns > <int64_t>ADMITTED_NS_MAX:
        return -1
    if head.first_inquiry_id >> INQUIRY_ID_BITS:
        return -1
    return 0 if head.first_inquiry_id and head.inquiry_count else -1


cdef int read_frame(World* world, Slice slice) noexcept nogil:
    """Every inquiry of a frame that admission_read has been over, into world.taken and world.lists.
    -1: no memory, -2: one is not canonical."""
    cdef Reader reader
    cdef Taken one
    cdef Slice row
    cdef uint32_t number, wire_type
    cdef uint64_t skipped
    world.taken.size = world.lists.size = 0
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        read_tag(&reader, &number, &wire_type)
        if wire_type == FIXED64:
            read_fixed64(&reader, &skipped)
            continue
        one.row_at = <uint32_t>(reader.at - slice.data)
        read_slice(&reader, &row)
        if number != 4:
            continue
        if parse_admitted(row, &one.admitted, world.list) != 0:
            return -2
        one.subject = subject_key(world, &one.admitted)
        one.list_at = world.lists.size
        if put_raw(&world.taken, <const uint8_t*>&one, sizeof(Taken)) != 0:
            return -1
        if put_raw(&world.lists, <const uint8_t*>world.list,
                   one.admitted.institution_count * sizeof(uint32_t)) != 0:
            return -1
    return 0


cdef int admission_take(World* world, Slice slice, uint32_t frame, const Head* head,
                        const uint64_t* answered, size_t answered_count) noexcept nogil:
    cdef uint64_t inquiry_id = head.first_inquiry_id
    cdef uint64_t index
    cdef size_t next_answered = 0
    cdef const Taken* rows
    # All or nothing: what one inquiry put into the logs must not stay there without the others.
    cdef int failed = read_frame(world, slice)
    if failed != 0:
        return failed
    rows = <const Taken*>world.taken.data
    world.looks_left = FRAME_LOOKS_MAX
    for index in range(head.inquiry_count):
        if index + PROBES_AHEAD < head.inquiry_count:
            table_prefetch(&world.book.subjects, rows[index + PROBES_AHEAD].subject)
        while next_answered < answered_count and answered[next_answered] < inquiry_id:
            next_answered += 1
        if not (next_answered < answered_count and answered[next_answered] == inquiry_id):
            if tickets_find(&world.book.tickets, inquiry_id) == NO_VALUE and route_inquiry(
                    world, &rows[index], inquiry_id, frame, head.admitted_ns) != 0:
                return -1
        inquiry_id += 1
    if inquiry_id > world.next_inquiry_id:
        world.next_inquiry_id = inquiry_id
    world.reserved -= min(world.reserved, head.inquiry_count)
    world.reserved_bytes -= min(world.reserved_bytes, <uint64_t>slice.size)
    return route_commit(world, frame, head.admitted_ns)
