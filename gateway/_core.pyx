"""The Engine: the compiled core's face to Python. See _core.pyi; the work is done in core/."""

from array import array

cimport cython
from libc.stdint cimport uint8_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcpy, memset

from gateway.core.admission cimport Head, admission_read, admission_take
from gateway.core.book cimport asks_expire, frame_at, frame_new, frame_release, ticket_at
from gateway.core.check cimport INQUIRIES_MAX, MESSAGE_BYTES_MAX, check_abandon, check_message
from gateway.core.due cimport Due, dues_gather
from gateway.core.directory cimport Directory, directory_follows, directory_read, directory_release
from gateway.core.ending cimport BY_CANCEL, answer_again, answer_ready, cohort_end, ticket_end
from gateway.core.face cimport Checked as CheckedType
from gateway.core.face cimport Settled as SettledType
from gateway.core.face cimport batch_of, court_answers, taken, text_of, world_stats
from gateway.core.line cimport LANES_AT, URGENCIES, line_cut, line_find, message_at, piece_at
from gateway.core.log cimport LOG_COUNT
from gateway.core.orders cimport INQUIRY_ID_BITS, Order, orders_add
from gateway.core.reply cimport FAULT_GARBAGE as GARBAGE
from gateway.core.reply cimport FAULT_NONE as NO_FAULT
from gateway.core.reply cimport FAULT_REFUSAL as REFUSAL
from gateway.core.reply cimport FAULT_UNKNOWN_BATCH as UNKNOWN_BATCH
from gateway.core.reply cimport reply_close, reply_read
from gateway.core.settle cimport settle_check, settle_fail, settle_take
from gateway.core.slab cimport NOTHING, slab_free
from gateway.core.sweep cimport sweep_lane, sweep_log, sweep_lost
from gateway.core.table cimport NO_VALUE
from gateway.core.tally cimport log_settle
from gateway.core.ticket cimport COHORT, WAITING, tickets_find
from gateway.core.wheel cimport wheel_next_ns, wheel_pop
from gateway.core.wire cimport buffer_free
from gateway.core.world cimport Court, world_close, world_open, world_settle_in

from gateway.core.face import Answers, Batch, Checked, Settled

__all__ = ["Answers", "Batch", "Checked", "Engine", "Settled"]

# As documented in _core.pyi; the numbers are those of core/.
FAULT_NONE, FAULT_GARBAGE, FAULT_UNKNOWN_BATCH, FAULT_UNKNOWN_INDEX = NO_FAULT, GARBAGE, UNKNOWN_BATCH, 3
FAULT_WRONG_INSTITUTION, FAULT_FOREIGN_RECORD, FAULT_REFUSAL = 4, 5, REFUSAL
CAUSE_UNDELIVERED, CAUSE_BROKEN, CAUSE_TIMEOUT, CAUSE_REFUSED, CAUSE_GARBAGE = 1, 2, 3, 4, 5
CUT_DRAINED, CUT_ENTRIES, CUT_BYTES, CUT_SEGMENT, CUT_AGAIN, CUT_HALF, CUT_REST = 1, 2, 3, 4, 5, 6, 7
CHECK_OK, CHECK_INVALID, CHECK_FULL = 0, 3, 8

cdef enum:
    SECOND_NS = 1000000000
    NEVER_NS = 0x7FFFFFFFFFFFFFFF
    FRESH_KEEP_NS = 86400000000000
    LANES_SWEEP_NS = 1000000000
    ATTEMPTS_MAX = 200        # a piece counts them in a byte


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

    def __init__(self, bytes key, *, first_inquiry_id=1, revision_base=0, deadline_default_s=86_400,
                 attempts_max=4,
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
        if first_inquiry_id >> INQUIRY_ID_BITS:
            raise ValueError(f"first_inquiry_id: {first_inquiry_id} given, "
                             f"below 2**{INQUIRY_ID_BITS} allowed")
        if not 0 <= revision_base < 1 << 32:
            raise ValueError(f"revision_base: {revision_base} given, 0 to 2**32 - 1 allowed")
        cdef World* world = self.world
        world.revision_base = revision_base
        memcpy(&world.key, <const char*>key, 16)
        world.next_inquiry_id = first_inquiry_id
        world.deadline_default_s = deadline_default_s
        world.rules.attempts_max = min(attempts_max, ATTEMPTS_MAX)
        world.rules.unanswered_retry_ns = unanswered_retry_ns
        world.partial_every_ns = partial_every_ns
        world.tickets_max, world.asks_max, world.bytes_max = inquiries_max, asks_max, bytes_max
        if world_open(world, orders_max) != 0:
            raise MemoryError

    def __dealloc__(self):
        if self.world != NULL:
            world_close(self.world)
            free(self.world)
        buffer_free(&self.findings)
        reply_close(&self.reply)

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
        cdef Directory* directory = directory_read(<const uint8_t*><const char*>snapshot, len(snapshot),
                                                   &error)
        if directory == NULL:
            raise ValueError(error.decode())
        if old == NULL:
            if world_settle_in(world, directory) != 0:
                directory_release(directory)
                raise MemoryError
            return
        if not directory_follows(directory, old):
            directory_release(directory)
            raise ValueError("snapshot: other institutions, endpoints or items than before, "
                             "or a version that does not rise")
        world.directory = directory
        if sweep_lost(&world.wires, &world.book, &world.ready, directory) != 0:
            raise MemoryError
        directory_release(old)

    def open_endpoint(self, uint32_t endpoint, int in_flight_max):
        if endpoint >= self.world.wires.line_count or in_flight_max < 0:
            raise ValueError(f"endpoint {endpoint}, in_flight_max {in_flight_max}: not known, or below 0")
        self.world.wires.lines[endpoint].in_flight_max = in_flight_max

    def check(self, bytes message, str court, int64_t now_ns):
        cdef CheckedType checked = CheckedType.__new__(CheckedType)
        cdef Slice body, name
        cdef bytes court_bytes = court.encode()
        self.tell(now_ns)
        body.data, body.size = <const uint8_t*><const char*>message, <uint32_t>min(len(message),
                                                                                   MESSAGE_BYTES_MAX + 1)
        name.data, name.size = <const uint8_t*><const char*>court_bytes, <uint32_t>len(court_bytes)
        checked.error = ""
        checked.status = check_message(self.world, &checked.verdicts, body, name, self.now_ns)
        if checked.status == -1:
            raise MemoryError
        if checked.status == CHECK_INVALID:
            checked.error = (f"message: {len(message)} bytes and {checked.verdicts.found} inquiries read, "
                             f"allowed {MESSAGE_BYTES_MAX} bytes and {INQUIRIES_MAX} inquiries "
                             "of a SubmitBulkRequest")
        elif checked.status == CHECK_FULL:
            checked.error = (f"gateway: full, no room for {checked.verdicts.found} more inquiries beside "
                             f"{self.world.book.tickets.count}, at most {self.world.tickets_max}")
        if checked.status != CHECK_OK:
            checked.settled = True
        return checked

    def abandon(self, CheckedType checked not None):
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
        cdef Head head
        cdef uint32_t number, court
        cdef int taken_up = -2
        self.tell(now_ns)
        # Ascending, as 8 bytes each in the order of this machine, for the core to walk along with the frame.
        answered = array("Q", sorted(int.from_bytes(answered[at : at + 8], "little")
                                     for at in range(0, len(answered), 8))).tobytes()
        slice.data, slice.size = <const uint8_t*><const char*>frame, <uint32_t>len(frame)
        if admission_read(slice, &head) != 0:
            raise ValueError(f"frame {seq}: not an Admission that check made")
        court = self.court_number(text_of(head.court))
        number = frame_new(&self.world.book, slice.data, slice.size, self.world.directory,
                           head.admitted_ns, court)
        if number == NOTHING:
            raise MemoryError
        # The core reads its own copy: what it keeps of the frame points there.
        slice.data = frame_at(&self.world.book, number).data
        taken_up = admission_take(self.world, slice, number, &head,
                                  <const uint64_t*><const char*>answered,
                                  len(answered) // 8)
        frame_release(&self.world.book, number)
        if taken_up == -2:
            raise ValueError(f"frame {seq}: an inquiry in it is not canonical")
        if taken_up != 0:
            raise MemoryError

    def recall_orders(self, bytes rows):
        cdef Order order
        cdef size_t at
        if len(rows) % sizeof(Order):
            raise ValueError(f"rows: {len(rows)} bytes given, a multiple of 40 needed")
        for at in range(0, len(rows), sizeof(Order)):
            memcpy(&order, <const char*>rows + at, sizeof(Order))
            if order.inquiry_id >> INQUIRY_ID_BITS:
                raise ValueError(f"rows: inquiry id {order.inquiry_id} given, "
                                 f"below 2**{INQUIRY_ID_BITS} allowed")
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
        cdef bytes message
        self.tell(now_ns)
        dues = <Due*>calloc(world.wires.line_count, sizeof(Due))
        if dues == NULL:
            raise MemoryError
        try:
            count = 1
            while count and bytes_taken < bytes_max:
                count = dues_gather(world, dues, self.now_ns)
                for index in range(count):
                    endpoint = dues[index].endpoint
                    piece = line_cut(&world.wires, &world.book, &world.directory.behind[endpoint], endpoint,
                                     dues[index].choice, self.now_ns)
                    if piece == NOTHING:
                        raise MemoryError
                    message = self.message_of(piece)
                    batches.append(batch_of(world, piece, message))
                    bytes_taken += len(message)
                    if bytes_taken >= bytes_max:
                        break
        finally:
            free(dues)
        self.drop_messages()
        return batches

    cdef bytes message_of(self, uint32_t piece):
        """The bytes of a piece that was cut just now; the same object for all pieces with the same cut."""
        cdef uint32_t number = piece_at(&self.world.wires, piece).message
        if self.world.wires.out.size:
            while len(self.messages) <= number:
                self.messages.append(None)
            self.messages[number] = taken(&self.world.wires.out)
        return self.messages[number]

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
        cdef SettledType settled = SettledType.__new__(SettledType)
        cdef Slice slice
        cdef uint32_t piece, where
        cdef int fault
        self.tell(now_ns)
        if endpoint >= world.wires.line_count:
            raise ValueError(f"endpoint: {endpoint} given, below {world.wires.line_count} allowed")
        slice.data, slice.size = <const uint8_t*><const char*>reply, <uint32_t>len(reply)
        fault = <int>reply_read(&self.reply, slice, world.directory, endpoint)
        settled.batch_id = self.reply.batch_id if fault != GARBAGE else 0
        piece = line_find(&world.wires, endpoint, settled.batch_id)
        if piece == NOTHING and (fault == NO_FAULT or fault == REFUSAL):
            fault = UNKNOWN_BATCH
        if fault == NO_FAULT:
            fault = settle_check(&world.wires, &world.book, piece, &self.reply, &self.findings)
        world.replies += 1
        if fault == NO_FAULT:
            where = piece_at(&world.wires, piece).where
            fault = settle_take(&world.wires, &world.book, &world.ready, &world.rules, piece, &self.reply,
                                &self.findings, self.now_ns)
            if where >= LANES_AT:
                sweep_lane(&world.wires, &world.book, endpoint, where - LANES_AT)
            self.drop_messages()
        else:
            world.replies_refused += 1
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
        world.failures += 1
        if settle_fail(&world.wires, &world.book, &world.ready, &world.rules, piece, cause, retry_ns,
                       self.now_ns) != 0:
            raise MemoryError
        self.drop_messages()

    def cancel(self, uint64_t inquiry_id, int64_t now_ns):
        cdef World* world = self.world
        cdef uint32_t ticket
        self.tell(now_ns)
        log_settle(&world.wires, &world.book, &world.ready)
        ticket = tickets_find(&world.book.tickets, inquiry_id)
        if ticket == NO_VALUE or ticket_at(&world.book, ticket).stage != WAITING:
            return False
        # Its asks are let go at once: what nobody else waits for must not be cut any more.
        if ticket_end(world, ticket, BY_CANCEL, self.now_ns) != 0 or answer_ready(world, self.now_ns) != 0:
            raise MemoryError
        return True

    def advance(self, int64_t now_ns):
        cdef World* world = self.world
        cdef uint32_t number
        self.tell(now_ns)
        log_settle(&world.wires, &world.book, &world.ready)
        number = wheel_pop(&world.wheel, self.now_ns)
        while number != NOTHING:
            if not number & COHORT:
                answer_again(world, number)
            elif cohort_end(world, number & ~COHORT, self.now_ns) != 0:
                raise MemoryError
            number = wheel_pop(&world.wheel, self.now_ns)
        asks_expire(&world.book, self.now_ns - FRESH_KEEP_NS, world.asks_max)

    def next_due(self):
        return min(wheel_next_ns(&self.world.wheel),
                   self.world.wires.retry_due_ns if self.world.directory else NEVER_NS)

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
        return world_stats(self.world, self.now_ns)
