"""Ticket: the inquiries that are not done with, by number and by id.

Tickets stand sixteen to a page, by their ids, which are our own and consecutive: the id need not be kept, and
one slot of a table finds sixteen. What all inquiries of a frame with the same deadline have in common stands
in their cohort, and what only one has that was answered stands in its Told, so that an inquiry that waits
takes 32 bytes here. A page goes when its last ticket goes. It knows nothing of asks or time.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from gateway.core.bits cimport Bits
from gateway.core.slab cimport CHUNK_BITS, CHUNK_SIZE, Slab, slab_place
from gateway.core.table cimport Table

cdef enum:
    PAGE_BITS = 4
    PAGE_SIZE = 1 << PAGE_BITS
    COHORT = 0x80000000       # a timer's owner with this bit is a cohort; ticket numbers are below it

cdef enum Stage:
    WAITING = 0               # no final answer yet
    ENDED = 1                 # final answer made; stays while late replies can come

cdef struct Cohort:           # tickets of one frame with one deadline
    int64_t deadline_ns
    uint64_t first_id         # between it and `count` further on, other cohorts may have tickets too
    uint32_t count
    uint32_t frame
    uint32_t tickets          # that are there,
    uint32_t waiting          # and have no final answer
    uint32_t timer            # of the deadline; NOTHING when nobody waits

cdef struct Told:             # what was answered
    int64_t answered_ns       # last answer
    uint64_t ended_order      # findings made before the ticket's end
    Bits* ended_late          # ended with queries open: who was LATE, and behind it who was UNREACHABLE
    uint32_t revision
    uint32_t timer            # until the next answer may be made
    uint16_t counts[9]        # by state, from the end on
    uint16_t late_answered    # late ones that have replied since

cdef struct Ticket:           # 32 bytes
    uint32_t cohort
    uint32_t row_at           # its Admitted with the length before it, in its frame
    uint32_t parts
    uint32_t ready_next
    uint32_t told             # NOTHING: not answered yet
    uint16_t open_parts       # at most one for each ask joined (CHAIN_MAX), log and endpoint
    uint16_t total
    uint16_t incapable        # from the start
    uint16_t joined
    uint8_t stage
    uint8_t news              # findings since the last answer
    uint8_t ready             # stands in the list of those to be looked at
    uint8_t cancelled

cdef struct Page:             # its tickets stand under the same number in Tickets.rows
    uint64_t group            # id >> PAGE_BITS of all of them
    uint32_t used             # a bit for each ticket that is there

cdef struct Row:
    Ticket tickets[16]

cdef struct Tickets:
    Slab pages
    Slab rows                 # taken and freed with the pages, so they have the same numbers
    Slab cohorts
    Slab told
    Table groups              # group -> page
    uint64_t count
    uint32_t last_page        # the newest, or NOTHING
    uint32_t last_cohort

# -1: no memory
cdef int tickets_open(Tickets* tickets) noexcept nogil
cdef void tickets_close(Tickets* tickets) noexcept nogil
# NOTHING: no memory
cdef uint32_t tickets_new(Tickets* tickets, uint64_t inquiry_id, uint32_t cohort) noexcept nogil
# NO_VALUE: there is none
cdef uint32_t tickets_find(const Tickets* tickets, uint64_t inquiry_id) noexcept nogil
# It and its Told go; its cohort stays.
cdef void tickets_free(Tickets* tickets, uint32_t number) noexcept nogil
# The cohort for a further ticket: the last one, or new with its timer NOTHING. NOTHING: no memory.
cdef uint32_t cohort_for(Tickets* tickets, uint32_t frame, int64_t deadline_ns,
                         uint64_t inquiry_id) noexcept nogil
cdef void cohort_free(Tickets* tickets, uint32_t number) noexcept nogil
# For a ticket that has none. NULL: no memory.
cdef Told* told_new(Tickets* tickets, uint32_t number) noexcept nogil

cdef inline Page* page_at(const Tickets* tickets, uint32_t page) noexcept nogil:
    return <Page*>slab_place(&tickets.pages, page, sizeof(Page))

cdef inline Ticket* tickets_at(const Tickets* tickets, uint32_t number) noexcept nogil:
    # Rows of a chunk lie side by side: so do the tickets.
    return <Ticket*>tickets.rows.chunks[number >> (CHUNK_BITS + PAGE_BITS)] + (
        number & (CHUNK_SIZE * PAGE_SIZE - 1))

cdef inline uint64_t tickets_id(const Tickets* tickets, uint32_t number) noexcept nogil:
    return page_at(tickets, number >> PAGE_BITS).group << PAGE_BITS | (number & (PAGE_SIZE - 1))

cdef inline Cohort* cohort_at(const Tickets* tickets, uint32_t number) noexcept nogil:
    return <Cohort*>slab_place(&tickets.cohorts, number, sizeof(Cohort))

cdef inline Told* told_at(const Tickets* tickets, uint32_t number) noexcept nogil:
    return <Told*>slab_place(&tickets.told, number, sizeof(Told))
