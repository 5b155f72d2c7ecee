"""Ending: partial and late answers, ends, letting go. See ending.pxd."""

from libc.stdint cimport uint16_t, uint64_t
from libc.stdlib cimport malloc

from gateway.core.ahead cimport Runners, runners_start, runners_step
from gateway.core.answer cimport STAGE_FINAL, STAGE_LATE, STAGE_PARTIAL, told_of, write_answer
from gateway.core.bits cimport Bits, bits_and, bits_count, bits_or, bits_remove
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
    Part,
    Ticket,
    ask_at,
    part_at,
    ticket_at,
    ticket_cohort,
    ticket_release,
)
from gateway.core.log cimport log_segment
from gateway.core.slab cimport NOTHING
from gateway.core.sweep cimport sweep_lane_ask
from gateway.core.table cimport NO_VALUE
from gateway.core.tally cimport (
    Coverage,
    ask_abandon,
    ask_unwait,
    coverage_bits,
    ready_add,
    ready_take,
    ticket_cover,
)
from gateway.core.ticket cimport ENDED, WAITING, Cohort, Told, cohort_at, tickets_find, told_at
from gateway.core.wheel cimport wheel_add, wheel_remove
from gateway.core.world cimport STATE_COUNT


cdef int answer_ready(World* world, int64_t now_ns) noexcept nogil:
    cdef uint32_t number
    cdef Ticket* ticket
    cdef Runners runners
    runners_start(&runners, &world.book, &world.ready)
    number = ready_take(&world.book, &world.ready)
    while number != NOTHING:
        runners_step(&runners, &world.book, &world.ready)
        ticket = ticket_at(&world.book, number)
        if ticket.stage == WAITING and ticket.open_parts == 0:
            if ticket_end(world, number, BY_COMPLETION, now_ns) != 0:
                return -1
            if not ticket.ready:              # else it is let go when its turn comes again
                release(world, number)
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
    coverage_bits(&coverage)
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
    if coverage.open:
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
    if ending != BY_COMPLETION and (ticket.open_parts == 0 or ticket.cancelled):
        ready_add(&world.book, &world.ready, number)
    return 0


cdef void count_end(const Ticket* ticket, Told* told, const Coverage* coverage, Ending ending) noexcept nogil:
    cdef uint32_t failing = 0
    if coverage.open and ending == BY_DEADLINE:
        failing = bits_count(&coverage.failing_bits)
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
