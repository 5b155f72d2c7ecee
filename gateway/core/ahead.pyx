"""Ahead: ways through entries, asks, parts, tickets and findings. See ahead.pxd."""

from gateway.core.book cimport (
    Ask,
    Finding,
    Part,
    Ticket,
    ask_at,
    finding_at,
    laned_at,
    part_at,
    ticket_at,
    ticket_frame,
)
from gateway.core.lane cimport LaneEntry, lane_at
from gateway.core.line cimport LANES_AT
from gateway.core.log cimport LogEntry, Segment, log_segment
from gateway.core.slab cimport CACHE_LINE_SIZE, NOTHING, prefetch, slab_prefetch

cdef enum:
    LANE_STRIDE = 8           # lane entries between one step of a way and the next
    BODY_BYTES_MAX = 512      # of a finding; the rest of a longer one comes as it is copied

cdef enum Step:
    STEP_TICKET
    STEP_PART
    STEP_ASK
    STEP_FINDING
    STEP_DONE


cdef void ahead_entries(const Wires* wires, const Book* book, const Piece* piece, const Reply* reply,
                        uint32_t at) noexcept nogil:
    cdef uint32_t end = min(at + AHEAD, reply.said_count)
    cdef uint32_t index
    cdef const Segment* segment
    cdef const LogEntry* entry
    cdef const Lane* lane
    cdef const LaneEntry* lane_entry
    if piece.where >= LANES_AT:
        lane = &wires.lines[piece.endpoint].lanes[piece.where - LANES_AT]
        # What has left the lane has left nothing behind; findings come in the order of their entries.
        while at < end and piece.from_position + reply.said[at].entry < lane.tail:
            at += 1
        for index in range(at, end):
            prefetch(lane_at(lane, piece.from_position + reply.said[index].entry))
        for index in range(at, end):
            lane_entry = lane_at(lane, piece.from_position + reply.said[index].entry)
            two_lines(lane_entry.body)
            if lane_entry.ask != NOTHING:
                fetch_ask(ask_at(book, lane_entry.ask))
        return
    segment = log_segment(&wires.logs[piece.where], piece.from_position + reply.said[at].entry)
    if segment == NULL:
        return
    # A batch can have entries of several segments: those behind the first one come when it is their turn.
    while piece.from_position + reply.said[end - 1].entry >= segment.from_position + segment.count:
        end -= 1
    for index in range(at, end):
        prefetch(&segment.entries[piece.from_position + reply.said[index].entry - segment.from_position])
    for index in range(at, end):
        entry = &segment.entries[piece.from_position + reply.said[index].entry - segment.from_position]
        two_lines(segment.bytes + entry.body_at)
        slab_prefetch(&book.asks, entry.ask)


cdef void ahead_tickets(const Book* book, const Reply* reply, uint32_t at) noexcept nogil:
    cdef uint32_t end = min(at + AHEAD, reply.said_count)
    cdef uint32_t index
    for index in range(at, end):
        if reply.said[index].ask != NOTHING:
            slab_prefetch(&book.parts, ask_at(book, <uint32_t>reply.said[index].ask).parts)
    for index in range(at, end):
        if reply.said[index].ask != NOTHING:
            fetch_ticket(book, <uint32_t>reply.said[index].ask)


cdef void ahead_lane(const Book* book, const Lane* lane, uint64_t position, uint64_t end) noexcept nogil:
    cdef uint32_t ask
    if position + 3 * LANE_STRIDE < end:
        ask = lane_at(lane, position + 3 * LANE_STRIDE).ask
        if ask != NOTHING:
            fetch_ask(ask_at(book, ask))
    if position + 2 * LANE_STRIDE < end:
        ask = lane_at(lane, position + 2 * LANE_STRIDE).ask
        if ask != NOTHING:
            two_lines(laned_at(book, ask_at(book, ask)))
            slab_prefetch(&book.parts, ask_at(book, ask).parts)
    if position + LANE_STRIDE < end:
        ask = lane_at(lane, position + LANE_STRIDE).ask
        if ask != NOTHING:
            fetch_ticket(book, ask)


cdef inline void fetch_ask(const Ask* ask) noexcept nogil:
    prefetch(ask)
    prefetch(&ask.done)


cdef inline void two_lines(const void* place) noexcept nogil:
    prefetch(place)
    prefetch(<const uint8_t*>place + CACHE_LINE_SIZE)


cdef inline void fetch_ticket(const Book* book, uint32_t ask) noexcept nogil:
    """Of the first part; its counters and flags."""
    cdef uint32_t part = ask_at(book, ask).parts
    cdef const Ticket* ticket
    if part != NOTHING:
        ticket = ticket_at(book, part_at(book, part).ticket)
        prefetch(&ticket.ready_next)
        prefetch(&ticket.ready)


cdef void runners_start(Runners* runners, const Book* book, const Ready* ready) noexcept nogil:
    cdef uint32_t index
    runners.oldest = 0
    runners.ticket = ready.head
    for index in range(<uint32_t>RUNNERS):
        runner_start(&runners.ring[index], book, runners)


cdef void runner_start(Runner* runner, const Book* book, Runners* runners) noexcept nogil:
    """At the next ticket of the list."""
    cdef const Ticket* ticket
    runner.number = runners.ticket
    runner.step = STEP_TICKET
    if runner.number == NOTHING:
        runner.step = STEP_DONE
        return
    ticket = ticket_at(book, runner.number)
    prefetch(ticket)
    prefetch(&ticket.ready)
    runners.ticket = ticket.ready_next


cdef void runners_step(Runners* runners, const Book* book, const Ready* ready) noexcept nogil:
    cdef uint32_t index
    for index in range(<uint32_t>RUNNERS):
        runner_step(&runners.ring[index], book)
    if runners.ticket == NOTHING:
        runners.ticket = ready.head           # some were added meanwhile, or it has come to the end
    runner_start(&runners.ring[runners.oldest], book, runners)
    runners.oldest = (runners.oldest + 1) % RUNNERS


cdef inline void runner_step(Runner* runner, const Book* book) noexcept nogil:
    cdef const Ticket* ticket
    cdef const Part* part
    cdef const Ask* ask
    if runner.step == STEP_DONE:
        return
    if runner.step == STEP_TICKET:
        ticket = ticket_at(book, runner.number)
        if not ticket.ready:                  # taken meanwhile, and perhaps gone
            runner.step = STEP_DONE
            return
        two_lines(ticket_frame(book, ticket).data + ticket.row_at)
        runner.part = ticket.parts
        next_part(runner, book)
    elif runner.step == STEP_PART:
        part = part_at(book, runner.number)
        runner.part = part.next
        runner.number = part.ask
        runner.step = STEP_ASK
        fetch_ask(ask_at(book, runner.number))
    elif runner.step == STEP_ASK:
        ask = ask_at(book, runner.number)
        next_finding(runner, book, ask.findings)
    else:
        fetch_body(finding_at(book, runner.number))
        next_finding(runner, book, finding_at(book, runner.number).next)


cdef inline void next_part(Runner* runner, const Book* book) noexcept nogil:
    runner.number = runner.part
    runner.step = STEP_PART if runner.part != NOTHING else STEP_DONE
    slab_prefetch(&book.parts, runner.part)


cdef inline void next_finding(Runner* runner, const Book* book, uint32_t number) noexcept nogil:
    if number == NOTHING:
        next_part(runner, book)
        return
    runner.number = number
    runner.step = STEP_FINDING
    slab_prefetch(&book.findings, number)


cdef inline void fetch_body(const Finding* finding) noexcept nogil:
    cdef uint32_t at = 0
    while at < finding.size and at < <uint32_t>BODY_BYTES_MAX:
        prefetch(finding.body + at)
        at += CACHE_LINE_SIZE
