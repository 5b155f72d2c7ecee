"""Line: cutting what goes next, and keeping what is on its way. See line.pxd."""

from libc.stdlib cimport calloc, free
from libc.string cimport memset

from gateway.core.bits cimport mask_count, mask_equal
from gateway.core.directory cimport Behind
from gateway.core.lane cimport lane_close
from gateway.core.log cimport LOG_COUNT, Segment, log_after, log_close, log_open, log_segment
from gateway.core.message cimport (
    ASKS_AND_NOTES,
    CUT_BYTES,
    CUT_DRAINED,
    CUT_ENTRIES,
    CUT_SEGMENT,
    write_lane_message,
    write_log_message,
)
from gateway.core.slab cimport NOTHING, slab_close, slab_free, slab_new, slab_open
from gateway.core.wire cimport buffer_free

cdef enum:
    NEVER_NS = 0x7FFFFFFFFFFFFFFF


cdef int wires_open(Wires* wires, const Directory* directory) noexcept nogil:
    cdef uint32_t index
    memset(wires, 0, sizeof(Wires))
    slab_open(&wires.pieces, sizeof(Piece))
    slab_open(&wires.messages, sizeof(Message))
    for index in range(<uint32_t>LOG_COUNT):
        log_open(&wires.logs[index], index // URGENCIES)
    for index in range(<uint32_t>CUTS_KEPT):
        wires.cuts[index].message = NOTHING
    wires.dropped = NOTHING
    wires.retry_due_ns = NEVER_NS
    wires.lines = <Line*>calloc(directory.endpoint_count, sizeof(Line))
    if wires.lines == NULL:
        return -1
    wires.line_count = directory.endpoint_count
    for index in range(wires.line_count):
        wires.lines[index].pieces = NOTHING
        choose_logs(&wires.lines[index], &directory.behind[index])
    return 0


cdef void choose_logs(Line* line, const Behind* behind) noexcept nogil:
    """Every version of the directory has the same institutions behind the same endpoints."""
    cdef uint32_t at, urgency
    for at in range(behind.set_count):
        for urgency in range(<uint32_t>URGENCIES):
            line.logs[line.log_count] = <uint8_t>(behind.sets[at] * URGENCIES + urgency)
            line.log_count += 1


cdef void wires_close(Wires* wires) noexcept nogil:
    cdef uint32_t index, lane
    for index in range(wires.line_count):
        for lane in range(<uint32_t>URGENCIES):
            lane_close(&wires.lines[index].lanes[lane])
    for index in range(<uint32_t>LOG_COUNT):
        log_close(&wires.logs[index])
    free(wires.lines)
    wires.lines = NULL
    wires.line_count = 0
    slab_close(&wires.pieces)
    slab_close(&wires.messages)
    buffer_free(&wires.out)


cdef uint64_t log_cut_end(const Wires* wires, const Behind* behind, uint32_t endpoint, uint32_t where,
                          uint8_t* reason) noexcept nogil:
    """How far a batch from the line's cursor goes: to the head, a limit, or where another endpoint was cut
    already."""
    cdef const Log* log = &wires.logs[where]
    cdef uint64_t start = wires.lines[endpoint].cursor[where]
    cdef Segment* segment = log_segment(log, start)
    cdef uint64_t entries_max = behind.entries_max
    cdef uint64_t bytes_left = behind.bytes_max
    cdef Mask members = segment.directory.behind[endpoint].members[log.set]
    cdef uint64_t at = start
    cdef uint64_t end, wire_from
    cdef uint32_t low, high, middle, index
    bytes_left -= min(bytes_left, <uint64_t>11)          # the batch id
    reason[0] = CUT_DRAINED
    while segment != NULL and reason[0] == CUT_DRAINED:
        if not mask_equal(segment.directory.behind[endpoint].members[log.set], members):
            reason[0] = CUT_SEGMENT
            break
        low = <uint32_t>(at - segment.from_position)
        high = segment.count
        if at + (high - low) - start > entries_max:
            high = low + <uint32_t>(entries_max - (at - start))
            reason[0] = CUT_ENTRIES
        wire_from = segment.entries[low].wire_before
        end = segment.entries[high].wire_before if high < segment.count else segment.wire_bytes
        if end - wire_from > bytes_left:
            # The last entry count whose bytes still fit; wire_before rises, so halve.
            index = low
            while high - index > 1:
                middle = (index + high) // 2
                if segment.entries[middle].wire_before - wire_from <= bytes_left:
                    index = middle
                else:
                    high = middle
            high = index
            reason[0] = CUT_BYTES
        else:
            bytes_left -= end - wire_from
        at = segment.from_position + high
        segment = log_after(log, segment)
    if at == start:
        # one entry over the limit alone: sent all the same, or it would never go
        at += 1
    for index in range(<uint32_t>CUTS_KEPT):
        if (wires.cuts[index].message != NOTHING and wires.cuts[index].where == where
                and wires.cuts[index].from_position == start
                and start + (at - start + 1) // 2 <= wires.cuts[index].to_position < at):
            at = wires.cuts[index].to_position
            reason[0] = CUT_SEGMENT
    return at


cdef uint32_t cut_find(const Wires* wires, const Piece* piece) noexcept nogil:
    cdef uint32_t index
    for index in range(<uint32_t>CUTS_KEPT):
        if (wires.cuts[index].message != NOTHING and wires.cuts[index].where == piece.where
                and wires.cuts[index].from_position == piece.from_position
                and wires.cuts[index].to_position == piece.to_position):
            return wires.cuts[index].message
    return NOTHING


cdef void cut_keep(Wires* wires, const Piece* piece, uint32_t message) noexcept nogil:
    cdef Cut* cut = &wires.cuts[wires.next_cut]
    wires.next_cut = (wires.next_cut + 1) % CUTS_KEPT
    if cut.message != NOTHING:
        message_release(wires, cut.message)
    cut.where = piece.where
    cut.from_position = piece.from_position
    cut.to_position = piece.to_position
    cut.message = message
    message_at(wires, message).refs += 1


cdef void cuts_forget(Wires* wires, uint32_t where) noexcept nogil:
    cdef uint32_t index
    for index in range(<uint32_t>CUTS_KEPT):
        if wires.cuts[index].message != NOTHING and wires.cuts[index].where == where:
            message_release(wires, wires.cuts[index].message)
            wires.cuts[index].message = NOTHING


cdef int write_log_piece(Wires* wires, const Behind* behind, uint32_t number,
                         Message* message) noexcept nogil:
    """One that is partial (it names its institutions in every entry) or goes again may outgrow limits: its
    rest waits."""
    cdef Piece* piece = piece_at(wires, number)
    cdef uint64_t middle
    if write_log_message(&wires.out, &wires.logs[piece.where], piece.from_position, piece.to_position,
                         piece.partial,
                         piece.mask, behind, message) != 0:
        return -1
    while ((piece.partial or piece.attempts) and piece.to_position - piece.from_position > 1
            and (wires.out.size > behind.bytes_max or message.entry_count > behind.entries_max)):
        middle = (piece.from_position + piece.to_position) // 2
        if piece_split(wires, number, middle) == NOTHING:
            return -1
        message.ask_count = message.note_count = 0
        if write_log_message(&wires.out, &wires.logs[piece.where], piece.from_position, middle, piece.partial,
                             piece.mask,
                             behind, message) != 0:
            return -1
    if piece.partial == ASKS_AND_NOTES and piece.attempts == 0:
        wires.queries_on_wire += <uint64_t>message.ask_count * mask_count(piece.mask)
        wires.notes_on_wire += <uint64_t>message.note_count * mask_count(piece.mask)
    return 0


cdef int give_message(Wires* wires, Book* book, const Behind* behind, uint32_t number, bint fresh,
                      int64_t now_ns) noexcept nogil:
    """Find or write the message of a piece that has none; `fresh`: it is being cut, what does not fit stays
    in its lane."""
    cdef Piece* piece = piece_at(wires, number)
    cdef bint shared = piece.where < LANES_AT and not piece.partial
    cdef uint32_t message = cut_find(wires, piece) if shared else NOTHING
    cdef uint64_t end = piece.to_position
    cdef int written
    if message == NOTHING:
        message = slab_new(&wires.messages)
        if message == NOTHING:
            return -1
        wires.last_batch_id += 1
        message_at(wires, message).batch_id = wires.last_batch_id
        if piece.where < LANES_AT:
            written = write_log_piece(wires, behind, number, message_at(wires, message))
        else:
            written = write_lane_message(&wires.out,
                                         &wires.lines[piece.endpoint].lanes[piece.where - LANES_AT], book,
                                         piece.from_position, &end, behind, now_ns, message_at(wires,
                                                                                               message))
            if written == 0 and end < piece.to_position:
                if fresh:
                    piece.to_position = end
                elif piece_split(wires, number, end) == NOTHING:
                    written = -1
        if written != 0:
            slab_free(&wires.messages, message)
            return -1
        if shared:
            cut_keep(wires, piece, message)
    message_at(wires, message).refs += 1
    piece.message = message
    return 0


cdef uint32_t line_cut(Wires* wires, Book* book, const Behind* behind, uint32_t endpoint, Choice choice,
                       int64_t now_ns) noexcept nogil:
    cdef Line* line = &wires.lines[endpoint]
    cdef uint32_t number = choice.piece
    cdef uint32_t where = choice.where
    cdef uint64_t start, end = 0
    cdef uint8_t reason = CUT_DRAINED
    cdef Mask mask
    cdef Piece* piece
    cdef Message* message
    wires.out.size = 0
    if number == NOTHING:
        mask.low = mask.high = 0
        if where < LANES_AT:
            start = line.cursor[where]
            end = log_cut_end(wires, behind, endpoint, where, &reason)
            mask = log_segment(&wires.logs[where],
                               start).directory.behind[endpoint].members[wires.logs[where].set]
        else:
            start = line.lanes[where - LANES_AT].cursor
            end = line.lanes[where - LANES_AT].head
        number = piece_new(wires, endpoint, where, start, end, mask)
        if number == NOTHING:
            return NOTHING
        piece_at(wires, number).due_ns = choice.due_ns
        piece_at(wires, number).reason = reason
        if where < LANES_AT and not mask_equal(mask, behind.capable):
            # Asked under an older directory: an entry that names nobody would now mean others.
            piece_at(wires, number).partial = ASKS_AND_NOTES
    piece = piece_at(wires, number)
    if piece.message == NOTHING and give_message(wires, book, behind, number, choice.piece == NOTHING,
                                                 now_ns) != 0:
        if choice.piece == NOTHING:
            piece_leave(wires, number)
            piece_free(wires, number)
        return NOTHING
    message = message_at(wires, piece.message)
    if choice.piece == NOTHING:
        # A lane's message says itself how far it went.
        if where < LANES_AT:
            # of one that named its institutions a rest may wait as a piece
            line.cursor[where] = end
            if not piece.partial:
                wires.queries_on_wire += <uint64_t>message.ask_count * mask_count(mask)
                wires.notes_on_wire += <uint64_t>message.note_count * mask_count(mask)
        else:
            line.lanes[where - LANES_AT].cursor = piece.to_position
            wires.queries_on_wire += message.ask_count
            wires.notes_on_wire += message.note_count
            piece.reason = message.reason
    piece.state = PIECE_IN_FLIGHT
    line.in_flight += 1
    wires.in_flight += 1
    return number


cdef uint32_t piece_new(Wires* wires, uint32_t endpoint, uint32_t where, uint64_t from_position,
                        uint64_t to_position,
                        Mask mask) noexcept nogil:
    cdef uint32_t number = slab_new(&wires.pieces)
    cdef Piece* piece
    if number == NOTHING:
        return NOTHING
    piece = piece_at(wires, number)
    piece.endpoint = <uint16_t>endpoint
    piece.where = <uint8_t>where
    piece.state = PIECE_WAITING
    piece.message = NOTHING
    piece.from_position = from_position
    piece.to_position = to_position
    piece.mask = mask
    piece.next = wires.lines[endpoint].pieces
    wires.lines[endpoint].pieces = number
    return number


cdef uint32_t piece_split(Wires* wires, uint32_t number, uint64_t middle) noexcept nogil:
    cdef Piece* piece = piece_at(wires, number)
    cdef uint32_t rest_number = piece_new(wires, piece.endpoint, piece.where, middle, piece.to_position,
                                          piece.mask)
    cdef Piece* rest
    if rest_number == NOTHING:
        return NOTHING
    rest = piece_at(wires, rest_number)
    rest.partial = piece.partial
    rest.attempts = piece.attempts
    rest.reason = piece.reason
    rest.lost = piece.lost
    rest.due_ns = piece.due_ns
    rest.retry_ns = piece.retry_ns
    piece.to_position = middle
    return rest_number


cdef void piece_leave(Wires* wires, uint32_t number) noexcept nogil:
    cdef Piece* piece = piece_at(wires, number)
    cdef Line* line = &wires.lines[piece.endpoint]
    cdef uint32_t* link = &line.pieces
    while link[0] != number:
        link = &piece_at(wires, link[0]).next
    link[0] = piece.next
    if piece.state == PIECE_IN_FLIGHT:
        line.in_flight -= 1
        wires.in_flight -= 1
    if piece.message != NOTHING:
        message_release(wires, piece.message)
        piece.message = NOTHING


cdef void piece_free(Wires* wires, uint32_t number) noexcept nogil:
    slab_free(&wires.pieces, number)


cdef void message_release(Wires* wires, uint32_t number) noexcept nogil:
    cdef Message* message = message_at(wires, number)
    message.refs -= 1
    if message.refs == 0:
        # The Engine holds the bytes object under this number and lets go of both.
        message.entry_count = wires.dropped
        wires.dropped = number


cdef uint32_t line_find(const Wires* wires, uint32_t endpoint, uint64_t batch_id) noexcept nogil:
    cdef uint32_t number = wires.lines[endpoint].pieces
    cdef Piece* piece
    while number != NOTHING:
        piece = piece_at(wires, number)
        if piece.state == PIECE_IN_FLIGHT and message_at(wires, piece.message).batch_id == batch_id:
            return number
        number = piece.next
    return NOTHING
