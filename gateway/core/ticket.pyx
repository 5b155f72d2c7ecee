"""Ticket: making, finding and letting go. See ticket.pxd."""

from libc.stdlib cimport free
from libc.string cimport memset

from gateway.core.hash cimport Hash128
from gateway.core.slab cimport NOTHING, slab_close, slab_free, slab_new, slab_open
from gateway.core.table cimport NO_VALUE, table_close, table_delete, table_get, table_open, table_put


cdef inline Hash128 group_key(uint64_t group) noexcept nogil:
    # Groups are our own and consecutive: scattered, or they would be one run as long as the table, and a
    # delete walks to the end of its run.
    cdef Hash128 key
    cdef uint64_t scattered = group * <uint64_t>0x9E3779B97F4A7C15
    key.low = scattered >> 32 ^ scattered
    key.high = group
    return key


cdef Hash128 page_key(const void* owner, uint32_t number) noexcept nogil:
    return group_key(page_at(<const Tickets*>owner, number).group)


cdef int tickets_open(Tickets* tickets) noexcept nogil:
    memset(tickets, 0, sizeof(Tickets))
    slab_open(&tickets.pages, sizeof(Page))
    slab_open(&tickets.rows, sizeof(Row))
    slab_open(&tickets.cohorts, sizeof(Cohort))
    slab_open(&tickets.told, sizeof(Told))
    tickets.last_page = tickets.last_cohort = NOTHING
    # `check` keeps to the limits; what was accepted is taken up, also after a restart with lower ones.
    return table_open(&tickets.groups, NOTHING, page_key, tickets)


cdef void tickets_close(Tickets* tickets) noexcept nogil:
    cdef uint32_t number
    for number in range(tickets.told.fresh):
        free(told_at(tickets, number).ended_late)
    slab_close(&tickets.pages)
    slab_close(&tickets.rows)
    slab_close(&tickets.cohorts)
    slab_close(&tickets.told)
    table_close(&tickets.groups)


cdef uint32_t page_find(const Tickets* tickets, uint64_t group) noexcept nogil:
    if tickets.last_page != NOTHING and page_at(tickets, tickets.last_page).group == group:
        return tickets.last_page
    return table_get(&tickets.groups, group_key(group))


cdef uint32_t page_new(Tickets* tickets, uint64_t group) noexcept nogil:
    cdef uint32_t page = slab_new(&tickets.pages)
    cdef uint32_t row
    if page == NOTHING:
        return NOTHING
    row = slab_new(&tickets.rows)
    if row == NOTHING:
        slab_free(&tickets.pages, page)
        return NOTHING
    page_at(tickets, page).group = group
    if page >= COHORT >> PAGE_BITS or table_put(&tickets.groups, group_key(group), page) != 0:
        slab_free(&tickets.pages, page)
        slab_free(&tickets.rows, row)
        return NOTHING
    tickets.last_page = page
    return page


cdef uint32_t tickets_new(Tickets* tickets, uint64_t inquiry_id, uint32_t cohort) noexcept nogil:
    cdef uint32_t page = page_find(tickets, inquiry_id >> PAGE_BITS)
    cdef uint32_t number
    cdef Ticket* ticket
    if page == NO_VALUE:
        page = page_new(tickets, inquiry_id >> PAGE_BITS)
        if page == NOTHING:
            return NOTHING
    number = page << PAGE_BITS | <uint32_t>(inquiry_id & (PAGE_SIZE - 1))
    page_at(tickets, page).used |= 1 << (number & (PAGE_SIZE - 1))
    ticket = tickets_at(tickets, number)
    memset(ticket, 0, sizeof(Ticket))
    ticket.cohort = cohort
    ticket.parts = ticket.ready_next = ticket.told = NOTHING
    cohort_at(tickets, cohort).tickets += 1
    cohort_at(tickets, cohort).waiting += 1
    tickets.count += 1
    return number


cdef uint32_t tickets_find(const Tickets* tickets, uint64_t inquiry_id) noexcept nogil:
    cdef uint32_t page = page_find(tickets, inquiry_id >> PAGE_BITS)
    cdef uint32_t place = <uint32_t>(inquiry_id & (PAGE_SIZE - 1))
    if page == NO_VALUE or not page_at(tickets, page).used >> place & 1:
        return NO_VALUE
    return page << PAGE_BITS | place


cdef void tickets_free(Tickets* tickets, uint32_t number) noexcept nogil:
    cdef Page* page = page_at(tickets, number >> PAGE_BITS)
    cdef uint32_t told = tickets_at(tickets, number).told
    if told != NOTHING:
        free(told_at(tickets, told).ended_late)
        told_at(tickets, told).ended_late = NULL
        slab_free(&tickets.told, told)
    page.used &= ~(<uint32_t>1 << (number & (PAGE_SIZE - 1)))
    tickets.count -= 1
    if page.used == 0:
        table_delete(&tickets.groups, group_key(page.group))
        if tickets.last_page == number >> PAGE_BITS:
            tickets.last_page = NOTHING
        slab_free(&tickets.pages, number >> PAGE_BITS)
        slab_free(&tickets.rows, number >> PAGE_BITS)


cdef uint32_t cohort_for(Tickets* tickets, uint32_t frame, int64_t deadline_ns,
                         uint64_t inquiry_id) noexcept nogil:
    cdef uint32_t number = tickets.last_cohort
    cdef Cohort* cohort
    if number != NOTHING:
        cohort = cohort_at(tickets, number)
        if cohort.frame == frame and cohort.deadline_ns == deadline_ns:
            cohort.count = <uint32_t>(inquiry_id - cohort.first_id) + 1
            return number
    number = slab_new(&tickets.cohorts)
    if number == NOTHING:
        return NOTHING
    cohort = cohort_at(tickets, number)
    cohort.frame = frame
    cohort.deadline_ns = deadline_ns
    cohort.first_id = inquiry_id
    cohort.count = 1
    cohort.timer = NOTHING
    tickets.last_cohort = number
    return number


cdef void cohort_free(Tickets* tickets, uint32_t number) noexcept nogil:
    if tickets.last_cohort == number:
        tickets.last_cohort = NOTHING
    slab_free(&tickets.cohorts, number)


cdef Told* told_new(Tickets* tickets, uint32_t number) noexcept nogil:
    cdef uint32_t told = slab_new(&tickets.told)
    if told == NOTHING:
        return NULL
    tickets_at(tickets, number).told = told
    told_at(tickets, told).timer = NOTHING
    return told_at(tickets, told)
