"""Testing queue: the core's queues and sets for tests written in Python. Only tests import it.

Each wrapper calls one function and hands back what it did; it checks and decides nothing.
"""

cimport cython
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from gateway.core cimport bits, directory as places, lane, log, orders, reply, slab, table, ticket
from gateway.core cimport wheel
from gateway.core.bits cimport Bits, Mask
from gateway.core.hash cimport Hash128
from gateway.core.wire cimport Buffer, Slice, buffer_free


@cython.final
cdef class Slab:
    """See testing_queue.pyi."""

    def __cinit__(self, thing_size):
        slab.slab_open(&self.slab, thing_size)

    def __dealloc__(self):
        slab.slab_close(&self.slab)

    def __len__(self):
        return self.slab.count

    @property
    def fresh(self):
        return self.slab.fresh

    def new(self):
        return slab.slab_new(&self.slab)

    def free(self, number):
        slab.slab_free(&self.slab, number)

    def close(self):
        slab.slab_close(&self.slab)

    def place(self, number):
        return <size_t>slab.slab_at(&self.slab, number)

    def read(self, number):
        return (<const char*>slab.slab_at(&self.slab, number))[:self.slab.thing_size]

    def write(self, number, bytes thing):
        assert len(thing) == self.slab.thing_size
        memcpy(slab.slab_at(&self.slab, number), <const char*>thing, len(thing))


@cython.final
cdef class Wheel:
    """See testing_queue.pyi."""

    def __cinit__(self):
        wheel.wheel_open(&self.wheel)

    def __dealloc__(self):
        wheel.wheel_close(&self.wheel)

    def __len__(self):
        return self.wheel.timers.count

    def add(self, int64_t due_ns, owner):
        return wheel.wheel_add(&self.wheel, due_ns, owner)

    def remove(self, timer):
        wheel.wheel_remove(&self.wheel, timer)

    def pop(self, int64_t now_ns):
        owner = wheel.wheel_pop(&self.wheel, now_ns)
        return None if owner == slab.NOTHING else owner

    def next_ns(self):
        return wheel.wheel_next_ns(&self.wheel)


@cython.final
cdef class Tickets:
    """See testing_queue.pyi."""

    def __cinit__(self):
        if ticket.tickets_open(&self.tickets) != 0:
            raise MemoryError("tickets: no memory")

    def __dealloc__(self):
        ticket.tickets_close(&self.tickets)

    def __len__(self):
        return self.tickets.count

    @property
    def page_count(self):
        assert self.tickets.rows.count == self.tickets.pages.count
        return self.tickets.pages.count

    @property
    def cohort_count(self):
        return self.tickets.cohorts.count

    def new(self, inquiry_id, uint32_t frame=0, int64_t deadline_ns=0):
        cohort = ticket.cohort_for(&self.tickets, frame, deadline_ns, inquiry_id)
        return ticket.tickets_new(&self.tickets, inquiry_id, cohort)

    def free(self, number):
        cohort = ticket.tickets_at(&self.tickets, number).cohort
        ticket.tickets_free(&self.tickets, number)
        ticket.cohort_at(&self.tickets, cohort).tickets -= 1
        if ticket.cohort_at(&self.tickets, cohort).tickets == 0:
            ticket.cohort_free(&self.tickets, cohort)

    def find(self, inquiry_id):
        number = ticket.tickets_find(&self.tickets, inquiry_id)
        return None if number == table.NO_VALUE else number

    def inquiry_id(self, number):
        return ticket.tickets_id(&self.tickets, number)

    def mark(self, number, row_at):
        ticket.tickets_at(&self.tickets, number).row_at = row_at

    def marked(self, number):
        return ticket.tickets_at(&self.tickets, number).row_at

    def cohort(self, number):
        cdef ticket.Cohort* cohort = ticket.cohort_at(&self.tickets,
                                                      ticket.tickets_at(&self.tickets, number).cohort)
        return cohort.first_id, cohort.count, cohort.tickets

    def tell(self, number):
        return ticket.told_new(&self.tickets, number) != NULL


@cython.final
cdef class Orders:
    """See testing_queue.pyi."""

    def __cinit__(self, count_max):
        if orders.orders_open(&self.orders, count_max) != 0:
            raise MemoryError("orders: no memory")

    def __dealloc__(self):
        orders.orders_close(&self.orders)

    @property
    def forgotten(self):
        return self.orders.forgotten

    def add(self, key, content, inquiry_id):
        cdef orders.Order order
        order.key, order.content, order.inquiry_id = as_hash(key), as_hash(content), inquiry_id
        return orders.orders_add(&self.orders, &order) == 0

    def find(self, key):
        cdef const orders.Row* row = orders.orders_find(&self.orders, as_hash(key))
        return None if row == NULL else (row.content, orders.row_inquiry_id(row))

    def remove(self, key):
        orders.orders_remove(&self.orders, as_hash(key))


cdef Hash128 as_hash(key) except *:
    cdef Hash128 result
    result.low, result.high = key
    return result


@cython.final
cdef class Lane:
    """See testing_queue.pyi."""

    def __dealloc__(self):
        lane.lane_close(&self.lane)

    @property
    def room(self):
        return self.lane.room

    @property
    def cursor(self):
        return self.lane.cursor

    @property
    def head(self):
        return self.lane.head

    def add(self, ask, int64_t due_ns, *, is_note=False, int64_t until_ns=0):
        cdef lane.LaneEntry entry
        memset(&entry, 0, sizeof(entry))
        entry.ask, entry.due_ns, entry.until_ns = ask, due_ns, until_ns
        entry.kind = log.KIND_NOTE if is_note else log.KIND_ASK
        return lane.lane_add(&self.lane, &entry) == 0

    def drop_first(self):
        self.lane.tail += 1

    def end(self, position):
        lane.lane_at(&self.lane, position).ended = True

    def asks(self):
        return [lane.lane_at(&self.lane, position).ask for position in range(self.lane.tail, self.lane.head)]

    def lift(self, lift_to, lift_due_ns):
        self.lane.lift_to, self.lane.lift_due_ns = lift_to, lift_due_ns

    def due_ns(self, int64_t now_ns):
        due_ns = lane.lane_due(&self.lane, now_ns)
        return None if due_ns == lane.LANE_EMPTY else due_ns


@cython.final
cdef class Directory:
    """See testing_queue.pyi."""

    def __cinit__(self, bytes snapshot):
        cdef const char* error = NULL
        self.directory = places.directory_read(snapshot, len(snapshot), &error)
        if self.directory == NULL:
            raise ValueError(error.decode())

    def __dealloc__(self):
        places.directory_release(self.directory)

    @property
    def refs(self):
        return self.directory.refs

    def follows(self, Directory old not None):
        return places.directory_follows(self.directory, old.directory)

    def reach(self, reach, province, institutions, items):
        cdef uint32_t named[4096]
        cdef Bits found
        for at, index in enumerate(institutions):
            named[at] = index
        places.directory_reach(self.directory, reach, province, named, len(institutions), items, &found)
        return as_set(&found)

    def spread(self, endpoint, places_behind):
        cdef Bits found
        bits.bits_clear(&found)
        places.directory_spread(self.directory, endpoint, as_mask(places_behind), &found)
        return as_set(&found)

    def behind(self, endpoint):
        return [self.directory.behind[endpoint].institutions[place]
                for place in range(self.directory.behind[endpoint].count)]

    def members(self, which):
        return as_set(&self.directory.members[which])


@cython.final
cdef class Log:
    """See testing_queue.pyi."""

    def __cinit__(self, Directory directory not None):
        log.log_open(&self.log, 0)
        self.directory = directory

    def __dealloc__(self):
        log.log_close(&self.log)

    @property
    def head(self):
        return self.log.head

    def stage(self, size):
        cdef uint64_t position = 0
        if log.log_stage(&self.log, 0, size, slab.NOTHING, log.KIND_ASK, 0, &position) != 0:
            raise MemoryError("log: no memory")
        return position

    def commit(self):
        cdef log.Segment* made
        if log.log_commit(&self.log, 0, NULL, self.directory.directory, 0, &made) != 0:
            raise MemoryError("log: no memory")
        return made != NULL

    def drop_first(self):
        assert not self.log.segments[self.log.first].touched
        log.log_drop_first(&self.log)

    def segment(self, position):
        cdef log.Segment* segment = log.log_segment(&self.log, position)
        return None if segment == NULL else (segment.from_position, segment.count, segment.wire_bytes)

    def tally(self, from_position, to_position, count, is_gone):
        log.log_tally(&self.log, from_position, to_position, count, is_gone)

    def sums(self):
        """Brings what was touched up to date, and tells the sums of every entry there is."""
        cdef log.Segment* segment
        sums = {}
        while self.log.touched != NULL:
            self.log.touched.touched = False
            log.segment_sum(self.log.touched)
            self.log.touched = self.log.touched.touched_next
        for index in range(self.log.count):
            segment = self.log.segments[self.log.first + index]
            for at in range(segment.count):
                sums[segment.from_position + at] = (segment.answered[at], segment.gone[at])
        return sums


cdef Mask as_mask(numbers) except *:
    cdef Mask mask
    mask.low = mask.high = 0
    for number in numbers:
        bits.mask_set(&mask, number)
    return mask


cdef set from_mask(Mask mask):
    return {place for place in range(bits.BEHIND_MAX) if bits.mask_has(mask, place)}


cdef set as_set(const Bits* found):
    return {index for index in range(bits.INSTITUTIONS_MAX) if bits.bits_has(found, index)}


cdef Bits as_bits(numbers) except *:
    cdef Bits result
    bits.bits_clear(&result)
    for number in numbers:
        bits.bits_set(&result, number)
    return result


def combine_bits(left, right):
    cdef Bits one = as_bits(left)
    cdef Bits other = as_bits(right)
    cdef Bits both = one, either = one, rest = one
    bits.bits_and(&both, &other)
    bits.bits_or(&either, &other)
    bits.bits_remove(&rest, &other)
    return {"and": as_set(&both), "or": as_set(&either), "remove": as_set(&rest),
            "within": bits.bits_within(&one, &other), "empty": bits.bits_empty(&one),
            "count": bits.bits_count(&one)}


def walk_bits(numbers):
    cdef Bits found = as_bits(numbers)
    walked = []
    index = bits.bits_next(&found, 0)
    while index >= 0:
        walked.append(index)
        index = bits.bits_next(&found, index + 1)
    return walked


def combine_masks(left, right):
    cdef Mask one = as_mask(left)
    cdef Mask other = as_mask(right)
    return {"and": from_mask(bits.mask_and(one, other)), "or": from_mask(bits.mask_or(one, other)),
            "without": from_mask(bits.mask_without(one, other)), "equal": bits.mask_equal(one, other),
            "empty": bits.mask_empty(one), "count": bits.mask_count(one)}


def walk_mask(numbers):
    cdef Mask found = as_mask(numbers)
    walked = []
    place = bits.mask_next(found, 0)
    while place >= 0:
        walked.append(place)
        place = bits.mask_next(found, place + 1)
    return walked


def read_reply(bytes message, Directory directory not None, endpoint, bytes entry_body):
    cdef reply.Reply said
    cdef Slice slice
    cdef Buffer written
    memset(&said, 0, sizeof(said))
    memset(&written, 0, sizeof(written))
    slice.data, slice.size = message, <uint32_t>len(message)
    fault = reply.reply_read(&said, slice, directory.directory, endpoint)
    counts = {}
    findings = []
    try:
        for place, institution in enumerate(directory.behind(endpoint)):
            if said.counts[place] != reply.UNANSWERED:
                counts[institution] = said.counts[place]
        for index in range(said.said_count if fault == reply.FAULT_NONE else 0):
            found = reply.finding_write(&written, &said.said[index], entry_body, len(entry_body))
            body = written.data[said.said[index].body_from:said.said[index].body_from
                                + said.said[index].body_size]
            findings.append((said.said[index].entry, said.said[index].institution, found, body))
        return fault, said.batch_id, counts, findings
    finally:
        reply.reply_close(&said)
        buffer_free(&written)
