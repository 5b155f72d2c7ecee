"""Queues: book, log, lane and message in loops, for benchmarks. See _queues.pyi."""

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from gateway.core cimport book, lane, log, message, ticket
from gateway.core.bits cimport Mask
from gateway.core.hash cimport Hash128
from gateway.core.slab cimport NOTHING
from gateway.core.table cimport NO_VALUE
from gateway.core.wire cimport buffer_free

cdef enum:
    LAST_NS = 0x7FFFFFFFFFFFFFFF


@cython.final
cdef class Book:
    """See _queues.pyi."""

    def __cinit__(self, Places places not None):
        self.places = places
        if book.book_open(&self.book) != 0:
            raise MemoryError
        self.frame = book.frame_new(&self.book, b"frame", 5, places.directory, 0, 0)

    def __dealloc__(self):
        book.book_close(&self.book)
        free(self.tickets)
        free(self.asks)

    def open(self, bytes subjects):
        cdef const Hash128* given = <const Hash128*><const char*>subjects
        cdef book.Laned* laned
        cdef Mask first
        cdef uint32_t at, made, number
        assert self.tickets == NULL
        self.count = len(subjects) // sizeof(Hash128)
        self.tickets = <uint32_t*>calloc(self.count, sizeof(uint32_t))
        self.asks = <uint32_t*>calloc(self.count, sizeof(uint32_t))
        if self.tickets == NULL or self.asks == NULL:
            raise MemoryError
        first.low, first.high = 1, 0
        for at in range(self.count):
            made = book.ticket_new(&self.book, at + 1, self.frame, LAST_NS)
            number = book.ask_new(&self.book, given[at], self.frame, True)
            if made == NOTHING or number == NOTHING:
                raise MemoryError
            laned = book.laned_at(&self.book, book.ask_at(&self.book, number))
            laned.asked = laned.open = first
            if book.part_add(&self.book, made, number, book.WHOLE, first, NULL) != 0:
                raise MemoryError
            self.tickets[at], self.asks[at] = made, number
        return self.book.open_count

    def tell(self, bytes body):
        cdef const uint8_t* start = body
        cdef uint32_t size = <uint32_t>len(body)
        cdef uint32_t at
        for at in range(self.count):
            if book.finding_add(&self.book, self.asks[at], 0, book.FOUND, 1, start, size) != 0:
                raise MemoryError
        return self.book.finding_bytes

    def close(self):
        cdef uint32_t at
        for at in range(self.count):
            book.ask_end(&self.book, self.asks[at])
            book.ticket_release(&self.book, self.tickets[at])
        book.asks_expire(&self.book, LAST_NS, 0)
        return self.book.tickets.count, self.book.asks.count, self.book.parts.count


@cython.final
cdef class Tickets:
    """See _queues.pyi."""

    def __cinit__(self):
        if ticket.tickets_open(&self.tickets) != 0:
            raise MemoryError

    def __dealloc__(self):
        ticket.tickets_close(&self.tickets)

    def open(self, uint64_t count):
        cdef uint64_t inquiry_id
        cdef uint32_t cohort
        for inquiry_id in range(1, count + 1):
            cohort = ticket.cohort_for(&self.tickets, 0, LAST_NS, inquiry_id)
            if cohort == NOTHING or ticket.tickets_new(&self.tickets, inquiry_id, cohort) == NOTHING:
                raise MemoryError
        return self.tickets.count

    def find(self, bytes inquiry_ids):
        cdef const uint64_t* asked = <const uint64_t*><const char*>inquiry_ids
        cdef uint64_t found = 0
        cdef size_t at
        for at in range(len(inquiry_ids) // sizeof(uint64_t)):
            found += ticket.tickets_find(&self.tickets, asked[at]) != NO_VALUE
        return found

    def close(self):
        cdef uint64_t inquiry_id
        for inquiry_id in range(1, self.tickets.count + 1):
            ticket.tickets_free(&self.tickets, ticket.tickets_find(&self.tickets, inquiry_id))
        return self.tickets.count, self.tickets.pages.count


@cython.final
cdef class Log:
    """See _queues.pyi."""

    def __cinit__(self, Places places not None):
        log.log_open(&self.log, 0)
        self.places = places
        self.bodies = []

    def __dealloc__(self):
        log.log_close(&self.log)
        buffer_free(&self.out)

    @property
    def out(self):
        return (<const char*>self.out.data)[:self.out.size]

    def fill(self, bytes body, uint32_t segment_count, uint32_t entry_count):
        cdef const uint8_t* start = body
        cdef uint32_t size = <uint32_t>len(body)
        cdef uint32_t _segment, entry
        cdef log.Segment* made
        cdef uint64_t position = 0
        self.bodies.append(body)
        for _segment in range(segment_count):
            for entry in range(entry_count):
                if log.log_stage(&self.log, 0, size, entry, log.KIND_ASK, 0, &position) != 0:
                    raise MemoryError
            if log.log_commit(&self.log, 0, start, self.places.directory, 0, &made) != 0:
                raise MemoryError
        return self.log.head

    def tally(self, uint32_t reply_count):
        cdef uint32_t _reply
        cdef uint64_t tail = self.log.segments[self.log.first].from_position
        cdef log.Segment* segment
        touched = 0
        for _reply in range(reply_count):
            log.log_tally(&self.log, tail, self.log.head, 1, False)
        segment = self.log.touched
        while segment != NULL:
            touched += 1
            segment = segment.touched_next
        return touched

    def sum(self):
        cdef uint64_t total = 0
        cdef uint32_t at
        cdef log.Segment* segment = self.log.touched
        while segment != NULL:
            log.segment_sum(segment)
            for at in range(segment.count):
                total += segment.answered[at]
            segment = segment.touched_next
        return total

    def drop(self):
        count = self.log.count
        while self.log.count:
            log.log_drop_first(&self.log)
        self.log.touched = NULL
        return count

    def write(self, uint32_t endpoint, bint is_named):
        cdef message.Message made
        cdef message.Behind* behind = &self.places.directory.behind[endpoint]
        memset(&made, 0, sizeof(made))
        made.batch_id = 1
        if message.write_log_message(&self.out, &self.log, self.log.segments[self.log.first].from_position,
                                     self.log.head,
                                     message.ASKS_AND_NOTES if is_named else message.WHOLE_SET,
                                     behind.members[0], behind, &made) != 0:
            raise MemoryError
        return made.entry_count, self.out.size


@cython.final
cdef class Lane:
    """See _queues.pyi."""

    def __cinit__(self, Book asked not None, bytes body not None):
        self.book = asked
        self.body = body

    def __dealloc__(self):
        lane.lane_close(&self.lane)
        buffer_free(&self.out)

    @property
    def out(self):
        return (<const char*>self.out.data)[:self.out.size]

    def fill(self, uint32_t count):
        cdef lane.LaneEntry entry
        cdef uint32_t at
        memset(&entry, 0, sizeof(entry))
        entry.body, entry.size = self.body, <uint32_t>len(self.body)
        entry.kind = log.KIND_ASK
        entry.mask.low = 1
        for at in range(count):
            entry.ask = self.book.asks[at % self.book.count]
            entry.due_ns = at
            if lane.lane_add(&self.lane, &entry) != 0:
                raise MemoryError
        return self.lane.head - self.lane.cursor

    def drain(self):
        cdef uint64_t count = 0
        cdef int64_t due_ns = lane.lane_due(&self.lane, 0)
        while due_ns != lane.LANE_EMPTY:
            count += 1
            self.lane.cursor += 1
            self.lane.tail = self.lane.cursor
            due_ns = lane.lane_due(&self.lane, 0)
        return count

    def write(self, uint32_t endpoint):
        cdef message.Message made
        cdef uint64_t end = self.lane.head
        memset(&made, 0, sizeof(made))
        made.batch_id = 1
        if message.write_lane_message(&self.out, &self.lane, &self.book.book, self.lane.tail, &end,
                                      &self.book.places.directory.behind[endpoint], 0, &made) != 0:
            raise MemoryError
        return made.entry_count, self.out.size
