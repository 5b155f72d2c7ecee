"""Settle: taking replies and failures. See settle.pxd."""

from libc.stdint cimport int32_t, uint64_t

from gateway.core.ahead cimport AHEAD, ahead_entries, ahead_lane, ahead_tickets
from gateway.core.bits cimport Mask, mask_and, mask_count, mask_empty, mask_has, mask_next, mask_set
from gateway.core.bits cimport mask_without
from gateway.core.book cimport ask_at, finding_add, laned_at
from gateway.core.lane cimport Lane, LaneEntry, lane_at
from gateway.core.line cimport (
    ILL_AFTER,
    LANES_AT,
    PIECE_GONE,
    PIECE_WAITING,
    Line,
    Piece,
    message_at,
    message_release,
    piece_at,
    piece_free,
    piece_leave,
    piece_new,
    piece_split,
)
from gateway.core.log cimport KIND_ASK, KIND_NOTE, LogEntry, Segment, log_segment, log_tally
from gateway.core.message cimport ASKS_ALONE, ASKS_AND_NOTES, CUT_AGAIN, CUT_HALF, CUT_REST, WHOLE_SET
from gateway.core.reply cimport (
    FAULT_NONE,
    FAULT_UNKNOWN_INDEX,
    FAULT_WRONG_INSTITUTION,
    OUTCOME_UNAVAILABLE,
    UNANSWERED,
    Said,
    finding_write,
)
from gateway.core.slab cimport NOTHING
from gateway.core.tally cimport ask_news, lane_settle


cdef int settle_check(const Wires* wires, const Book* book, uint32_t number, Reply* reply,
                      Buffer* scratch) noexcept nogil:
    cdef const Piece* piece = piece_at(wires, number)
    cdef uint32_t entry_count = message_at(wires, piece.message).entry_count
    cdef uint32_t index
    cdef int fault
    scratch.size = 0
    for index in range(128):
        if reply.counts[index] != UNANSWERED and reply.counts[index] > entry_count:
            return FAULT_UNKNOWN_INDEX
    for index in range(reply.said_count):
        if reply.said[index].entry >= entry_count:
            return FAULT_UNKNOWN_INDEX
    for index in range(reply.said_count):
        if index % AHEAD == 0:
            ahead_entries(wires, book, piece, reply, index)
        if piece.where < LANES_AT:
            fault = check_log_finding(wires, piece, reply, &reply.said[index], scratch)
        else:
            fault = check_lane_finding(wires, book, piece, reply, &reply.said[index], scratch)
        if fault != FAULT_NONE:
            return fault
    return FAULT_NONE


cdef int check_log_finding(const Wires* wires, const Piece* piece, const Reply* reply, Said* said,
                           Buffer* scratch) noexcept nogil:
    cdef uint64_t position = piece.from_position + said.entry
    cdef Segment* segment = log_segment(&wires.logs[piece.where], position)
    cdef LogEntry* entry
    cdef bint mine
    said.ask = NOTHING
    if segment == NULL:
        return FAULT_NONE                     # all of it has ended meanwhile
    entry = &segment.entries[position - segment.from_position]
    if entry.kind == KIND_NOTE:
        return FAULT_UNKNOWN_INDEX
    # "All" on a stream may mean more than it did when the question was asked: whoever could be inquired of
    # at any time since. What these say is nobody's query, but must be right all the same.
    mine = mask_has(piece.mask, said.place)
    if not mine and piece.partial and not mask_has(piece.lost, said.place):
        return FAULT_WRONG_INSTITUTION
    if not covered(reply, said):
        return FAULT_WRONG_INSTITUTION
    if mine:
        said.ask = entry.ask                  # NOTHING: cancelled while the batch was on its way
    return finding_write(scratch, said, segment.bytes + entry.body_at, entry.size)


cdef int check_lane_finding(const Wires* wires, const Book* book, const Piece* piece, const Reply* reply,
                            Said* said, Buffer* scratch) noexcept nogil:
    cdef const Lane* lane = &wires.lines[piece.endpoint].lanes[piece.where - LANES_AT]
    cdef LaneEntry* entry
    said.ask = NOTHING
    if piece.from_position + said.entry < lane.tail:
        return FAULT_NONE
    entry = lane_at(lane, piece.from_position + said.entry)
    if entry.kind == KIND_NOTE:
        return FAULT_UNKNOWN_INDEX
    if not mask_has(entry.mask, said.place) or not covered(reply, said):
        return FAULT_WRONG_INSTITUTION
    if not entry.ended and mask_has(laned_at(book, ask_at(book, entry.ask)).open, said.place):
        said.ask = entry.ask
    return finding_write(scratch, said, entry.body, entry.size)


cdef inline bint covered(const Reply* reply, const Said* said) noexcept nogil:
    """A finding is believed only of who is named as having answered that far; UNAVAILABLE says itself that
    it has not."""
    if said.outcome == OUTCOME_UNAVAILABLE:
        return True
    return reply.counts[said.place] != UNANSWERED and said.entry < reply.counts[said.place]


cdef int settle_take(Wires* wires, Book* book, Ready* ready, const Rules* rules, uint32_t number,
                     Reply* reply,
                     const Buffer* scratch, int64_t now_ns) noexcept nogil:
    cdef uint32_t index
    cdef Said* said
    wires.lines[piece_at(wires, number).endpoint].failures = 0
    for index in range(reply.said_count):
        said = &reply.said[index]
        if index % AHEAD == 0:
            ahead_tickets(book, reply, index)
        if said.ask == NOTHING or said.outcome == OUTCOME_UNAVAILABLE:
            continue
        if finding_add(book, <uint32_t>said.ask, said.institution, said.state, said.records,
                       scratch.data + said.body_from, <uint32_t>said.body_size) != 0:
            return -1
        ask_news(book, ready, <uint32_t>said.ask, said.institution)
    if piece_at(wires, number).where < LANES_AT:
        return take_log_reply(wires, book, ready, rules, number, reply, now_ns)
    return take_lane_reply(wires, book, ready, rules, number, reply, now_ns)


cdef int take_log_reply(Wires* wires, Book* book, Ready* ready, const Rules* rules, uint32_t number,
                        Reply* reply,
                        int64_t now_ns) noexcept nogil:
    """Count who answered how far; whoever did not is asked again for the rest."""
    cdef Piece* piece = piece_at(wires, number)
    cdef uint32_t entry_count = <uint32_t>(piece.to_position - piece.from_position)
    cdef Mask left = piece.mask
    cdef Mask alike
    cdef uint32_t count
    cdef int place = mask_next(left, 0)
    cdef int other
    while place >= 0:
        count = reply.counts[place] if reply.counts[place] != UNANSWERED else 0
        alike.low = alike.high = 0
        other = place
        while other >= 0:
            if count == (reply.counts[other] if reply.counts[other] != UNANSWERED else 0):
                mask_set(&alike, other)
            other = mask_next(left, other + 1)
        left = mask_without(left, alike)
        log_tally(&wires.logs[piece.where], piece.from_position, piece.from_position + count,
                  <int32_t>mask_count(alike), False)
        if count < entry_count and ask_rest(wires, book, ready, rules, number, piece.from_position + count,
                                            piece.to_position, alike, now_ns) != 0:
            return -1
        place = mask_next(left, place)
    if take_unavailable(wires, book, ready, rules, number, reply, now_ns) != 0:
        return -1
    piece_leave(wires, number)
    piece_free(wires, number)
    return 0


cdef int take_unavailable(Wires* wires, Book* book, Ready* ready, const Rules* rules, uint32_t number,
                          Reply* reply,
                          int64_t now_ns) noexcept nogil:
    """Take back what was counted as answered for UNAVAILABLE entries, run by run."""
    cdef Piece* piece = piece_at(wires, number)
    cdef uint32_t index, run_from, run_to, answered
    cdef Mask mask, concerned
    cdef int place
    concerned.low = concerned.high = 0
    for index in range(reply.said_count):
        if reply.said[index].outcome == OUTCOME_UNAVAILABLE:
            mask_set(&concerned, reply.said[index].place)
    concerned = mask_and(concerned, piece.mask)
    place = mask_next(concerned, 0)
    while place >= 0:
        answered = reply.counts[place] if reply.counts[place] != UNANSWERED else 0
        run_from = run_to = 0
        for index in range(reply.said_count + 1):
            if index < reply.said_count:
                if reply.said[index].place != place or reply.said[index].outcome != OUTCOME_UNAVAILABLE:
                    continue
                if reply.said[index].entry >= answered:
                    continue
                if run_to == reply.said[index].entry and run_to > run_from:
                    run_to += 1
                    continue
            if run_to > run_from:
                mask.low = mask.high = 0
                mask_set(&mask, place)
                log_tally(&wires.logs[piece.where], piece.from_position + run_from, piece.from_position
                          + run_to,
                          -1, False)
                if ask_rest(wires, book, ready, rules, number, piece.from_position + run_from,
                            piece.from_position + run_to, mask, now_ns) != 0:
                    return -1
            if index < reply.said_count:
                run_from = reply.said[index].entry
                run_to = run_from + 1
        place = mask_next(concerned, place + 1)
    return 0


cdef int ask_rest(Wires* wires, Book* book, Ready* ready, const Rules* rules, uint32_t number,
                  uint64_t from_position,
                  uint64_t to_position, Mask mask, int64_t now_ns) noexcept nogil:
    """A new piece for what an answered one left open; given up at once when it was tried often enough, or
    for nobody."""
    cdef uint32_t rest_number = piece_new(wires, piece_at(wires, number).endpoint,
                                          piece_at(wires, number).where,
                                          from_position, to_position, mask)
    cdef Piece* rest
    if rest_number == NOTHING:
        return -1
    rest = piece_at(wires, rest_number)
    rest.partial = ASKS_ALONE if rest.where < LANES_AT else WHOLE_SET
    rest.attempts = piece_at(wires, number).attempts + 1
    rest.reason = CUT_REST
    rest.due_ns = piece_at(wires, number).due_ns
    rest.retry_ns = now_ns + rules.unanswered_retry_ns
    wires.retry_due_ns = min(wires.retry_due_ns, rest.retry_ns)
    if rest.attempts >= rules.attempts_max or not piece_wanted(wires, book, rest_number, now_ns):
        give_up(wires, book, ready, rest_number)
    return 0


cdef int take_lane_reply(Wires* wires, Book* book, Ready* ready, const Rules* rules, uint32_t number,
                         Reply* reply,
                         int64_t now_ns) noexcept nogil:
    cdef Piece* piece = piece_at(wires, number)
    cdef Lane* lane = &wires.lines[piece.endpoint].lanes[piece.where - LANES_AT]
    cdef uint64_t position
    cdef uint32_t entry_index
    cdef uint32_t said_index = 0
    cdef LaneEntry* entry
    cdef const Said* said
    cdef Mask answered, none
    cdef int place
    cdef bint rest = False
    none.low = none.high = 0
    for position in range(max(piece.from_position, lane.tail), piece.to_position):
        entry_index = <uint32_t>(position - piece.from_position)
        ahead_lane(book, lane, position, piece.to_position)
        entry = lane_at(lane, position)
        if entry.kind == KIND_NOTE:
            entry.ended = True
        if entry.ended:
            continue
        answered.low = answered.high = 0
        place = mask_next(entry.mask, 0)
        while place >= 0:
            if reply.counts[place] != UNANSWERED and entry_index < reply.counts[place]:
                mask_set(&answered, place)
            place = mask_next(entry.mask, place + 1)
        while said_index < reply.said_count and reply.said[said_index].entry <= entry_index:
            said = &reply.said[said_index]
            if said.entry == entry_index and said.outcome == OUTCOME_UNAVAILABLE:
                none.low = none.high = 0
                mask_set(&none, said.place)
                answered = mask_without(answered, none)
            said_index += 1
        none.low = none.high = 0
        lane_settle(wires, book, ready, entry.ask, answered, none)
        rest = rest or (not entry.ended and not mask_empty(
            mask_and(entry.mask, laned_at(book, ask_at(book, entry.ask)).open)))
    if rest and ask_rest(wires, book, ready, rules, number, piece.from_position, piece.to_position, none,
                         now_ns) != 0:
        return -1
    piece_leave(wires, number)
    piece_free(wires, number)
    return 0


cdef bint piece_wanted(const Wires* wires, const Book* book, uint32_t number, int64_t now_ns) noexcept nogil:
    cdef const Piece* piece = piece_at(wires, number)
    cdef uint64_t position = piece.from_position
    cdef Segment* segment
    cdef const Lane* lane
    cdef LaneEntry* lane_entry
    cdef LogEntry* entry
    if piece.where >= LANES_AT:
        lane = &wires.lines[piece.endpoint].lanes[piece.where - LANES_AT]
        for position in range(max(piece.from_position, lane.tail), piece.to_position):
            lane_entry = lane_at(lane, position)
            if lane_entry.ended:
                continue
            if lane_entry.kind == KIND_NOTE:
                if lane_entry.until_ns >= now_ns:
                    return True
            elif ask_at(book, lane_entry.ask).waiting:
                return True
        return False
    while position < piece.to_position:
        segment = log_segment(&wires.logs[piece.where], position)
        if segment == NULL:
            position += 1
            continue
        if segment.live == 0 and segment.notes_until_ns < now_ns:
            position = segment.from_position + segment.count
            continue
        entry = &segment.entries[position - segment.from_position]
        if entry.kind == KIND_NOTE and piece.partial != ASKS_ALONE and segment.notes_until_ns >= now_ns:
            return True
        if entry.kind == KIND_ASK and ask_at(book, entry.ask).waiting:
            return True
        position += 1
    return False


cdef int settle_fail(Wires* wires, Book* book, Ready* ready, const Rules* rules, uint32_t number,
                     uint32_t cause,
                     int64_t retry_ns, int64_t now_ns) noexcept nogil:
    cdef Piece* piece = piece_at(wires, number)
    cdef Line* line = &wires.lines[piece.endpoint]
    line.in_flight -= 1
    wires.in_flight -= 1
    piece.state = PIECE_WAITING
    piece.retry_ns = retry_ns
    wires.retry_due_ns = min(wires.retry_due_ns, retry_ns)
    piece.reason = CUT_AGAIN
    if cause != CAUSE_UNDELIVERED:
        piece.attempts += 1
        line.failures += 1
    if not piece_wanted(wires, book, number, now_ns):
        give_up(wires, book, ready, number)
    elif cause != CAUSE_UNDELIVERED:
        if (piece.attempts >= 2 and piece.to_position - piece.from_position > 1 and cause != CAUSE_TIMEOUT
                and line.failures < ILL_AFTER):
            return halve(wires, number)
        if piece.attempts >= rules.attempts_max:
            give_up(wires, book, ready, number)
    return 0


cdef int halve(Wires* wires, uint32_t number) noexcept nogil:
    """One of the two holds the bad entry; the other will be answered."""
    cdef Piece* piece = piece_at(wires, number)
    cdef uint64_t middle = (piece.from_position + piece.to_position) // 2
    cdef uint32_t half_number
    if piece.where < LANES_AT and piece.partial == WHOLE_SET and not mask_empty(piece.lost):
        # A message written anew names whom it is for, where that is not everybody any more.
        piece.partial = ASKS_AND_NOTES
    half_number = piece_split(wires, number, middle)
    if half_number == NOTHING:
        return -1
    message_release(wires, piece.message)
    piece.message = NOTHING
    piece.attempts = piece_at(wires, half_number).attempts = 1
    piece.reason = piece_at(wires, half_number).reason = CUT_HALF
    return 0


cdef void give_up(Wires* wires, Book* book, Ready* ready, uint32_t number) noexcept nogil:
    cdef Piece* piece = piece_at(wires, number)
    cdef Lane* lane
    cdef LaneEntry* entry
    cdef uint64_t position
    cdef Mask none
    piece_leave(wires, number)
    if piece.where < LANES_AT:
        log_tally(&wires.logs[piece.where], piece.from_position, piece.to_position,
                  <int32_t>mask_count(piece.mask), True)
        piece.state = PIECE_GONE
        piece.next = wires.logs[piece.where].gone
        wires.logs[piece.where].gone = number
        return
    none.low = none.high = 0
    lane = &wires.lines[piece.endpoint].lanes[piece.where - LANES_AT]
    for position in range(max(piece.from_position, lane.tail), piece.to_position):
        entry = lane_at(lane, position)
        if entry.kind == KIND_ASK and not entry.ended:
            lane_settle(wires, book, ready, entry.ask, none, entry.mask)
        entry.ended = True
    piece_free(wires, number)
