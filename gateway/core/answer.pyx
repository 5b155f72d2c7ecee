"""Answer: encoding coverage and findings. See answer.pxd."""

from libc.stdint cimport uint8_t
from libc.string cimport memset

from gateway.core.bits cimport (
    WORDS,
    Bits,
    bits_count,
    bits_count_in,
    bits_has,
    bits_or,
    bits_remove,
    bits_set,
    ctz64,
)
from gateway.core.book cimport (
    AMBIGUOUS,
    CANCELLED,
    FOUND,
    INCAPABLE,
    LATE,
    NONE,
    REFUSED,
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
    ticket_frame,
)
from gateway.core.codec cimport Admitted, parse_admitted
from gateway.core.directory cimport Directory, directory_reach
from gateway.core.slab cimport NOTHING
from gateway.core.tally cimport coverage_bits
from gateway.core.ticket cimport ENDED, tickets_id, told_at, told_new
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
    reserve,
    varint_size,
    write_raw,
    write_varint,
)
from gateway.core.world cimport ANSWERS_BYTES_MAX, STATE_COUNT, Mark

cdef enum:
    FINDINGS_TAG = 0x3A       # Answer.findings = 7
    FINDING_LATE_TAG = 0x28   # Finding.late = 5
    FINDING_ROOM = 8          # for both, and the finding's length


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


cdef int put_missing(Buffer* out, uint32_t state, const Bits* bits) noexcept nogil:
    """Coverage.missing (13): a Missing with the state and the institutions."""
    cdef uint32_t word, packed_size
    cdef uint64_t left
    cdef uint8_t* at
    # A varint below 4,096 has two bytes, one below 128 has one.
    packed_size = 2 * bits_count(bits) - bits_count_in(bits, 0, 2)
    if packed_size == 0:
        return 0
    if put_tag(out, 13, BYTES) != 0 or put_varint(out, 2 + 1 + varint_size(packed_size) + packed_size) != 0:
        return -1
    if put_uint(out, 1, state) != 0 or put_tag(out, 2, BYTES) != 0 or put_varint(out, packed_size) != 0:
        return -1
    if reserve(out, packed_size) != 0:
        return -1
    at = out.data + out.size
    for word in range(<uint32_t>WORDS):
        left = bits.words[word]
        while left:
            at = write_varint(at, word << 6 | ctz64(left))
            left &= left - 1
    out.size = at - out.data
    return 0


cdef int put_findings(World* world, const Ticket* ticket, const Told* told, Buffer* out,
                      Bits* refused) noexcept nogil:
    """Answer.findings (7), and who refused."""
    cdef uint32_t part_number = ticket.parts
    cdef uint32_t number
    cdef const Part* part
    cdef const Ask* ask
    cdef const Finding* finding
    cdef uint8_t* at
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
            if reserve(out, finding.size + FINDING_ROOM) != 0:
                return -1
            at = out.data + out.size
            at[0] = FINDINGS_TAG
            at = write_raw(write_varint(at + 1, finding.size + 2 * late), finding.body, finding.size)
            if late:
                at[0] = FINDING_LATE_TAG
                at[1] = True
                at += 2
            out.size = at - out.data
    return 0


cdef int put_counts(Buffer* out, const Ticket* ticket, const Told* told,
                    const uint32_t* counts) noexcept nogil:
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
    if counts[REFUSED] and put_missing(out, REFUSED, refused) != 0:
        return -1
    if counts[INCAPABLE]:
        directory_reach(directory, admitted.reach, admitted.province_code, world.list,
                        admitted.institution_count, admitted.items, &incapable)
        bits_remove(&incapable, &directory.capable)
        if coverage.lost:
            bits_or(&incapable, &coverage.lost_bits)
        if stage == STAGE_LATE:
            # Who was late or out of reach at the end stays that, whatever it can do since.
            bits_remove(&incapable, &told.ended_late[0])
            bits_remove(&incapable, &told.ended_late[1])
        if put_missing(out, INCAPABLE, &incapable) != 0:
            return -1
    if counts[LATE] + counts[UNREACHABLE] + counts[CANCELLED] == 0:
        return 0
    coverage_bits(coverage)
    if stage == STAGE_LATE:
        late = coverage.open_bits              # late_answer left in it who has still not replied
        unreachable = told.ended_late[1]
    else:
        late = coverage.open_bits
        unreachable = coverage.gone_bits
        bits_remove(&unreachable, &coverage.lost_bits)
        if not ticket.cancelled:
            bits_remove(&late, &coverage.failing_bits)
            bits_or(&unreachable, &coverage.failing_bits)
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
