"""Tally: ending asks, finding the tickets concerned, and counting coverage. See tally.pxd."""

from libc.string cimport memset

from gateway.core.bits cimport (
    bits_and,
    bits_count,
    bits_empty,
    bits_or,
    bits_remove,
    mask_and,
    mask_count,
    mask_empty,
    mask_or,
    mask_without,
)
from gateway.core.book cimport (
    AMBIGUOUS,
    FOUND,
    LANE,
    REFUSED,
    SOME,
    WHOLE,
    Ask,
    Finding,
    Laned,
    Part,
    Ticket,
    ask_at,
    ask_directory,
    ask_end,
    ask_forget,
    finding_at,
    gone_set_at,
    gone_set_of,
    laned_at,
    part_at,
    part_bits,
    part_mask,
    part_wants,
    ticket_at,
)
from gateway.core.directory cimport directory_spread
from gateway.core.lane cimport LaneEntry, lane_at
from gateway.core.line cimport LANES_AT, PIECE_WAITING, Line, Piece, cuts_forget, piece_at
from gateway.core.log cimport KIND_VOID, Log, LOG_COUNT, Segment, log_segment, segment_sum
from gateway.core.slab cimport NOTHING
from gateway.core.standing cimport gone_at, open_at


cdef void ready_add(Book* book, Ready* ready, uint32_t number) noexcept nogil:
    cdef Ticket* ticket = ticket_at(book, number)
    if ticket.ready:
        return
    ticket.ready = True
    ticket.ready_next = NOTHING
    if ready.tail == NOTHING:
        ready.head = number
    else:
        ticket_at(book, ready.tail).ready_next = number
    ready.tail = number


cdef uint32_t ready_take(Book* book, Ready* ready) noexcept nogil:
    cdef uint32_t number = ready.head
    if number != NOTHING:
        ready.head = ticket_at(book, number).ready_next
        if ready.head == NOTHING:
            ready.tail = NOTHING
        ticket_at(book, number).ready = False
    return number


cdef void ask_news(Book* book, Ready* ready, uint32_t ask, uint32_t institution) noexcept nogil:
    cdef uint32_t number = ask_at(book, ask).parts
    cdef const Part* part
    while number != NOTHING:
        part = part_at(book, number)
        number = part.ask_next
        if not part_wants(book, part, ask_at(book, ask), institution):
            continue
        ticket_at(book, part.ticket).news = True
        ready_add(book, ready, part.ticket)


cdef void part_done(Book* book, Ready* ready, Part* part) noexcept nogil:
    cdef Ticket* ticket = ticket_at(book, part.ticket)
    part.done = True
    ticket.open_parts -= 1
    if ticket.open_parts == 0:
        ready_add(book, ready, part.ticket)


cdef void lane_settle(Wires* wires, Book* book, Ready* ready, uint32_t number, Mask answered,
                      Mask gone) noexcept nogil:
    cdef Ask* ask = ask_at(book, number)
    cdef Laned* laned = laned_at(book, ask)
    cdef uint32_t part_number = ask.parts
    cdef Part* part
    cdef LaneEntry* entry
    cdef bint is_answered
    if mask_empty(mask_and(laned.open, mask_or(answered, gone))):
        return
    laned.gone = mask_or(laned.gone, mask_and(laned.open, gone))
    laned.open = mask_without(laned.open, mask_or(answered, gone))
    is_answered = mask_empty(laned.open)
    while part_number != NOTHING:
        part = part_at(book, part_number)
        part_number = part.ask_next
        if not part.done and (is_answered or mask_empty(mask_and(part_mask(book, part, ask), laned.open))):
            part_done(book, ready, part)
    if is_answered:
        entry = lane_entry(wires, book, ask)
        entry.ended = True
        entry.ask = NOTHING
        ask_end(book, number)


cdef LaneEntry* lane_entry(const Wires* wires, const Book* book, const Ask* ask) noexcept nogil:
    # An entry stays in its lane while its ask is open: position tells which of the endpoint's lanes (its low
    # two bits).
    return lane_at(&wires.lines[laned_at(book, ask).endpoint].lanes[ask.position & 3], ask.position >> 2)


cdef void end_log_ask(Wires* wires, Book* book, Ready* ready, uint32_t where, Segment* segment,
                      uint32_t index) noexcept nogil:
    cdef uint32_t number = segment.entries[index].ask
    cdef Ask* ask = ask_at(book, number)
    cdef uint32_t part_number = ask.parts
    cdef Part* part
    cdef Bits gone, lost
    if segment.gone[index]:
        memset(&gone, 0, sizeof(Bits))
        memset(&lost, 0, sizeof(Bits))
        gone_at(wires, where, segment.from_position + index, segment, &gone, &lost)
        ask.whom = gone_set_of(book, &gone, &lost)
    segment.entries[index].ask = NOTHING
    segment.entries[index].kind = KIND_VOID
    segment.open_asks -= 1
    if ask.waiting:
        segment.live -= 1
    while part_number != NOTHING:
        part = part_at(book, part_number)
        part_number = part.ask_next
        if part.kind == SOME:
            segment.some_parts -= 1
        if not part.done:
            part_done(book, ready, part)
    ask_end(book, number)


cdef void settle_some(const Wires* wires, Book* book, Ready* ready, uint32_t where, const Segment* segment,
                      uint32_t index) noexcept nogil:
    """Parts that wait for some institutions of an ask can be done before the ask is."""
    cdef uint32_t part_number = ask_at(book, segment.entries[index].ask).parts
    cdef Part* part
    cdef Bits still_open, failing
    cdef bint known = False
    while part_number != NOTHING:
        part = part_at(book, part_number)
        part_number = part.ask_next
        if part.kind != SOME or part.done:
            continue
        if not known:
            known = True
            memset(&still_open, 0, sizeof(Bits))
            open_at(wires, where, segment.from_position + index, segment, &still_open, &failing)
        failing = still_open
        bits_and(&failing, part_bits(book, part))
        if bits_empty(&failing):
            part_done(book, ready, part)


cdef void log_settle(Wires* wires, Book* book, Ready* ready) noexcept nogil:
    cdef uint32_t where, index, members
    cdef Log* log
    cdef Segment* segment
    for where in range(<uint32_t>LOG_COUNT):
        log = &wires.logs[where]
        while log.touched != NULL:
            segment = log.touched
            log.touched = segment.touched_next
            segment.touched = False
            segment_sum(segment)
            members = segment.directory.member_count[log.set]
            for index in range(segment.count):
                if segment.entries[index].ask == NOTHING:
                    continue
                if segment.answered[index] + segment.gone[index] == members:
                    end_log_ask(wires, book, ready, where, segment, index)
                elif segment.some_parts:
                    settle_some(wires, book, ready, where, segment, index)


cdef bint ask_unwait(Wires* wires, Book* book, uint32_t number) noexcept nogil:
    cdef Ask* ask = ask_at(book, number)
    cdef Segment* segment
    ask.waiting -= 1
    if ask.waiting or ask.done:
        return False
    if ask.log != LANE:
        segment = log_segment(&wires.logs[ask.log], ask.position)
        segment.live -= 1
    ask_forget(book, number)
    return True


cdef void ask_abandon(Wires* wires, Book* book, uint32_t number) noexcept nogil:
    cdef Ask* ask = ask_at(book, number)
    cdef Segment* segment
    cdef LaneEntry* entry
    if ask.log == LANE:
        entry = lane_entry(wires, book, ask)
        entry.ended = True
        entry.ask = NOTHING
    else:
        segment = log_segment(&wires.logs[ask.log], ask.position)
        segment.open_asks -= 1
        segment.entries[ask.position - segment.from_position].ask = NOTHING
        segment.entries[ask.position - segment.from_position].kind = KIND_VOID
        cuts_forget(wires, ask.log)
    ask_end(book, number)


cdef void count_findings(const Book* book, const Ask* ask, const Part* part,
                         Coverage* coverage) noexcept nogil:
    """Of a part that wants only some of an ask's institutions."""
    cdef uint32_t number = ask.findings
    cdef const Finding* finding
    while number != NOTHING:
        finding = finding_at(book, number)
        number = finding.next
        if not part_wants(book, part, ask, finding.institution):
            continue
        coverage.found += finding.state == FOUND
        coverage.ambiguous += finding.state == AMBIGUOUS
        coverage.refused += finding.state == REFUSED


cdef void ask_bits(const Wires* wires, const Book* book, const Ask* ask, Bits* still_open, Bits* failing,
                   Bits* gone, Bits* lost) noexcept nogil:
    """Who has not answered an ask of a shared log, and who never will; added."""
    cdef Segment* segment
    if ask.done:
        if ask.whom != NOTHING:
            bits_or(gone, &gone_set_at(book, ask.whom).bits)
            bits_or(lost, &gone_set_at(book, ask.whom).lost)
        return
    segment = log_segment(&wires.logs[ask.log], ask.position)
    open_at(wires, ask.log, ask.position, segment, still_open, failing)
    if segment.gone[ask.position - segment.from_position]:
        gone_at(wires, ask.log, ask.position, segment, gone, lost)


cdef void cover_whole(const Wires* wires, const Book* book, const Ask* ask,
                      Coverage* coverage) noexcept nogil:
    cdef uint32_t members = ask_directory(book, ask).member_count[wires.logs[ask.log].set]
    cdef uint32_t index
    cdef uint32_t gone = 0
    cdef uint32_t still_open = 0
    cdef Segment* segment
    if ask.done:
        if ask.whom != NOTHING:
            gone = bits_count(&gone_set_at(book, ask.whom).bits)
    else:
        segment = log_segment(&wires.logs[ask.log], ask.position)
        index = <uint32_t>(ask.position - segment.from_position)
        gone = segment.gone[index]
        still_open = members - gone - segment.answered[index]
    if gone or still_open:
        coverage_bits(coverage)
        ask_bits(wires, book, ask, &coverage.open_bits, &coverage.failing_bits, &coverage.gone_bits,
                 &coverage.lost_bits)
    coverage.open += still_open
    coverage.gone += gone
    coverage.found += ask.found
    coverage.ambiguous += ask.ambiguous
    coverage.refused += ask.refused
    coverage.none += members - gone - still_open - ask.found - ask.ambiguous - ask.refused


cdef void cover_some(const Wires* wires, const Book* book, const Ask* ask, const Part* part,
                     Coverage* coverage) noexcept nogil:
    cdef Bits still_open, failing, gone, lost
    cdef uint32_t before = coverage.found + coverage.ambiguous + coverage.refused
    cdef uint32_t open_count, gone_count
    cdef const Bits* wanted = part_bits(book, part)
    memset(&still_open, 0, sizeof(Bits))
    memset(&failing, 0, sizeof(Bits))
    memset(&gone, 0, sizeof(Bits))
    memset(&lost, 0, sizeof(Bits))
    ask_bits(wires, book, ask, &still_open, &failing, &gone, &lost)
    coverage_bits(coverage)
    bits_and(&lost, wanted)
    bits_or(&coverage.lost_bits, &lost)
    bits_and(&still_open, wanted)
    bits_and(&failing, wanted)
    bits_and(&gone, wanted)
    open_count = bits_count(&still_open)
    gone_count = bits_count(&gone)
    bits_or(&coverage.open_bits, &still_open)
    bits_or(&coverage.failing_bits, &failing)
    bits_or(&coverage.gone_bits, &gone)
    count_findings(book, ask, part, coverage)
    before = coverage.found + coverage.ambiguous + coverage.refused - before
    coverage.open += open_count
    coverage.gone += gone_count
    coverage.none += bits_count(wanted) - open_count - gone_count - before


cdef bint lane_failing(const Wires* wires, const Ask* ask, uint32_t endpoint) noexcept nogil:
    """Is its endpoint closed, or does it wait for another try?"""
    cdef const Line* line = &wires.lines[endpoint]
    cdef uint32_t number = line.pieces
    cdef const Piece* piece
    if line.in_flight_max == 0:
        return True
    while number != NOTHING:
        piece = piece_at(wires, number)
        number = piece.next
        if (piece.where == LANES_AT + (ask.position & 3) and piece.state == PIECE_WAITING and piece.attempts
                and piece.from_position <= ask.position >> 2 < piece.to_position):
            return True
    return False


cdef void cover_laned(const Wires* wires, const Book* book, const Ask* ask, const Part* part,
                      Coverage* coverage) noexcept nogil:
    cdef const Laned* laned = laned_at(book, ask)
    cdef Directory* directory = ask_directory(book, ask)
    cdef Mask wanted = part_mask(book, part, ask)
    cdef Mask still_open = mask_and(wanted, laned.open)
    cdef Mask gone = mask_and(wanted, laned.gone)
    cdef uint32_t before = coverage.found + coverage.ambiguous + coverage.refused
    if part.kind == WHOLE:
        coverage.found += ask.found
        coverage.ambiguous += ask.ambiguous
        coverage.refused += ask.refused
    else:
        count_findings(book, ask, part, coverage)
    before = coverage.found + coverage.ambiguous + coverage.refused - before
    coverage.none += mask_count(mask_without(wanted, mask_or(still_open, gone))) - before
    if not mask_empty(gone):
        coverage_bits(coverage)
        coverage.gone += mask_count(gone)
        directory_spread(directory, laned.endpoint, gone, &coverage.gone_bits)
        directory_spread(directory, laned.endpoint, mask_and(wanted, laned.lost), &coverage.lost_bits)
    if not mask_empty(still_open):
        coverage_bits(coverage)
        coverage.open += mask_count(still_open)
        directory_spread(directory, laned.endpoint, still_open, &coverage.open_bits)
        if lane_failing(wires, ask, laned.endpoint):
            directory_spread(directory, laned.endpoint, still_open, &coverage.failing_bits)


cdef void ticket_cover(const Wires* wires, const Book* book, uint32_t ticket,
                       Coverage* coverage) noexcept nogil:
    cdef uint32_t number = ticket_at(book, ticket).parts
    cdef const Part* part
    cdef const Ask* ask
    coverage.open = coverage.found = coverage.none = coverage.ambiguous = coverage.refused = 0
    coverage.gone = coverage.lost = coverage.has_bits = 0
    while number != NOTHING:
        part = part_at(book, number)
        number = part.next
        ask = ask_at(book, part.ask)
        if ask.log == LANE:
            cover_laned(wires, book, ask, part, coverage)
        elif part.kind == WHOLE:
            cover_whole(wires, book, ask, coverage)
        else:
            cover_some(wires, book, ask, part, coverage)
    if coverage.gone:
        coverage.lost = bits_count(&coverage.lost_bits)


cdef void ask_worth(const Wires* wires, const Book* book, uint32_t number, Bits* out) noexcept nogil:
    cdef const Ask* ask = ask_at(book, number)
    cdef Bits gone, lost
    cdef Segment* segment
    cdef uint32_t finding = ask.findings
    memset(out, 0, sizeof(Bits))
    if ask.log == LANE:
        directory_spread(ask_directory(book, ask), laned_at(book, ask).endpoint,
                         mask_without(laned_at(book, ask).asked, laned_at(book, ask).gone), out)
    else:
        out[0] = ask_directory(book, ask).members[wires.logs[ask.log].set]
        memset(&gone, 0, sizeof(Bits))
        if ask.done:
            if ask.whom != NOTHING:
                gone = gone_set_at(book, ask.whom).bits
        else:
            segment = log_segment(&wires.logs[ask.log], ask.position)
            gone_at(wires, ask.log, ask.position, segment, &gone, &lost)
        bits_remove(out, &gone)
    while ask.refused and finding != NOTHING:
        if finding_at(book, finding).state == REFUSED:
            out.words[finding_at(book, finding).institution >> 6] &= ~(
                1ULL << (finding_at(book, finding).institution & 63))
        finding = finding_at(book, finding).next
