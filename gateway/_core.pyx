"""The Engine: the compiled core's face to Python. See _core.pyi; the work is done in core/."""

cimport cython
from libc.stdlib cimport calloc, free, qsort, realloc
from libc.string cimport memcpy, memset

from gateway.core.answer cimport BY_CANCEL, BY_DEADLINE, answer_ready, mark_answers, ticket_end
from gateway.core.bits cimport Mask, mask_count
from gateway.core.book cimport WAITING, Ticket, asks_expire, book_close, book_open, frame_new, frame_release
from gateway.core.book cimport frame_at, ticket_at, ticket_find
from gateway.core.check cimport INQUIRIES_MAX, MESSAGE_BYTES_MAX, REASON_COUNT, check_abandon, check_message
from gateway.core.check cimport verdicts_close
from gateway.core.codec cimport Admitted, parse_admitted
from gateway.core.directory cimport Directory, directory_read, directory_release
from gateway.core.line cimport LANES_AT, URGENCIES, Choice, Line, Piece, line_choose, line_cut, line_find, message_at
from gateway.core.line cimport piece_at, wires_close, wires_open
from gateway.core.log cimport LOG_COUNT
from gateway.core.message cimport Message
from gateway.core.orders cimport Order, orders_add, orders_close, orders_open
from gateway.core.reply cimport reply_close, reply_read
from gateway.core.route cimport route_commit, route_inquiry
from gateway.core.settle cimport settle_check, settle_fail, settle_take
from gateway.core.slab cimport NOTHING, slab_free
from gateway.core.sweep cimport sweep_lane, sweep_log, sweep_lost
from gateway.core.table cimport NO_VALUE
from gateway.core.tally cimport log_settle, ready_add
from gateway.core.wheel cimport wheel_add, wheel_close, wheel_next_ns, wheel_open, wheel_pop
from gateway.core.wire cimport BYTES, FIXED64, Reader, buffer_free, read_fixed64, read_slice, read_tag, reader_open
from gateway.core.wire cimport skip_field
from gateway.core.world cimport STATE_COUNT, Court, Mark

# As documented in _core.pyi; the numbers are those of core/.
FAULT_NONE, FAULT_GARBAGE, FAULT_UNKNOWN_BATCH, FAULT_UNKNOWN_INDEX = 0, 1, 2, 3
FAULT_WRONG_INSTITUTION, FAULT_FOREIGN_RECORD, FAULT_REFUSAL = 4, 5, 6
CAUSE_UNDELIVERED, CAUSE_BROKEN, CAUSE_TIMEOUT, CAUSE_REFUSED, CAUSE_GARBAGE = 1, 2, 3, 4, 5
CUT_DRAINED, CUT_ENTRIES, CUT_BYTES, CUT_SEGMENT, CUT_AGAIN, CUT_HALF, CUT_REST = 1, 2, 3, 4, 5, 6, 7
CHECK_OK, CHECK_INVALID, CHECK_FULL = 0, 3, 8

cdef enum:
    SECOND_NS = 1000000000
    NEVER_NS = 0x7FFFFFFFFFFFFFFF
    FRESH_KEEP_NS = 86400000000000
    LANES_SWEEP_NS = 1000000000

cdef struct Due:
    Choice choice
    uint32_t endpoint


cdef int compare_due(const void* left, const void* right) noexcept nogil:
    cdef const Due* one = <const Due*>left
    cdef const Due* other = <const Due*>right
    if one.choice.due_ns != other.choice.due_ns:
        return -1 if one.choice.due_ns < other.choice.due_ns else 1
    return -1 if one.endpoint < other.endpoint else 1


cdef bytes taken(const Buffer* buffer):
    return (<const char*>buffer.data)[:buffer.size] if buffer.size else b""


cdef const uint8_t* frame_data(World* world, uint32_t number) noexcept nogil:
    return frame_at(&world.book, number).data


cdef list court_answers(Court* court, str name):
    """The frames of answers that a court has waiting; its buffers are empty afterwards."""
    cdef Answers answers
    cdef Mark mark
    cdef size_t at
    cdef size_t answers_at = 0
    cdef size_t finals_at = 0
    cdef uint32_t counted = 0
    cdef list found = []
    if court.count > court.last.count and mark_answers(court) != 0:
        raise MemoryError
    for at in range(0, court.marks.size, sizeof(Mark)):
        memcpy(&mark, court.marks.data + at, sizeof(Mark))
        answers = Answers.__new__(Answers)
        answers.court = name
        answers.message = (<const char*>court.answers.data)[answers_at:mark.answers_size]
        answers.finals = (<const char*>court.finals.data)[finals_at:mark.finals_size] if court.finals.size else b""
        answers.count = mark.count - counted
        answers_at, finals_at, counted = mark.answers_size, mark.finals_size, mark.count
        found.append(answers)
    court.answers.size = court.finals.size = court.marks.size = 0
    memset(&court.last, 0, sizeof(Mark))
    court.count = 0
    return found


cdef dict engine_stats(Engine engine):
    """As documented in _core.pyi."""
    cdef World* world = engine.world
    cdef uint32_t state, endpoint, where
    cdef int64_t due_ns
    cdef Line* line
    cdef uint64_t waiting = 0
    cdef int64_t oldest_ns = NEVER_NS
    for endpoint in range(world.wires.line_count if world.directory != NULL else 0):
        line = &world.wires.lines[endpoint]
        due_ns = line_choose(&world.wires, &world.book, endpoint, engine.now_ns).due_ns
        oldest_ns = min(oldest_ns, due_ns)
        for where in range(LOG_COUNT):
            waiting += world.wires.logs[where].head - line.cursor[where]
        for where in range(URGENCIES):
            waiting += line.lanes[where].head - line.lanes[where].cursor
    stats = {
        "inquiries_accepted": world.accepted,
        "inquiries_repeated": world.repeated,
        "inquiries_refused": world.refused,
        "inquiries_open": world.book.open_count,
        "inquiries_final": world.finals,
        "answers": world.answers,
        "records": world.book.records,
        "queries_total": world.queries_total,
        "queries_joined": world.queries_joined,
        "queries_on_wire": world.wires.queries_on_wire,
        "notes_on_wire": world.wires.notes_on_wire,
        "batches": engine.batches,
        "batch_entries": engine.batch_entries,
        "replies": engine.replies,
        "replies_refused": engine.replies_refused,
        "failures": engine.failures,
        "waiting_entries": waiting,
        "in_flight": world.wires.in_flight,
        "bytes_held": world.book.bytes,
        "asks": world.book.asks.count,
        "oldest_due_ns": 0 if oldest_ns == NEVER_NS else oldest_ns,
        "orders": world.orders.next - world.orders.first,
    }
    names = ["found", "none", "ambiguous", "refused", "incapable", "late", "unreachable", "cancelled"]
    ended = 0
    for state in range(1, STATE_COUNT):
        stats[f"state_{names[state - 1]}"] = world.states[state]
        ended += world.states[state]
    stats["queries_open"] = world.queries_total - ended
    return stats


@cython.final
cdef class Checked:
    def __dealloc__(self):
        verdicts_close(&self.verdicts)

    @property
    def response(self):
        return taken(&self.verdicts.response)

    @property
    def frame(self):
        return taken(&self.verdicts.frame)

    @property
    def orders(self):
        return taken(&self.verdicts.orders)

    @property
    def accepted(self):
        return self.verdicts.accepted

    @property
    def repeated(self):
        return self.verdicts.repeated

    @property
    def refused(self):
        return self.verdicts.refused

    @property
    def first_inquiry_id(self):
        return self.verdicts.first_inquiry_id

    @property
    def refused_by_reason(self):
        return {reason: self.verdicts.by_reason[reason] for reason in range(REASON_COUNT)
                if self.verdicts.by_reason[reason]}


@cython.final
cdef class Batch:
    pass


@cython.final
cdef class Answers:
    pass


@cython.final
cdef class Settled:
    pass


@cython.final
cdef class Engine:
    def __cinit__(self):
        self.world = <World*>calloc(1, sizeof(World))
        if self.world == NULL:
            raise MemoryError
        memset(&self.reply, 0, sizeof(Reply))
        self.courts = []
        self.court_numbers = {}
        self.messages = []

    def __init__(self, bytes key, *, first_inquiry_id=1, deadline_default_s=86_400, attempts_max=4,
                 unanswered_retry_ns=SECOND_NS, partial_every_ns=SECOND_NS, inquiries_max=2_000_000,
                 asks_max=16_000_000, orders_max=32_000_000, bytes_max=8_000_000_000):
        if len(key) != 16:
            raise ValueError(f"key: {len(key)} bytes given, 16 needed")
        limits = {"first_inquiry_id": first_inquiry_id, "deadline_default_s": deadline_default_s,
                  "attempts_max": attempts_max, "unanswered_retry_ns": unanswered_retry_ns,
                  "partial_every_ns": partial_every_ns, "inquiries_max": inquiries_max, "asks_max": asks_max,
                  "orders_max": orders_max, "bytes_max": bytes_max}
        for name, value in limits.items():
            if value < 1:
                raise ValueError(f"{name}: {value} given, at least 1 needed")
        cdef World* world = self.world
        memcpy(&world.key, <const char*>key, 16)
        world.next_inquiry_id = first_inquiry_id
        world.deadline_default_s = deadline_default_s
        world.rules.attempts_max = min(attempts_max, 200)
        world.rules.unanswered_retry_ns = unanswered_retry_ns
        world.partial_every_ns = partial_every_ns
        world.tickets_max, world.asks_max, world.bytes_max = inquiries_max, asks_max, bytes_max
        world.delay_ns[1], world.delay_ns[2], world.delay_ns[3] = 0, 2 * SECOND_NS, 30 * <int64_t>SECOND_NS
        world.ready.head = world.ready.tail = NOTHING
        world.list = <uint32_t*>calloc(4096, sizeof(uint32_t))
        wheel_open(&world.wheel)
        if world.list == NULL or book_open(&world.book, inquiries_max, asks_max) != 0:
            raise MemoryError
        if orders_open(&world.orders, orders_max) != 0:
            raise MemoryError

    def __dealloc__(self):
        cdef uint32_t court
        if self.world == NULL:
            return
        for court in range(self.world.court_count):
            buffer_free(&self.world.courts[court].answers)
            buffer_free(&self.world.courts[court].finals)
            buffer_free(&self.world.courts[court].marks)
        book_close(&self.world.book)
        wires_close(&self.world.wires)
        wheel_close(&self.world.wheel)
        orders_close(&self.world.orders)
        directory_release(self.world.directory)
        buffer_free(&self.world.scratch)
        buffer_free(&self.world.part)
        buffer_free(&self.findings)
        reply_close(&self.reply)
        free(self.world.courts)
        free(self.world.masks)
        free(self.world.touched)
        free(self.world.list)
        free(self.world)

    cdef int tell(self, int64_t now_ns) except -1:
        """Everything begins with it: is there a directory, and does time go on?"""
        if self.world.directory == NULL:
            raise ValueError("directory: none was set")
        if now_ns > self.now_ns:
            self.now_ns = now_ns
        return 0

    def set_directory(self, bytes snapshot):
        cdef const char* error = NULL
        cdef World* world = self.world
        cdef Directory* old = world.directory
        cdef Directory* directory = directory_read(<const uint8_t*><const char*>snapshot, len(snapshot), &error)
        if directory == NULL:
            raise ValueError(error.decode())
        if old == NULL:
            world.masks = <Mask*>calloc(directory.endpoint_count, sizeof(Mask))
            world.touched = <uint32_t*>calloc(directory.endpoint_count, sizeof(uint32_t))
            if world.masks == NULL or world.touched == NULL or wires_open(&world.wires, directory.endpoint_count) != 0:
                directory_release(directory)
                raise MemoryError
            world.directory = directory
            return
        if directory.endpoint_count != old.endpoint_count or directory.institution_count != old.institution_count:
            directory_release(directory)
            raise ValueError("snapshot: other institutions or endpoints than before")
        for index in range(directory.institution_count):
            if directory.endpoint[index] != old.endpoint[index] or directory.items[index] != old.items[index]:
                directory_release(directory)
                raise ValueError(f"snapshot: institution {index} has another endpoint or other items than before")
        if directory.version <= old.version:
            directory_release(directory)
            raise ValueError("snapshot: its version does not rise")
        world.directory = directory
        if sweep_lost(&world.wires, &world.book, &world.ready, directory) != 0:
            raise MemoryError
        directory_release(old)

    def open_endpoint(self, uint32_t endpoint, int in_flight_max):
        if endpoint >= self.world.wires.line_count or in_flight_max < 0:
            raise ValueError(f"endpoint {endpoint}, in_flight_max {in_flight_max}: not known, or below 0")
        self.world.wires.lines[endpoint].in_flight_max = in_flight_max

    def check(self, bytes message, str court, int64_t now_ns):
        cdef Checked checked = Checked.__new__(Checked)
        cdef Slice body, name
        cdef bytes court_bytes = court.encode()
        self.tell(now_ns)
        body.data, body.size = <const uint8_t*><const char*>message, <uint32_t>min(len(message), MESSAGE_BYTES_MAX + 1)
        name.data, name.size = <const uint8_t*><const char*>court_bytes, <uint32_t>len(court_bytes)
        checked.error = ""
        checked.status = check_message(self.world, &checked.verdicts, body, name, self.now_ns)
        if checked.status == -1:
            raise MemoryError
        if checked.status == CHECK_INVALID:
            checked.error = (f"message: {len(message)} bytes and {checked.verdicts.found} readable inquiries; allowed are "
                             f"{MESSAGE_BYTES_MAX} bytes and {INQUIRIES_MAX} inquiries of a SubmitBulkRequest")
        elif checked.status == CHECK_FULL:
            checked.error = (f"gateway: full, no room for {checked.verdicts.found} more inquiries beside "
                             f"{self.world.book.tickets.count}, at most {self.world.tickets_max}")
        if checked.status != CHECK_OK:
            checked.settled = True
        return checked

    def abandon(self, Checked checked not None):
        if checked.settled:
            raise ValueError("checked: admitted or abandoned before")
        checked.settled = True
        check_abandon(self.world, &checked.verdicts)
        self.world.reserved -= min(self.world.reserved, checked.verdicts.accepted)
        self.world.reserved_bytes -= min(self.world.reserved_bytes, checked.verdicts.reserved_bytes)

    cdef uint32_t court_number(self, str court) except? 0xFFFFFFFF:
        cdef Court* courts
        number = self.court_numbers.get(court)
        if number is None:
            number = len(self.courts)
            courts = <Court*>realloc(self.world.courts, (number + 1) * sizeof(Court))
            if courts == NULL:
                raise MemoryError
            memset(&courts[number], 0, sizeof(Court))
            self.world.courts = courts
            self.world.court_count = number + 1
            self.courts.append(court)
            self.court_numbers[court] = number
        return number

    def admit(self, bytes frame, uint64_t seq, int64_t now_ns, bytes answered=b""):
        cdef Slice slice
        cdef uint32_t number
        self.tell(now_ns)
        ids = {int.from_bytes(answered[at : at + 8], "little") for at in range(0, len(answered), 8)}
        number = frame_new(&self.world.book, <const uint8_t*><const char*>frame, <uint32_t>len(frame))
        if number == NOTHING:
            raise MemoryError
        # The core reads its own copy: what it keeps of the frame points there.
        slice.data = frame_data(self.world, number)
        slice.size = <uint32_t>len(frame)
        try:
            self.admit_inquiries(slice, number, ids)
        except ValueError as error:
            raise ValueError(f"frame {seq}: {error}") from None
        finally:
            frame_release(&self.world.book, number)

    cdef int admit_inquiries(self, Slice frame, uint32_t number, set answered) except -1:
        cdef World* world = self.world
        cdef Reader reader
        cdef Slice field, row
        cdef Admitted admitted
        cdef uint32_t tag, wire_type, court
        cdef uint64_t admitted_ns = 0
        cdef uint64_t inquiry_id = 0
        cdef uint64_t taken_up = 0
        cdef Order order
        court = self.court_number("")
        reader_open(&reader, frame.data, frame.size)
        while reader.at < reader.end:
            if read_tag(&reader, &tag, &wire_type) != 0:
                raise ValueError("not a readable Admission")
            if wire_type == FIXED64 and (tag == 1 or tag == 3):
                if read_fixed64(&reader, &admitted_ns if tag == 1 else &inquiry_id) != 0:
                    raise ValueError("not a readable Admission")
            elif wire_type == BYTES and (tag == 2 or tag == 4):
                if read_slice(&reader, &field) != 0:
                    raise ValueError("not a readable Admission")
                if tag == 2:
                    court = self.court_number((<const char*>field.data)[:field.size].decode())
                    continue
                row = field
                if parse_admitted(row, &admitted, world.list) != 0:
                    raise ValueError(f"inquiry {inquiry_id} is not a canonical Admitted")
                if inquiry_id not in answered and ticket_find(&world.book, inquiry_id) == NO_VALUE:
                    if route_inquiry(world, &admitted, inquiry_id, court, number, row, <int64_t>admitted_ns) != 0:
                        raise MemoryError
                inquiry_id += 1
                taken_up += 1
            else:
                raise ValueError("not a canonical Admission")
        world.next_inquiry_id = max(world.next_inquiry_id, inquiry_id)
        world.reserved -= min(world.reserved, taken_up)
        world.reserved_bytes -= min(world.reserved_bytes, frame.size)
        if route_commit(world, number, <int64_t>admitted_ns) != 0:
            raise MemoryError
        return 0

    def recall_orders(self, bytes rows):
        cdef Order order
        cdef size_t at
        if len(rows) % sizeof(Order):
            raise ValueError(f"rows: {len(rows)} bytes given, a multiple of 40 needed")
        for at in range(0, len(rows), sizeof(Order)):
            memcpy(&order, <const char*>rows + at, sizeof(Order))
            if orders_add(&self.world.orders, &order) != 0:
                raise MemoryError

    @property
    def orders_forgotten(self):
        return self.world.orders.forgotten

    def take_batches(self, int64_t now_ns, uint64_t bytes_max):
        cdef World* world = self.world
        cdef Due* dues
        cdef uint32_t endpoint, count, index, piece
        cdef uint64_t bytes_taken = 0
        cdef list batches = []
        cdef Batch batch
        self.tell(now_ns)
        dues = <Due*>calloc(world.wires.line_count, sizeof(Due))
        if dues == NULL:
            raise MemoryError
        try:
            count = 1
            while count and bytes_taken < bytes_max:
                count = 0
                world.wires.retry_due_ns = NEVER_NS
                for endpoint in range(world.wires.line_count):
                    if world.wires.lines[endpoint].in_flight >= world.wires.lines[endpoint].in_flight_max:
                        continue
                    dues[count].choice = line_choose(&world.wires, &world.book, endpoint, self.now_ns)
                    dues[count].endpoint = endpoint
                    count += dues[count].choice.due_ns != NEVER_NS
                qsort(dues, count, sizeof(Due), compare_due)
                for index in range(count):
                    endpoint = dues[index].endpoint
                    piece = line_cut(&world.wires, &world.book, &world.directory.behind[endpoint], endpoint,
                                     dues[index].choice, self.now_ns)
                    if piece == NOTHING:
                        raise MemoryError
                    batch = self.send(endpoint, piece)
                    batches.append(batch)
                    bytes_taken += len(batch.message)
                    if bytes_taken >= bytes_max:
                        break
        finally:
            free(dues)
        self.drop_messages()
        return batches

    cdef Batch send(self, uint32_t endpoint, uint32_t number):
        cdef Piece* piece = piece_at(&self.world.wires, number)
        cdef Message* message = message_at(&self.world.wires, piece.message)
        cdef Batch batch = Batch.__new__(Batch)
        if self.world.wires.out.size:
            while len(self.messages) <= piece.message:
                self.messages.append(None)
            self.messages[piece.message] = taken(&self.world.wires.out)
        batch.endpoint = endpoint
        batch.id = message.batch_id
        batch.message = self.messages[piece.message]
        batch.entry_count = message.entry_count
        batch.query_count = message.ask_count * (mask_count(piece.mask) if piece.where < LANES_AT else 1)
        batch.reason = piece.reason
        self.batches += 1
        self.batch_entries += message.entry_count
        return batch

    cdef int drop_messages(self) except -1:
        """Let go of messages that no piece and no remembered cut refers to any more."""
        cdef uint32_t number = self.world.wires.dropped
        cdef uint32_t next_number
        while number != NOTHING:
            next_number = message_at(&self.world.wires, number).entry_count
            self.messages[number] = None
            slab_free(&self.world.wires.messages, number)
            number = next_number
        self.world.wires.dropped = NOTHING
        return 0

    def settle(self, uint32_t endpoint, bytes reply, int64_t now_ns):
        cdef World* world = self.world
        cdef Settled settled = Settled.__new__(Settled)
        cdef Slice slice
        cdef uint32_t piece, where
        cdef int fault
        self.tell(now_ns)
        if endpoint >= world.wires.line_count:
            raise ValueError(f"endpoint: {endpoint} given, below {world.wires.line_count} allowed")
        slice.data, slice.size = <const uint8_t*><const char*>reply, <uint32_t>len(reply)
        fault = <int>reply_read(&self.reply, slice, world.directory, endpoint)
        settled.batch_id = self.reply.batch_id if fault != FAULT_GARBAGE else 0
        piece = line_find(&world.wires, endpoint, settled.batch_id)
        if piece == NOTHING and (fault == FAULT_NONE or fault == FAULT_REFUSAL):
            fault = FAULT_UNKNOWN_BATCH
        if fault == FAULT_NONE:
            fault = settle_check(&world.wires, &world.book, piece, &self.reply, &self.findings)
        self.replies += 1
        if fault == FAULT_NONE:
            where = piece_at(&world.wires, piece).where
            fault = settle_take(&world.wires, &world.book, &world.ready, &world.rules, piece, &self.reply, &self.findings,
                                self.now_ns)
            if where >= LANES_AT:
                sweep_lane(&world.wires, &world.book, endpoint, where - LANES_AT)
            self.drop_messages()
        else:
            self.replies_refused += 1
        if fault == -1:
            raise MemoryError
        settled.fault = fault
        return settled

    def fail(self, uint32_t endpoint, uint64_t batch, uint32_t cause, int64_t retry_ns, int64_t now_ns):
        cdef World* world = self.world
        cdef uint32_t piece = NOTHING
        self.tell(now_ns)
        if not CAUSE_UNDELIVERED <= cause <= CAUSE_GARBAGE:
            raise ValueError(f"cause: {cause} given, 1 to 5 allowed")
        if endpoint < world.wires.line_count:
            piece = line_find(&world.wires, endpoint, batch)
        if piece == NOTHING:
            raise LookupError(f"batch {batch} is not in flight at endpoint {endpoint}")
        self.failures += 1
        if settle_fail(&world.wires, &world.book, &world.ready, &world.rules, piece, cause, retry_ns, self.now_ns) != 0:
            raise MemoryError
        self.drop_messages()

    def cancel(self, uint64_t inquiry_id, int64_t now_ns):
        cdef World* world = self.world
        cdef uint32_t ticket
        self.tell(now_ns)
        log_settle(&world.wires, &world.book, &world.ready)
        ticket = ticket_find(&world.book, inquiry_id)
        if ticket == NO_VALUE or ticket_at(&world.book, ticket).stage != WAITING:
            return False
        if ticket_end(world, ticket, BY_CANCEL, self.now_ns) != 0:
            raise MemoryError
        return True

    def advance(self, int64_t now_ns):
        cdef World* world = self.world
        cdef uint32_t number
        cdef Ticket* ticket
        self.tell(now_ns)
        log_settle(&world.wires, &world.book, &world.ready)
        number = wheel_pop(&world.wheel, self.now_ns)
        while number != NOTHING:
            ticket = ticket_at(&world.book, number)
            ticket.timer = NOTHING
            if ticket.stage == WAITING and self.now_ns >= ticket.deadline_ns:
                if ticket.open_parts and ticket_end(world, number, BY_DEADLINE, self.now_ns) != 0:
                    raise MemoryError
            elif ticket.stage == WAITING:
                ticket.timer = wheel_add(&world.wheel, ticket.deadline_ns, number)
                if ticket.timer == NOTHING:
                    raise MemoryError
            ready_add(&world.book, &world.ready, number)
            number = wheel_pop(&world.wheel, self.now_ns)
        asks_expire(&world.book, self.now_ns - FRESH_KEEP_NS, world.asks_max)

    def next_due(self):
        return min(wheel_next_ns(&self.world.wheel), self.world.wires.retry_due_ns if self.world.directory else NEVER_NS)

    cdef int sweep(self, int64_t now_ns) except -1:
        cdef World* world = self.world
        cdef uint32_t where, endpoint
        for where in range(LOG_COUNT):
            if sweep_log(&world.wires, &world.book, &world.ready, where, now_ns) != 0:
                raise MemoryError
        if now_ns - world.swept_ns >= LANES_SWEEP_NS:
            world.swept_ns = now_ns
            for endpoint in range(world.wires.line_count):
                for where in range(URGENCIES):
                    sweep_lane(&world.wires, &world.book, endpoint, where)
        self.drop_messages()
        return 0

    def take_answers(self, int64_t now_ns):
        cdef World* world = self.world
        cdef uint32_t number
        cdef int again
        self.tell(now_ns)
        for again in range(2):
            # Sweeping gives up what nobody waits for, which ends asks, which may let go of tickets.
            log_settle(&world.wires, &world.book, &world.ready)
            if answer_ready(world, self.now_ns) != 0:
                raise MemoryError
            if again == 0:
                self.sweep(self.now_ns)
        found = []
        for number in range(world.court_count):
            if world.courts[number].count:
                found += court_answers(&world.courts[number], self.courts[number])
        return found

    def open_inquiries(self):
        return self.world.book.open_count

    def stats(self):
        return engine_stats(self)
