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
    FOUND,
    INCAPABLE,
    LANE,
    LATE,
    NONE,
    REFUSED,
    SOME,
    UNREACHABLE,
    Ask,
    Finding,
    Frame,
    Part,
    Ticket,
    ask_at,
    asked_ns,
    finding_at,
    part_at,
    part_wants,
    ticket_at,
    ticket_cohort,
    ticket_frame,
    ticket_release,
)
from gateway.core.codec cimport Admitted, parse_admitted
from gateway.core.directory cimport Directory, directory_reach
from gateway.core.log cimport log_segment
from gateway.core.slab cimport NOTHING
from gateway.core.sweep cimport sweep_lane_ask
from gateway.core.tally cimport Coverage, ask_abandon, ask_unwait, ready_add, ready_take, ticket_cover
from gateway.core.table cimport NO_VALUE
from gateway.core.ticket cimport (
    ENDED,
    WAITING,
    Cohort,
    Told,
    cohort_at,
    tickets_find,
    tickets_id,
    told_at,
    told_new,
)
from gateway.core.wheel cimport wheel_add, wheel_remove
from gateway.core.wire cimport (
    BYTES,
    Buffer,
    Reader,
    Slice,
    put_bytes,
    put_raw,
    put_tag,
    put_uint,
    put_varint,
    read_slice,
    reader_open,
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
    cdef Told* told = told_of(world, number)
    cdef Coverage coverage
    if told == NULL:
        return -1
    if now_ns < told.answered_ns + world.partial_every_ns:
        if told.timer == NOTHING:
            told.timer = wheel_add(&world.wheel, told.answered_ns + world.partial_every_ns, number)
        return 0 if told.timer != NOTHING else -1
    if ticket.stage == ENDED:
        return late_answer(world, number, now_ns)
    ticket_cover(&world.wires, &world.book, number, &coverage)
    return write_answer(world, number, STAGE_PARTIAL, &coverage, now_ns)


cdef Told* told_of(World* world, uint32_t number) noexcept nogil:
    cdef Ticket* ticket = ticket_at(&world.book, number)
    cdef Told* told
    if ticket.told != NOTHING:
        return told_at(&world.book.tickets, ticket.told)
    told = told_new(&world.book.tickets, number)
    if told != NULL:
        told.revision = world.revision_base
        told.answered_ns = ticket_frame(&world.book, ticket).admitted_ns
    return told


cdef int late_answer(World* world, uint32_t number, int64_t now_ns) noexcept nogil:
    """Only if somebody who was late has replied since the last answer."""
    cdef Ticket* ticket = ticket_at(&world.book, number)
    cdef Told* told = told_at(&world.book.tickets, ticket.told)
    cdef Coverage coverage
    cdef uint32_t answered
    ticket.news = False
    if told.ended_late == NULL:
        return 0
    ticket_cover(&world.wires, &world.book, number, &coverage)
    bits_or(&coverage.open_bits, &coverage.gone_bits)
    bits_and(&coverage.open_bits, &told.ended_late[0])
    answered = told.counts[LATE] - bits_count(&coverage.open_bits)
    if answered == told.late_answered:
        return 0
    told.late_answered = <uint16_t>answered
    return write_answer(world, number, STAGE_LATE, &coverage, now_ns)


cdef int ticket_end(World* world, uint32_t number, Ending ending, int64_t now_ns) noexcept nogil:
    cdef Ticket* ticket = ticket_at(&world.book, number)
    cdef Coverage coverage
    cdef Told* told = told_of(world, number)
    cdef uint32_t state
    if told == NULL:
        return -1
    ticket_cover(&world.wires, &world.book, number, &coverage)
    bits_and(&coverage.failing_bits, &coverage.open_bits)
    count_end(ticket, told, &coverage, ending)
    ticket.cancelled = ending == BY_CANCEL
    if ending == BY_DEADLINE and keep_late(world, told, &coverage) != 0:
        return -1
    if write_answer(world, number, STAGE_FINAL, &coverage, now_ns) != 0:
        return -1
    ticket.stage = ENDED
    told.ended_order = world.book.findings_made
    world.book.open_count -= 1
    world.finals += 1
    for state in range(1, STATE_COUNT):
        world.states[state] += told.counts[state]
    stop_timers(world, ticket, told)
    unwait(world, ticket)
    if ticket.open_parts == 0 or ticket.cancelled:
        ready_add(&world.book, &world.ready, number)
    return 0


cdef void count_end(const Ticket* ticket, Told* told, const Coverage* coverage, Ending ending) noexcept nogil:
    cdef uint32_t failing = bits_count(&coverage.failing_bits) if ending == BY_DEADLINE else 0
    told.counts[FOUND] = <uint16_t>coverage.found
    told.counts[NONE] = <uint16_t>coverage.none
    told.counts[AMBIGUOUS] = <uint16_t>coverage.ambiguous
    told.counts[REFUSED] = <uint16_t>coverage.refused
    told.counts[INCAPABLE] = <uint16_t>(ticket.incapable + coverage.lost)
    told.counts[UNREACHABLE] = <uint16_t>(coverage.gone - coverage.lost + failing)
    told.counts[CANCELLED if ending == BY_CANCEL else LATE] = <uint16_t>(coverage.open - failing)


cdef void stop_timers(World* world, const Ticket* ticket, Told* told) noexcept nogil:
    """It has ended: the deadline is none of its own any more."""
    cdef Cohort* cohort = ticket_cohort(&world.book, ticket)
    if told.timer != NOTHING:
        wheel_remove(&world.wheel, told.timer)
        told.timer = NOTHING
    cohort.waiting -= 1
    if cohort.waiting == 0 and cohort.timer != NOTHING:
        wheel_remove(&world.wheel, cohort.timer)
        cohort.timer = NOTHING


cdef void unwait(World* world, const Ticket* ticket) noexcept nogil:
    cdef uint32_t part = ticket.parts
    cdef bint last
    while part != NOTHING:
        last = ask_unwait(&world.wires, &world.book, part_at(&world.book, part).ask)
        if last and ask_at(&world.book, part_at(&world.book, part).ask).log == LANE:
            sweep_lane_ask(&world.wires, &world.book, &world.ready, part_at(&world.book, part).ask)
        part = part_at(&world.book, part).next


cdef int cohort_end(World* world, uint32_t number, int64_t now_ns) noexcept nogil:
    cdef Cohort* cohort = cohort_at(&world.book.tickets, number)
    cdef uint64_t inquiry_id
    cdef uint32_t ticket_number
    cdef Ticket* ticket
    cohort.timer = NOTHING
    for inquiry_id in range(cohort.first_id, cohort.first_id + cohort.count):
        ticket_number = tickets_find(&world.book.tickets, inquiry_id)
        if ticket_number == NO_VALUE:
            continue
        ticket = ticket_at(&world.book, ticket_number)
        if ticket.cohort != number or ticket.stage != WAITING:
            continue
        if ticket.open_parts and ticket_end(world, ticket_number, BY_DEADLINE, now_ns) != 0:
            return -1
        ready_add(&world.book, &world.ready, ticket_number)
    return 0


cdef void answer_again(World* world, uint32_t number) noexcept nogil:
    told_at(&world.book.tickets, ticket_at(&world.book, number).told).timer = NOTHING
    ready_add(&world.book, &world.ready, number)


cdef int keep_late(World* world, Told* told, const Coverage* coverage) noexcept nogil:
    """Remember who was late and who unreachable: late answers say who of these has replied since."""
    if coverage.open == 0:
        return 0
    told.ended_late = <Bits*>malloc(2 * sizeof(Bits))
    if told.ended_late == NULL:
        return -1
    world.book.bytes += 2 * sizeof(Bits)
    told.ended_late[0] = coverage.open_bits
    bits_remove(&told.ended_late[0], &coverage.failing_bits)
    told.ended_late[1] = coverage.gone_bits
    bits_remove(&told.ended_late[1], &coverage.lost_bits)
    bits_or(&told.ended_late[1], &coverage.failing_bits)
    return 0


cdef void release(World* world, uint32_t number) noexcept nogil:
    cdef uint32_t part_number = ticket_at(&world.book, number).parts
    cdef const Told* told = told_at(&world.book.tickets, ticket_at(&world.book, number).told)
    cdef Part* part
    cdef Ask* ask
    if told.timer != NOTHING:
        wheel_remove(&world.wheel, told.timer)
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


cdef int put_findings(World* world, const Ticket* ticket, const Told* told, Buffer* out,
                      Bits* refused) noexcept nogil:
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
            late = ticket.stage == ENDED and finding.order >= told.ended_order
            if late and not bits_has(&told.ended_late[0], finding.institution):
                continue
            if finding.state == REFUSED and not late:
                bits_set(refused, finding.institution)
            if put_tag(out, 7, BYTES) != 0 or put_varint(out, finding.size + 2 * late) != 0:
                return -1
            if put_raw(out, finding.body, finding.size) != 0 or put_uint(out, 5, late) != 0:
                return -1
    return 0


cdef int put_counts(Buffer* out, const Ticket* ticket, const Told* told, const uint32_t* counts) noexcept nogil:
    """Coverage but for `missing`."""
    cdef uint32_t state
    if put_uint(out, 1, ticket.total) != 0:
        return -1
    for state in range(STATE_COUNT):
        if put_uint(out, state + 2, counts[state]) != 0:
            return -1
    if put_uint(out, 11, ticket.joined) != 0:
        return -1
    return put_uint(out, 12, told.late_answered)


cdef int put_coverage(World* world, const Ticket* ticket, const Admitted* admitted, uint32_t stage,
                      Coverage* coverage,
                      const Bits* refused, Buffer* out) noexcept nogil:
    cdef uint32_t counts[9]
    cdef uint32_t state
    cdef Bits incapable, late, unreachable
    cdef const Told* told = told_at(&world.book.tickets, ticket.told)
    cdef Directory* directory = ticket_frame(&world.book, ticket).directory
    for state in range(STATE_COUNT):
        counts[state] = told.counts[state]
    if stage == STAGE_PARTIAL:
        counts[0], counts[FOUND], counts[NONE] = coverage.open, coverage.found, coverage.none
        counts[AMBIGUOUS], counts[REFUSED] = coverage.ambiguous, coverage.refused
        counts[UNREACHABLE] = coverage.gone - coverage.lost
        counts[INCAPABLE] = ticket.incapable + coverage.lost
    if put_counts(out, ticket, told, counts) != 0:
        return -1
    if stage == STAGE_PARTIAL or counts[NONE] + counts[FOUND] + counts[AMBIGUOUS] == ticket.total:
        return 0                               # nobody is missing
    directory_reach(directory, admitted.reach, admitted.province_code, world.list,
                    admitted.institution_count, admitted.items, &incapable)
    bits_remove(&incapable, &directory.capable)
    bits_or(&incapable, &coverage.lost_bits)
    if stage == STAGE_LATE:
        # Who was late or out of reach at the end stays that, whatever it can do since.
        bits_remove(&incapable, &told.ended_late[0])
        bits_remove(&incapable, &told.ended_late[1])
        late = coverage.open_bits              # late_answer left in it who has still not replied
        unreachable = told.ended_late[1]
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


cdef int write_answer(World* world, uint32_t number, uint32_t stage, Coverage* coverage,
                      int64_t now_ns) noexcept nogil:
    """Encode the Answer of a ticket that has its Told into the court's buffer, as Answers.answers (2)."""
    cdef Ticket* ticket = ticket_at(&world.book, number)
    cdef Told* told = told_at(&world.book.tickets, ticket.told)
    cdef const Frame* frame = ticket_frame(&world.book, ticket)
    cdef Court* court = &world.courts[frame.court]
    cdef uint64_t inquiry_id = tickets_id(&world.book.tickets, number)
    cdef Buffer* out = &world.scratch
    cdef Buffer* part = &world.part
    cdef Admitted admitted
    cdef Reader reader
    cdef Slice row
    cdef Bits refused
    reader_open(&reader, frame.data + ticket.row_at, frame.size - ticket.row_at)
    if read_slice(&reader, &row) != 0 or parse_admitted(row, &admitted, world.list) != 0:
        return -1
    memset(&refused, 0, sizeof(Bits))
    told.revision += 1
    ticket.news = False
    told.answered_ns = now_ns
    out.size = part.size = 0
    # Findings before coverage, for coverage names those who refused.
    if put_findings(world, ticket, told, part, &refused) != 0:
        return -1
    if put_uint(out, 1, inquiry_id) != 0 or put_bytes(out, 2, admitted.order_id.data,
                                                      admitted.order_id.size) != 0:
        return -1
    if put_bytes(out, 3, admitted.case_number.data, admitted.case_number.size) != 0 or put_uint(out, 4,
                                                                                                stage) != 0:
        return -1
    if put_uint(out, 5, told.revision) != 0 or put_raw(out, part.data, part.size) != 0:
        return -1
    part.size = 0
    if put_coverage(world, ticket, &admitted, stage, coverage, &refused, part) != 0:
        return -1
    if put_bytes(out, 6, part.data, part.size) != 0 or put_uint(out, 8, <uint64_t>frame.admitted_ns) != 0:
        return -1
    if put_uint(out, 9, <uint64_t>now_ns) != 0 or put_uint(out, 10, asked_first(world, ticket)) != 0:
        return -1
    if put_bytes(&court.answers, 2, out.data, out.size) != 0:
        return -1
    if stage == STAGE_FINAL and put_raw(&court.finals, <const uint8_t*>&inquiry_id, 8) != 0:
        return -1
    court.count += 1
    world.answers += 1
    if court.answers.size - court.last.answers_size >= ANSWERS_BYTES_MAX:
        return mark_answers(court)
    return 0


cdef uint64_t asked_first(const World* world, const Ticket* ticket) noexcept nogil:
    """When the oldest ask it rests on was put."""
    cdef int64_t first_ns = ticket_frame(&world.book, ticket).admitted_ns
    cdef uint32_t number = ticket.parts if ticket.joined else NOTHING
    while number != NOTHING:
        first_ns = min(first_ns, asked_ns(&world.book, ask_at(&world.book, part_at(&world.book, number).ask)))
        number = part_at(&world.book, number).next
    return <uint64_t>first_ns


cdef int mark_answers(Court* court) noexcept nogil:
    """Here a frame ends."""
    court.last.answers_size = court.answers.size
    court.last.finals_size = court.finals.size
    court.last.count = court.count
    return put_raw(&court.marks, <const uint8_t*>&court.last, sizeof(Mark))
