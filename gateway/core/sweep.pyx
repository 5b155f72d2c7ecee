"""Sweep: giving up and dropping old segments and lane entries. See sweep.pxd."""

from libc.stdint cimport uint64_t

from gateway.core.bits cimport (
    Mask,
    bits_has,
    mask_and,
    mask_empty,
    mask_equal,
    mask_next,
    mask_or,
    mask_set,
    mask_without,
)
from gateway.core.book cimport Ask, Laned, ask_at, frame_release, laned_at
from gateway.core.lane cimport Lane, LaneEntry, lane_at, lane_due
from gateway.core.line cimport (
    LANES_AT,
    PIECE_IN_FLIGHT,
    PIECE_WAITING,
    URGENCIES,
    Line,
    Piece,
    piece_at,
    piece_free,
    piece_leave,
    piece_new,
)
from gateway.core.log cimport KIND_ASK, LOG_COUNT, Log, Segment, log_drop_first, log_segment
from gateway.core.message cimport ASKS_AND_NOTES, CUT_SEGMENT
from gateway.core.settle cimport give_up, piece_wanted
from gateway.core.slab cimport NOTHING
from gateway.core.tally cimport lane_settle


cdef int give_up_unread(Wires* wires, Book* book, Ready* ready, uint32_t where,
                        Segment* segment) noexcept nogil:
    """For every line that has not read a segment whose inquiries have all ended."""
    cdef uint64_t end = segment.from_position + segment.count
    cdef uint32_t endpoint, number
    cdef uint64_t* cursor
    cdef Mask members
    for endpoint in range(wires.line_count):
        cursor = &wires.lines[endpoint].cursor[where]
        if cursor[0] >= end:
            continue
        members = segment.directory.behind[endpoint].members[wires.logs[where].set]
        if segment.open_asks and not mask_empty(members):
            number = piece_new(wires, endpoint, where, max(cursor[0], segment.from_position), end, members)
            if number == NOTHING:
                return -1
            give_up(wires, book, ready, number)
        cursor[0] = end
    return 0


cdef bint give_up_waiting(Wires* wires, Book* book, Ready* ready, uint32_t where, const Segment* segment,
                          int64_t now_ns) noexcept nogil:
    """Pieces in such a segment that wait for nobody; True: no piece touches it any more."""
    cdef uint64_t end = segment.from_position + segment.count
    cdef uint32_t endpoint, number, next_number
    cdef Piece* piece
    cdef bint clear = True
    for endpoint in range(wires.line_count):
        number = wires.lines[endpoint].pieces
        while number != NOTHING:
            piece = piece_at(wires, number)
            next_number = piece.next
            if (piece.where == where and piece.from_position < end
                    and piece.to_position > segment.from_position):
                if piece.state == PIECE_WAITING and not piece_wanted(wires, book, number, now_ns):
                    give_up(wires, book, ready, number)
                else:
                    clear = False
            number = next_number
    return clear


cdef void forget_gone(Wires* wires, Log* log) noexcept nogil:
    """Pieces given up that lie before the oldest segment stand for nothing any more."""
    cdef uint64_t oldest = log.segments[log.first].from_position if log.count else log.head
    cdef uint32_t* link = &log.gone
    cdef uint32_t number
    while link[0] != NOTHING:
        number = link[0]
        if piece_at(wires, number).to_position <= oldest:
            link[0] = piece_at(wires, number).next
            piece_free(wires, number)
        else:
            link = &piece_at(wires, number).next


cdef int sweep_log(Wires* wires, Book* book, Ready* ready, uint32_t where, int64_t now_ns) noexcept nogil:
    cdef Log* log = &wires.logs[where]
    cdef Segment* segment
    cdef bint dropped = False
    cdef bint idle = True
    cdef bint clear
    wires.swept_ns = now_ns
    while log.count and idle:
        segment = log.segments[log.first]
        if segment.live or (segment.notes_until_ns >= now_ns and not all_read(wires, where, segment)):
            break
        if give_up_unread(wires, book, ready, where, segment) != 0:
            return -1
        clear = give_up_waiting(wires, book, ready, where, segment, now_ns)
        idle = clear and segment.open_asks == 0 and not segment.touched
        if idle:
            frame_release(book, segment.frame)
            log_drop_first(log)
            dropped = True
    if dropped:
        forget_gone(wires, log)
    return 0


cdef bint all_read(const Wires* wires, uint32_t where, const Segment* segment) noexcept nogil:
    cdef uint64_t end = segment.from_position + segment.count
    cdef uint32_t endpoint
    for endpoint in range(wires.line_count):
        if wires.lines[endpoint].cursor[where] < end and not mask_empty(
                segment.directory.behind[endpoint].members[wires.logs[where].set]):
            return False
    return True


cdef void sweep_lane(Wires* wires, Book* book, uint32_t endpoint, uint32_t number) noexcept nogil:
    cdef Lane* lane = &wires.lines[endpoint].lanes[number]
    cdef uint64_t until
    cdef uint32_t piece_number = wires.lines[endpoint].pieces
    # Where the endpoint is closed, nobody else moves the cursor over what has ended.
    lane_due(lane, wires.swept_ns)
    until = lane.cursor
    while piece_number != NOTHING:
        if piece_at(wires, piece_number).where == LANES_AT + number:
            until = min(until, piece_at(wires, piece_number).from_position)
        piece_number = piece_at(wires, piece_number).next
    while lane.tail < until and lane_at(lane, lane.tail).ended:
        frame_release(book, lane_at(lane, lane.tail).frame)
        lane.tail += 1


cdef void sweep_lane_ask(Wires* wires, Book* book, Ready* ready, uint32_t number) noexcept nogil:
    cdef Ask* ask = ask_at(book, number)
    cdef uint32_t piece_number = wires.lines[laned_at(book, ask).endpoint].pieces
    cdef Mask none
    cdef Piece* piece
    while piece_number != NOTHING:
        piece = piece_at(wires, piece_number)
        if (piece.state == PIECE_IN_FLIGHT and piece.where == LANES_AT + (ask.position & 3)
                and piece.from_position <= ask.position >> 2 < piece.to_position):
            return
        piece_number = piece.next
    none.low = none.high = 0
    lane_settle(wires, book, ready, number, none, laned_at(book, ask).open)


cdef Mask lost_behind(const Directory* directory, uint32_t endpoint, Mask members) noexcept nogil:
    """Of `members`, those that can no longer be inquired of."""
    cdef Mask lost
    cdef int place = mask_next(members, 0)
    lost.low = lost.high = 0
    while place >= 0:
        if not bits_has(&directory.capable, directory.behind[endpoint].institutions[place]):
            mask_set(&lost, place)
        place = mask_next(members, place + 1)
    return lost


cdef int lose_piece(Wires* wires, Book* book, Ready* ready, uint32_t number, uint64_t from_position,
                    uint64_t to_position, Mask lost) noexcept nogil:
    """Give up a range of a log for the institutions in `lost`; with `number`, take them out of that piece."""
    cdef Piece* piece = piece_at(wires, number)
    cdef uint32_t gone = piece_new(wires, piece.endpoint, piece.where, from_position, to_position, lost)
    if gone == NOTHING:
        return -1
    piece.mask = mask_without(piece.mask, lost)
    piece.lost = mask_or(piece.lost, lost)
    piece_at(wires, gone).is_lost = True
    give_up(wires, book, ready, gone)
    return 0


cdef uint64_t lost_until(const Wires* wires, uint32_t endpoint, uint32_t where,
                         const Directory* directory) noexcept nogil:
    """End of the last segment a line has not read and that is meant for somebody who is lost now; 0: there
    is none."""
    cdef const Log* log = &wires.logs[where]
    cdef uint64_t position = wires.lines[endpoint].cursor[where]
    cdef uint64_t last = 0
    cdef const Segment* segment
    while position < log.head:
        segment = log_segment(log, position)
        position = segment.from_position + segment.count
        if not mask_empty(lost_behind(directory, endpoint,
                                      segment.directory.behind[endpoint].members[log.set])):
            last = position
    return last


cdef int lose_unread(Wires* wires, uint32_t endpoint, uint32_t where,
                     const Directory* directory) noexcept nogil:
    """Turn what a line has not read into pieces that wait, where it was meant for somebody who is lost
    now."""
    cdef Log* log = &wires.logs[where]
    cdef Line* line = &wires.lines[endpoint]
    cdef Segment* segment
    cdef Piece* piece = NULL
    cdef Mask members
    cdef uint32_t number
    cdef uint64_t end
    cdef uint64_t last = lost_until(wires, endpoint, where, directory)
    while line.cursor[where] < last:
        segment = log_segment(log, line.cursor[where])
        end = segment.from_position + segment.count
        members = segment.directory.behind[endpoint].members[log.set]
        if mask_empty(members):
            piece = NULL
        else:
            # A piece takes in its neighbours as far as a batch goes: there may be thousands of small
            # segments.
            if piece == NULL or not mask_equal(piece.mask, members) or (
                    end - piece.from_position > directory.behind[endpoint].entries_max):
                number = piece_new(wires, endpoint, where, line.cursor[where], end, members)
                if number == NOTHING:
                    return -1
                piece = piece_at(wires, number)
                piece.partial = ASKS_AND_NOTES
                piece.reason = CUT_SEGMENT
                piece.due_ns = segment.due_ns
            piece.to_position = end
            piece.due_ns = min(piece.due_ns, segment.due_ns)
        line.cursor[where] = end
    return 0


cdef int lose_pieces(Wires* wires, Book* book, Ready* ready, uint32_t endpoint,
                     const Directory* directory) noexcept nogil:
    cdef uint32_t number = wires.lines[endpoint].pieces
    cdef uint32_t next_number
    cdef Piece* piece
    cdef Mask lost
    while number != NOTHING:
        piece = piece_at(wires, number)
        next_number = piece.next
        if piece.where < LANES_AT:
            lost = lost_behind(directory, endpoint, piece.mask)
            if not mask_empty(lost) and lose_piece(wires, book, ready, number, piece.from_position,
                                                   piece.to_position,
                                                   lost) != 0:
                return -1
            if mask_empty(piece.mask) and piece.state == PIECE_WAITING:
                piece_leave(wires, number)
                piece_free(wires, number)
        number = next_number
    return 0


cdef void lose_lanes(Wires* wires, Book* book, Ready* ready, uint32_t endpoint,
                     const Directory* directory) noexcept nogil:
    cdef uint32_t index
    cdef uint64_t position
    cdef Lane* lane
    cdef LaneEntry* entry
    cdef Laned* laned
    cdef Mask none, lost
    none.low = none.high = 0
    for index in range(<uint32_t>URGENCIES):
        lane = &wires.lines[endpoint].lanes[index]
        for position in range(lane.tail, lane.head):
            entry = lane_at(lane, position)
            if entry.kind == KIND_ASK and not entry.ended:
                laned = laned_at(book, ask_at(book, entry.ask))
                lost = mask_and(lost_behind(directory, endpoint, entry.mask), laned.open)
                laned.lost = mask_or(laned.lost, lost)
                lane_settle(wires, book, ready, entry.ask, none, lost)


cdef int sweep_lost(Wires* wires, Book* book, Ready* ready, const Directory* directory) noexcept nogil:
    cdef uint32_t endpoint, where
    for endpoint in range(wires.line_count):
        for where in range(<uint32_t>LOG_COUNT):
            if lose_unread(wires, endpoint, where, directory) != 0:
                return -1
        if lose_pieces(wires, book, ready, endpoint, directory) != 0:
            return -1
        lose_lanes(wires, book, ready, endpoint, directory)
    return 0
