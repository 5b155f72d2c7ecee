"""Choice: going over pieces, logs and lanes for what is due first. See choice.pxd."""

from libc.stdint cimport uint64_t

from gateway.core.bits cimport mask_empty
from gateway.core.lane cimport lane_due
from gateway.core.line cimport LANES_AT, PIECE_WAITING, URGENCIES, Line, Piece, piece_at, piece_new
from gateway.core.log cimport Log, Segment, log_segment
from gateway.core.message cimport CUT_SEGMENT
from gateway.core.slab cimport NOTHING

cdef enum:
    NEVER_NS = 0x7FFFFFFFFFFFFFFF


cdef int pass_over(Wires* wires, uint32_t endpoint, uint32_t where, const Segment* segment) noexcept nogil:
    """Nobody waits for this segment, but for what comes behind it: what is open in it becomes a piece, to
    be given up."""
    cdef uint64_t* cursor = &wires.lines[endpoint].cursor[where]
    cdef uint64_t end = segment.from_position + segment.count
    cdef uint32_t number
    if segment.open_asks:
        number = piece_new(wires, endpoint, where, cursor[0], end,
                           segment.directory.behind[endpoint].members[wires.logs[where].set])
        if number == NOTHING:
            return -1
        piece_at(wires, number).due_ns = segment.due_ns
        piece_at(wires, number).reason = CUT_SEGMENT
    cursor[0] = end
    return 0


cdef int64_t log_due(Wires* wires, uint32_t endpoint, uint32_t where, int64_t now_ns) noexcept nogil:
    """When the line's next entry of a log is due; NEVER_NS: it has read all. Passes over segments that do
    not concern it."""
    cdef Log* log = &wires.logs[where]
    cdef Line* line = &wires.lines[endpoint]
    cdef Segment* segment
    while line.cursor[where] < log.head:
        segment = log_segment(log, line.cursor[where])
        if segment == NULL:
            # Dropped segments concerned nobody who had not read them.
            line.cursor[where] = log.segments[log.first].from_position if log.count else log.head
            continue
        if mask_empty(segment.directory.behind[endpoint].members[log.set]):
            line.cursor[where] = segment.from_position + segment.count
            continue
        if segment.live == 0 and segment.notes_until_ns < now_ns:
            if pass_over(wires, endpoint, where, segment) != 0:
                return NEVER_NS                # no memory: tried again at the next choice
            continue
        if line.cursor[where] < log.lift_to and log.lift_due_ns < segment.due_ns:
            return log.lift_due_ns
        return segment.due_ns
    return NEVER_NS


cdef Choice line_choose(Wires* wires, Book* book, uint32_t endpoint, int64_t now_ns) noexcept nogil:
    cdef Line* line = &wires.lines[endpoint]
    cdef Choice choice
    cdef Piece* piece
    cdef uint32_t number = line.pieces
    cdef uint32_t index, where
    cdef int64_t due_ns
    choice.due_ns = NEVER_NS
    choice.piece = NOTHING
    choice.where = 0
    while number != NOTHING:
        piece = piece_at(wires, number)
        if piece.state == PIECE_WAITING:
            if piece.retry_ns > now_ns:
                wires.retry_due_ns = min(wires.retry_due_ns, piece.retry_ns)
            elif piece.due_ns < choice.due_ns:
                choice.due_ns = piece.due_ns
                choice.piece = number
        number = piece.next
    for index in range(line.log_count + URGENCIES):
        if index < line.log_count:
            where = line.logs[index]
            if line.cursor[where] == wires.logs[where].head:
                continue
            due_ns = log_due(wires, endpoint, where, now_ns)
        else:
            where = LANES_AT + index - line.log_count
            due_ns = lane_due(&line.lanes[where - LANES_AT], now_ns)
        if due_ns < choice.due_ns:
            choice.due_ns = due_ns
            choice.piece = NOTHING
            choice.where = where
    return choice
