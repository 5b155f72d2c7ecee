"""Inside: choice, due, line, settle, route and the other parts of an Engine, for benchmarks. See
_inside.pyi."""

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free

from gateway.core cimport admission, book, choice, due, ending, line, reply, route, settle, standing, tally
from gateway.core cimport sweep as letting, world as worlds
from gateway.core.bits cimport Bits, bits_clear, bits_count
from gateway.core.canonical cimport parse_admitted
from gateway.core.directory cimport directory_read
from gateway.core.face cimport batch_of, court_answers
from gateway.core.log cimport LOG_COUNT, Log, Segment, log_segment
from gateway.core.slab cimport NOTHING
from gateway.core.ticket cimport tickets_find
from gateway.core.wire cimport FIXED64, Reader, Slice, buffer_free, put_raw, read_fixed64, read_slice
from gateway.core.wire cimport read_tag, reader_open
from gateway.core.world cimport World

cdef enum:
    NEVER_NS = 0x7FFFFFFFFFFFFFFF
    INQUIRIES_FIELD = 4           # of an Admission
    LOOKS_MAX = 1 << 18           # as admission allows a frame


cdef Engine engine_of(object engine):
    """TypeError unless it is one."""
    if not isinstance(engine, Engine):
        raise TypeError("engine: not an Engine")
    return <Engine>engine


@cython.final
cdef class Dues:
    """See _inside.pyi."""

    def __cinit__(self, engine):
        self.engine = engine_of(engine)
        self.dues = <Due*>calloc(self.engine.world.wires.line_count, sizeof(Due))
        if self.dues == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.dues)

    def choose(self, int64_t now_ns, uint32_t count):
        cdef World* world = self.engine.world
        cdef uint64_t found = 0
        cdef uint32_t _again, endpoint
        for _again in range(count):
            for endpoint in range(world.wires.line_count):
                found += choice.line_choose(&world.wires, &world.book, endpoint, now_ns).due_ns != NEVER_NS
        return found

    def gather(self, int64_t now_ns):
        self.count = due.dues_gather(self.engine.world, self.dues, now_ns)
        return self.count

    @property
    def rows(self):
        return [(self.dues[at].choice.due_ns, self.dues[at].endpoint) for at in range(self.count)]

    def cut(self, int64_t now_ns):
        cdef World* world = self.engine.world
        cdef uint32_t at, endpoint
        for at in range(self.count):
            endpoint = self.dues[at].endpoint
            if line.line_cut(&world.wires, &world.book, &world.directory.behind[endpoint], endpoint,
                             self.dues[at].choice, now_ns) == NOTHING:
                raise MemoryError
        return world.wires.in_flight, world.wires.messages.count

    def hand_out(self, bytes message):
        cdef World* world = self.engine.world
        cdef uint32_t endpoint, number
        batches = []
        for endpoint in range(world.wires.line_count):
            number = world.wires.lines[endpoint].pieces
            while number != NOTHING:
                batches.append(batch_of(world, number, message))
                number = line.piece_at(&world.wires, number).next
        return batches


@cython.final
cdef class Replies:
    """See _inside.pyi."""

    def __cinit__(self, engine, replies):
        cdef World* world
        cdef Slice slice
        cdef uint32_t at
        self.engine = engine_of(engine)
        world = self.engine.world
        self.messages = [message for _, message in replies]
        self.count = len(self.messages)
        self.replies = <Reply*>calloc(self.count, sizeof(Reply))
        self.endpoints = <uint32_t*>calloc(self.count, sizeof(uint32_t))
        self.pieces = <uint32_t*>calloc(self.count, sizeof(uint32_t))
        if self.replies == NULL or self.endpoints == NULL or self.pieces == NULL:
            raise MemoryError
        for at in range(self.count):
            self.endpoints[at] = replies[at][0]
            slice.data, slice.size = <bytes?>self.messages[at], <uint32_t>len(self.messages[at])
            fault = reply.reply_read(&self.replies[at], slice, world.directory, self.endpoints[at])
            self.pieces[at] = line.line_find(&world.wires, self.endpoints[at], self.replies[at].batch_id)
            if fault != reply.FAULT_NONE or self.pieces[at] == NOTHING:
                raise ValueError(f"reply {at}: fault {fault}, or of no batch in flight")

    def __dealloc__(self):
        cdef uint32_t at
        for at in range(self.count):
            reply.reply_close(&self.replies[at])
        free(self.replies)
        free(self.endpoints)
        free(self.pieces)
        buffer_free(&self.findings)

    def check(self):
        cdef World* world = self.engine.world
        cdef uint64_t right = 0
        cdef uint32_t at
        for at in range(self.count):
            right += settle.settle_check(&world.wires, &world.book, self.pieces[at], &self.replies[at],
                                         &self.findings) == reply.FAULT_NONE
        return right

    def settle(self, int64_t now_ns):
        cdef World* world = self.engine.world
        cdef uint32_t at
        for at in range(self.count):
            if settle.settle_check(&world.wires, &world.book, self.pieces[at], &self.replies[at],
                                   &self.findings) != reply.FAULT_NONE:
                raise ValueError(f"reply {at}: cannot be believed")
            if settle.settle_take(&world.wires, &world.book, &world.ready, &world.rules, self.pieces[at],
                                  &self.replies[at], &self.findings, now_ns) != 0:
                raise MemoryError
        self.engine.drop_messages()
        return world.wires.in_flight

    def fail(self, int64_t now_ns):
        cdef World* world = self.engine.world
        cdef uint32_t at
        for at in range(self.count):
            if settle.settle_fail(&world.wires, &world.book, &world.ready, &world.rules, self.pieces[at],
                                  settle.CAUSE_TIMEOUT, now_ns, now_ns) != 0:
                raise MemoryError
        return world.wires.in_flight


@cython.final
cdef class Frame:
    """See _inside.pyi."""

    def __cinit__(self, engine, bytes frame, str court):
        cdef Slice slice
        cdef World* world
        self.engine = engine_of(engine)
        world = self.engine.world
        slice.data, slice.size = frame, <uint32_t>len(frame)
        if admission.admission_read(slice, &self.head) != 0:
            raise ValueError("frame: not an Admission")
        self.number = book.frame_new(&world.book, slice.data, slice.size, world.directory,
                                     self.head.admitted_ns, self.engine.court_number(court))
        if self.number == NOTHING:
            raise MemoryError
        slice.data = book.frame_at(&world.book, self.number).data
        self.rows = <Taken*>calloc(self.head.inquiry_count, sizeof(Taken))
        if self.rows == NULL:
            raise MemoryError
        self.read(slice)

    def __dealloc__(self):
        free(self.rows)

    cdef int read(self, Slice slice) except -1:
        """As admission reads a frame."""
        cdef World* world = self.engine.world
        cdef Taken* row
        cdef Slice part
        cdef Reader reader
        cdef uint32_t number = 0, wire_type = 0
        cdef uint32_t at
        cdef uint64_t skipped = 0
        world.lists.size = 0
        reader_open(&reader, slice.data, slice.size)
        while reader.at < reader.end:
            read_tag(&reader, &number, &wire_type)
            if wire_type == FIXED64:
                read_fixed64(&reader, &skipped)
                continue
            row = &self.rows[self.count]
            at = <uint32_t>(reader.at - slice.data)
            read_slice(&reader, &part)
            if number != INQUIRIES_FIELD:
                continue
            row.row_at = at
            if parse_admitted(part, &row.admitted, world.list) != 0:
                raise ValueError("frame: an inquiry is not canonical")
            row.subject = route.subject_key(world, &row.admitted)
            row.list_at = world.lists.size
            if put_raw(&world.lists, <const uint8_t*>world.list,
                       row.admitted.institution_count * sizeof(uint32_t)) != 0:
                raise MemoryError
            self.count += 1
        return 0

    def route(self):
        cdef World* world = self.engine.world
        cdef uint32_t at
        world.looks_left = LOOKS_MAX
        for at in range(self.count):
            if route.route_inquiry(world, &self.rows[at], self.head.first_inquiry_id + at, self.number,
                                   self.head.admitted_ns) != 0:
                raise MemoryError
        if route.route_commit(world, self.number, self.head.admitted_ns) != 0:
            raise MemoryError
        return world.book.tickets.count


def scan_frame(bytes frame, uint32_t count):
    cdef Head head
    cdef Slice slice
    cdef uint64_t total = 0
    cdef uint32_t _again
    slice.data, slice.size = frame, <uint32_t>len(frame)
    for _again in range(count):
        if admission.admission_read(slice, &head) != 0:
            raise ValueError("frame: not an Admission")
        total += head.inquiry_count
    return total


def stand(engine, uint32_t log):
    cdef World* world = engine_of(engine).world
    cdef Log* wanted = &world.wires.logs[log]
    cdef Segment* segment
    cdef Bits still_open, failing
    cdef uint64_t position
    cdef uint64_t total = 0
    for position in range(wanted.segments[wanted.first].from_position, wanted.head):
        segment = log_segment(wanted, position)
        bits_clear(&still_open)
        bits_clear(&failing)
        standing.open_at(&world.wires, log, position, segment, &still_open, &failing)
        total += bits_count(&still_open)
    return total


def cover(engine):
    cdef World* world = engine_of(engine).world
    cdef tally.Coverage coverage
    cdef uint64_t still_open = 0, none = 0
    cdef uint64_t inquiry_id
    for inquiry_id in range(1, world.next_inquiry_id):
        tally.ticket_cover(&world.wires, &world.book, tickets_find(&world.book.tickets, inquiry_id),
                           &coverage)
        still_open += coverage.open
        none += coverage.none
    return still_open, none


def settle_sums(engine):
    cdef World* world = engine_of(engine).world
    tally.log_settle(&world.wires, &world.book, &world.ready)


def finished(engine):
    cdef World* world = engine_of(engine).world
    cdef uint64_t inquiry_id
    count = 0
    for inquiry_id in range(1, world.next_inquiry_id):
        count += book.ticket_at(&world.book, tickets_find(&world.book.tickets, inquiry_id)).open_parts == 0
    return count


def make_answers(engine, int64_t now_ns):
    cdef World* world = engine_of(engine).world
    if ending.answer_ready(world, now_ns) != 0:
        raise MemoryError
    return world.answers


def end_at_deadlines(engine, int64_t now_ns):
    cdef World* world = engine_of(engine).world
    cdef uint32_t number
    for number in range(world.book.tickets.cohorts.fresh):
        if ending.cohort_end(world, number, now_ns) != 0:
            raise MemoryError
    return world.finals


def hand_answers(engine, str court):
    cdef Engine whole = engine_of(engine)
    return court_answers(&whole.world.courts[whole.court_number(court)], court)


def sweep(engine, int64_t now_ns):
    cdef Engine whole = engine_of(engine)
    cdef World* world = whole.world
    cdef uint64_t segments = 0, entries = 0
    cdef uint32_t where, endpoint, lane
    for where in range(LOG_COUNT):
        segments += world.wires.logs[where].count
        if letting.sweep_log(&world.wires, &world.book, &world.ready, where, now_ns) != 0:
            raise MemoryError
        segments -= world.wires.logs[where].count
    for endpoint in range(world.wires.line_count):
        for lane in range(line.URGENCIES):
            entries -= world.wires.lines[endpoint].lanes[lane].tail
            letting.sweep_lane(&world.wires, &world.book, endpoint, lane)
            entries += world.wires.lines[endpoint].lanes[lane].tail
    whole.drop_messages()
    return segments, entries


def make_world(bytes snapshot, uint64_t orders_max):
    cdef const char* error = NULL
    cdef worlds.Directory* directory = directory_read(snapshot, len(snapshot), &error)
    cdef World* world = <World*>calloc(1, sizeof(World))
    if directory == NULL or world == NULL:
        raise MemoryError
    try:
        if worlds.world_open(world, orders_max) != 0 or worlds.world_settle_in(world, directory) != 0:
            raise MemoryError
        return world.wires.line_count
    finally:
        worlds.world_close(world)
        free(world)
