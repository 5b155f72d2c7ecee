"""Answer: writing answers, ending and letting go of tickets. See answer.pxd."""

from libc.stdint cimport uint8_t, uint16_t, uint64_t
from libc.stdlib cimport malloc
from libc.string cimport memset

from gateway.core.bits cimport (
    Bits,
    bits_and,
    bits_count,
    bits_empty,
    bits_has,
    bits_next,
    bits_or,
    bits_remove,
    bits_set,
)
from gateway.core.book cimport (
    AMBIGUOUS,
    CANCELLED,
    ENDED,
    FOUND,
    INCAPABLE,
    LANE,
    LATE,
    NONE,
    REFUSED,
    SOME,
    UNREACHABLE,
    WAITING,
    Ask,
    Finding,
    Part,
    Ticket,
    ask_at,
    finding_at,
    part_at,
    part_wants,
    ticket_at,
    ticket_release,
)
from gateway.core.codec cimport Admitted, parse_admitted
from gateway.core.directory cimport directory_reach
from gateway.core.log cimport log_segment
from gateway.core.slab cimport NOTHING
from gateway.core.sweep cimport sweep_lane_ask
from gateway.core.tally cimport Coverage, ask_abandon, ask_unwait, ready_add, ready_take, ticket_cover
from gateway.core.wheel cimport wheel_add, wheel_remove
from gateway.core.wire cimport (
    BYTES,
    Buffer,
    Slice,
    put_bytes,
    put_raw,
    put_tag,
    put_uint,
    put_varint,
    varint_size,
)
from gateway.core.world cimport ANSWERS_BYTES_MAX, STATE_COUNT, Court, Mark

cdef enum:
    STAGE_PARTIAL = 1
    STAGE_FINAL = 2
    STAGE_LATE = 3


cdef int answer_ready(World* world, int64_t now_ns) noexcept nogil:
    cdef uint32_t number = ready_take(&world.book, &world.ready)
    cdef Ticket* ticket
    while number != NOTHING:
        ticket = ticket_at(&world.book, number)
        if ticket.stage == WAITING and ticket.open_parts == 0:
            # It stands in the list again afterwards, to be let go.
            if ticket_end(world, number, BY_COMPLETION, now_ns) != 0:
                return -1
        elif ticket.stage == ENDED and (ticket.open_parts == 0 or ticket.cancelled):
            if not ticket.cancelled and late_answer(world, number, now_ns) != 0:
                return -1
            release(world, number)
        elif ticket.news and answer_news(world, number, now_ns) != 0:
            return -1
        number = ready_take(&world.book, &world.ready)
    return 0


cdef int answer_news(World* world, uint32_t number, int64_t now_ns) noexcept nogil:
    """A partial or late answer, if the last one is long enough ago; else a timer for it."""
    cdef Ticket* ticket = ticket_at(&world.book, number)
    cdef int64_t due_ns = ticket.answered_ns + world.partial_every_ns
    cdef Coverage coverage
    if now_ns < due_ns:
        if ticket.stage == WAITING:
            due_ns = min(due_ns, ticket.deadline_ns)
        if ticket.timer != NOTHING:
            wheel_remove(&world.wheel, ticket.timer)
        ticket.timer = wheel_add(&world.wheel, due_ns, number)
        return 0 if ticket.timer != NOTHING else -1
    if ticket.stage == ENDED:
        return late_answer(world, number, now_ns)
    ticket_cover(&world.wires, &world.book, number, &coverage)
    return write_answer(world, ticket, STAGE_PARTIAL, &coverage, now_ns)


cdef int late_answer(World* world, uint32_t number, int64_t now_ns) noexcept nogil:
    """Only if somebody who was late has replied since the last answer."""
    cdef Ticket* ticket = ticket_at(&world.book, number)
    cdef Coverage coverage
    cdef uint32_t answered
    ticket.news = False
    if ticket.ended_late == NULL:
        return 0
    ticket_cover(&world.wires, &world.book, number, &coverage)
    bits_or(&coverage.open_bits, &coverage.gone_bits)
    bits_and(&coverage.open_bits, &ticket.ended_late[0])
    answered = ticket.counts[LATE] - bits_count(&coverage.open_bits)
    if answered == ticket.late_answered:
        return 0
    ticket.late_answered = <uint16_t>answered
    return write_answer(world, ticket, STAGE_LATE, &coverage, now_ns)


cdef int ticket_end(World* world, uint32_t number, Ending ending, int64_t now_ns) noexcept nogil:
    cdef Ticket* ticket = ticket_at(&world.book, number)
    cdef Coverage coverage
    cdef uint32_t failing, state, part
    cdef bint last
    ticket_cover(&world.wires, &world.book, number, &coverage)
    bits_and(&coverage.failing_bits, &coverage.open_bits)
    failing = bits_count(&coverage.failing_bits) if ending == BY_DEADLINE else 0
    ticket.counts[FOUND] = <uint16_t>coverage.found
    ticket.counts[NONE] = <uint16_t>coverage.none
    ticket.counts[AMBIGUOUS] = <uint16_t>coverage.ambiguous
    ticket.counts[REFUSED] = <uint16_t>coverage.refused
    ticket.counts[INCAPABLE] += <uint16_t>coverage.lost
    ticket.counts[UNREACHABLE] = <uint16_t>(coverage.gone - coverage.lost + failing)
    ticket.counts[CANCELLED if ending == BY_CANCEL else LATE] = <uint16_t>(coverage.open - failing)
    ticket.cancelled = ending == BY_CANCEL
    if ending == BY_DEADLINE and keep_late(world, ticket, &coverage) != 0:
        return -1
    if write_answer(world, ticket, STAGE_FINAL, &coverage, now_ns) != 0:
        return -1
    ticket.stage = ENDED
    ticket.ended_order = world.book.findings_made
    world.book.open_count -= 1
    world.finals += 1
    for state in range(1, STATE_COUNT):
        world.states[state] += ticket.counts[state]
    if ticket.timer != NOTHING:
        wheel_remove(&world.wheel, ticket.timer)
        ticket.timer = NOTHING
    part = ticket.parts
    while part != NOTHING:
        last = ask_unwait(&world.wires, &world.book, part_at(&world.book, part).ask)
        if last and ask_at(&world.book, part_at(&world.book, part).ask).log == LANE:
            sweep_lane_ask(&world.wires, &world.book, &world.ready, part_at(&world.book, part).ask)
        part = part_at(&world.book, part).next
    if ticket.open_parts == 0 or ticket.cancelled:
        ready_add(&world.book, &world.ready, number)
    return 0


cdef int keep_late(World* world, Ticket* ticket, const Coverage* coverage) noexcept nogil:
    """Remember who was late and who unreachable: late answers say who of these has replied since."""
    if coverage.open == 0:
        return 0
    ticket.ended_late = <Bits*>malloc(2 * sizeof(Bits))
    if ticket.ended_late == NULL:
        return -1
    world.book.bytes += 2 * sizeof(Bits)
    ticket.ended_late[0] = coverage.open_bits
    bits_remove(&ticket.ended_late[0], &coverage.failing_bits)
    ticket.ended_late[1] = coverage.gone_bits
    bits_remove(&ticket.ended_late[1], &coverage.lost_bits)
    bits_or(&ticket.ended_late[1], &coverage.failing_bits)
    return 0


cdef void release(World* world, uint32_t number) noexcept nogil:
    cdef uint32_t part_number = ticket_at(&world.book, number).parts
    cdef Part* part
    cdef Ask* ask
    if ticket_at(&world.book, number).timer != NOTHING:
        wheel_remove(&world.wheel, ticket_at(&world.book, number).timer)
    while part_number != NOTHING:
        part = part_at(&world.book, part_number)
        ask = ask_at(&world.book, part.ask)
        if not ask.done:
            if part.kind == SOME:
                log_segment(&world.wires.logs[ask.log], ask.position).some_parts -= 1
            if ask.parts == part_number and part.ask_next == NOTHING:
                ask_abandon(&world.wires, &world.book, part.ask)
        part_number = part.next
    ticket_release(&world.book, number)


cdef int put_missing(Buffer* out, uint32_t state, const Bits* bits) noexcept nogil:
    """Coverage.missing (13): a Missing with the state and the institutions."""
    cdef uint32_t packed_size = 0
    cdef int institution
    if bits_empty(bits):
        return 0
    institution = bits_next(bits, 0)
    while institution >= 0:
        packed_size += varint_size(institution)
        institution = bits_next(bits, institution + 1)
    if put_tag(out, 13, BYTES) != 0 or put_varint(out, 2 + 1 + varint_size(packed_size) + packed_size) != 0:
        return -1
    if put_uint(out, 1, state) != 0 or put_tag(out, 2, BYTES) != 0 or put_varint(out, packed_size) != 0:
        return -1
    institution = bits_next(bits, 0)
    while institution >= 0:
        if put_varint(out, institution) != 0:
            return -1
        institution = bits_next(bits, institution + 1)
    return 0


cdef int put_findings(World* world, const Ticket* ticket, Buffer* out, Bits* refused) noexcept nogil:
    """Answer.findings (7), and who refused."""
    cdef uint32_t part_number = ticket.parts
    cdef uint32_t number
    cdef const Part* part
    cdef const Ask* ask
    cdef const Finding* finding
    cdef bint late
    while part_number != NOTHING:
        part = part_at(&world.book, part_number)
        part_number = part.next
        ask = ask_at(&world.book, part.ask)
        number = ask.findings
        while number != NOTHING:
            finding = finding_at(&world.book, number)
            number = finding.next
            if not part_wants(&world.book, part, ask, finding.institution):
                continue
            # What came after the end counts only for who was late, not for who was given up.
            late = ticket.stage == ENDED and finding.order >= ticket.ended_order
            if late and not bits_has(&ticket.ended_late[0], finding.institution):
                continue
            if finding.state == REFUSED and not late:
                bits_set(refused, finding.institution)
            if put_tag(out, 7, BYTES) != 0 or put_varint(out, finding.size + 2 * late) != 0:
                return -1
            if put_raw(out, finding.body, finding.size) != 0 or put_uint(out, 5, late) != 0:
                return -1
    return 0


cdef int put_counts(Buffer* out, const Ticket* ticket, const uint32_t* counts) noexcept nogil:
    """Coverage but for `missing`."""
    cdef uint32_t state
    if put_uint(out, 1, ticket.total) != 0:
        return -1
    for state in range(STATE_COUNT):
        if put_uint(out, state + 2, counts[state]) != 0:
            return -1
    if put_uint(out, 11, ticket.joined) != 0:
        return -1
    return put_uint(out, 12, ticket.late_answered)


cdef int put_coverage(World* world, const Ticket* ticket, const Admitted* admitted, uint32_t stage,
                      Coverage* coverage,
                      const Bits* refused, Buffer* out) noexcept nogil:
    cdef uint32_t counts[9]
    cdef uint32_t state
    cdef Bits incapable, late, unreachable
    for state in range(STATE_COUNT):
        counts[state] = ticket.counts[state]
    if stage == STAGE_PARTIAL:
        counts[0], counts[FOUND], counts[NONE] = coverage.open, coverage.found, coverage.none
        counts[AMBIGUOUS], counts[REFUSED] = coverage.ambiguous, coverage.refused
        counts[UNREACHABLE] = coverage.gone - coverage.lost
        counts[INCAPABLE] += coverage.lost
    if put_counts(out, ticket, counts) != 0:
        return -1
    if stage == STAGE_PARTIAL or counts[NONE] + counts[FOUND] + counts[AMBIGUOUS] == ticket.total:
        return 0                               # nobody is missing
    directory_reach(ticket.directory, admitted.reach, admitted.province_code, world.list,
                    admitted.institution_count, admitted.items, &incapable)
    bits_remove(&incapable, &ticket.directory.capable)
    bits_or(&incapable, &coverage.lost_bits)
    if stage == STAGE_LATE:
        # Who was late or out of reach at the end stays that, whatever it can do since.
        bits_remove(&incapable, &ticket.ended_late[0])
        bits_remove(&incapable, &ticket.ended_late[1])
        late = coverage.open_bits              # late_answer left in it who has still not replied
        unreachable = ticket.ended_late[1]
    else:
        late = coverage.open_bits
        unreachable = coverage.gone_bits
        bits_remove(&unreachable, &coverage.lost_bits)
        if not ticket.cancelled:
            bits_remove(&late, &coverage.failing_bits)
            bits_or(&unreachable, &coverage.failing_bits)
    if put_missing(out, REFUSED, refused) != 0 or put_missing(out, INCAPABLE, &incapable) != 0:
        return -1
    if not ticket.cancelled and put_missing(out, LATE, &late) != 0:
        return -1
    if put_missing(out, UNREACHABLE, &unreachable) != 0:
        return -1
    return put_missing(out, CANCELLED, &late) if ticket.cancelled else 0


cdef int write_answer(World* world, Ticket* ticket, uint32_t stage, Coverage* coverage,
                      int64_t now_ns) noexcept nogil:
    """Encode the Answer into the court's buffer, as Answers.answers (2)."""
    cdef Court* court = &world.courts[ticket.court]
    cdef Buffer* out = &world.scratch
    cdef Buffer* part = &world.part
    cdef Admitted admitted
    cdef Slice row
    cdef Bits refused
    row.data = ticket.row
    row.size = ticket.row_size
    if parse_admitted(row, &admitted, world.list) != 0:
        return -1
    memset(&refused, 0, sizeof(Bits))
    ticket.revision += 1
    ticket.news = False
    ticket.answered_ns = now_ns
    out.size = part.size = 0
    # Findings before coverage, for coverage names those who refused.
    if put_findings(world, ticket, part, &refused) != 0:
        return -1
    if put_uint(out, 1, ticket.id) != 0 or put_bytes(out, 2, admitted.order_id.data,
                                                     admitted.order_id.size) != 0:
        return -1
    if put_bytes(out, 3, admitted.case_number.data, admitted.case_number.size) != 0 or put_uint(out, 4,
                                                                                                stage) != 0:
        return -1
    if put_uint(out, 5, ticket.revision) != 0 or put_raw(out, part.data, part.size) != 0:
        return -1
    part.size = 0
    if put_coverage(world, ticket, &admitted, stage, coverage, &refused, part) != 0:
        return -1
    if put_bytes(out, 6, part.data, part.size) != 0 or put_uint(out, 8, <uint64_t>ticket.admitted_ns) != 0:
        return -1
    if put_uint(out, 9, <uint64_t>now_ns) != 0 or put_uint(out, 10, <uint64_t>ticket.asked_ns) != 0:
        return -1
    if put_bytes(&court.answers, 2, out.data, out.size) != 0:
        return -1
    if stage == STAGE_FINAL and put_raw(&court.finals, <const uint8_t*>&ticket.id, 8) != 0:
        return -1
    court.count += 1
    world.answers += 1
    if court.answers.size - court.last.answers_size >= ANSWERS_BYTES_MAX:
        return mark_answers(court)
    return 0


cdef int mark_answers(Court* court) noexcept nogil:
    """Here a frame ends."""
    court.last.answers_size = court.answers.size
    court.last.finals_size = court.finals.size
    court.last.count = court.count
    return put_raw(&court.marks, <const uint8_t*>&court.last, sizeof(Mark))
