"""Messages: person, inquiry, codec, canonical, directory and reply in loops, for benchmarks. See
_messages.pyi."""

cimport cython
from libc.stdint cimport uint8_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from gateway.core cimport bits, codec, directory as places, inquiry as judging, person, reply, wire
from gateway.core.wire cimport Reader


def judge_resident_ids(bytes text, uint32_t today):
    cdef const uint8_t* start = text
    cdef uint64_t faulty = 0
    cdef size_t at
    for at in range(0, len(text), person.RESIDENT_ID_SIZE):
        faulty += person.judge_resident_id(start + at, person.RESIDENT_ID_SIZE, today) != 0
    return faulty


def judge_credit_codes(bytes text):
    cdef const uint8_t* start = text
    cdef uint64_t faulty = 0
    cdef size_t at
    for at in range(0, len(text), person.CREDIT_CODE_SIZE):
        faulty += person.judge_credit_code(start + at, person.CREDIT_CODE_SIZE) != 0
    return faulty


def judge_passports(bytes text, size_t size):
    cdef const uint8_t* start = text
    cdef uint64_t faulty = 0
    cdef size_t at
    for at in range(0, len(text), size):
        faulty += person.judge_passport(start + at, size) != 0
    return faulty


cdef uint32_t count_fields(Slice message, uint32_t wanted, Slice* slices) except? 0xFFFFFFFF:
    """Fields of that number; their contents into `slices` unless it is NULL."""
    cdef Reader reader
    cdef Slice part
    cdef uint32_t number = 0, wire_type = 0
    cdef uint32_t count = 0
    wire.reader_open(&reader, message.data, message.size)
    while reader.at < reader.end:
        if wire.read_tag(&reader, &number, &wire_type) != 0 or wire.read_slice(&reader, &part) != 0:
            raise ValueError("message: not fields with a length alone")
        if number == wanted:
            if slices != NULL:
                slices[count] = part
            count += 1
    return count


cdef Slice slice_of(const uint8_t* start, size_t size) noexcept nogil:
    cdef Slice slice
    slice.data, slice.size = start, <uint32_t>size
    return slice


@cython.final
cdef class Inquiries:
    """See _messages.pyi."""

    def __cinit__(self, bytes message, bytes court, uint32_t today):
        cdef Slice whole = slice_of(message, len(message))
        cdef uint32_t at
        self.message, self.court_bytes = message, court
        self.court = slice_of(court, len(court))
        self.count = count_fields(whole, 1, NULL)
        self.slices = <Slice*>calloc(self.count, sizeof(Slice))
        self.inquiries = <Inquiry*>calloc(self.count, sizeof(Inquiry))
        self.lists = <uint32_t*>calloc(<size_t>self.count * codec.SCOPE_LIST_MAX, sizeof(uint32_t))
        if self.slices == NULL or self.inquiries == NULL or self.lists == NULL:
            raise MemoryError
        count_fields(whole, 1, self.slices)
        for at in range(self.count):
            self.inquiries[at].today = today
        self.parse()

    def __dealloc__(self):
        free(self.slices)
        free(self.inquiries)
        free(self.lists)
        wire.buffer_free(&self.out)

    def __len__(self):
        return self.count

    @property
    def out(self):
        return (<const char*>self.out.data)[:self.out.size]

    def parse(self):
        cdef uint64_t good = 0, faults = 0
        cdef uint32_t at
        for at in range(self.count):
            codec.parse_inquiry(self.slices[at], self.court, &self.inquiries[at],
                                self.lists + <size_t>at * codec.SCOPE_LIST_MAX)
            good += self.inquiries[at].fault_count == 0
            faults += self.inquiries[at].fault_count
        return good, faults

    def judge(self):
        cdef uint64_t good = 0, faults = 0
        cdef uint32_t at
        for at in range(self.count):
            self.inquiries[at].fault_count = 0
            judging.judge_inquiry(&self.inquiries[at], self.court)
            good += self.inquiries[at].fault_count == 0
            faults += self.inquiries[at].fault_count
        return good, faults

    def write_admitted(self):
        cdef uint8_t content_hash[16]
        cdef uint64_t count = 0
        cdef uint32_t at
        memset(content_hash, 0xA5, 16)
        self.out.size = 0
        for at in range(self.count):
            if self.inquiries[at].fault_count:
                continue
            if codec.put_admitted(&self.out, &self.inquiries[at],
                                  self.lists + <size_t>at * codec.SCOPE_LIST_MAX, content_hash, 1) != 0:
                raise MemoryError
            count += 1
        return count

    def write_content(self):
        cdef uint64_t count = 0
        cdef uint32_t at
        self.out.size = 0
        for at in range(self.count):
            if self.inquiries[at].fault_count:
                continue
            if codec.put_content(&self.out, &self.inquiries[at],
                                 self.lists + <size_t>at * codec.SCOPE_LIST_MAX) != 0:
                raise MemoryError
            count += 1
        return count

    def read_admitted(self):
        cdef codec.Admitted admitted
        cdef uint32_t institutions[codec.SCOPE_LIST_MAX]
        cdef Reader reader
        cdef Slice row
        cdef uint32_t number = 0, wire_type = 0
        cdef uint64_t count = 0, named = 0
        wire.reader_open(&reader, self.out.data, self.out.size)
        while reader.at < reader.end:
            if (wire.read_tag(&reader, &number, &wire_type) != 0 or wire.read_slice(&reader, &row) != 0
                    or codec.parse_admitted(row, &admitted, institutions) != 0):
                raise ValueError("out: not canonical")
            count += 1
            named += admitted.institution_count
        return count, named


@cython.final
cdef class Places:
    """See _messages.pyi."""

    def __cinit__(self, bytes snapshot):
        cdef const char* error = NULL
        self.snapshot = snapshot
        self.directory = places.directory_read(snapshot, len(snapshot), &error)
        if self.directory == NULL:
            raise ValueError(error.decode())

    def __dealloc__(self):
        places.directory_release(self.directory)

    def read(self):
        cdef const char* error = NULL
        cdef Directory* again = places.directory_read(self.snapshot, len(self.snapshot), &error)
        if again == NULL:
            raise ValueError(error.decode())
        count = again.institution_count
        places.directory_release(again)
        return count

    def reach(self, bytes scopes):
        cdef const uint32_t* given = <const uint32_t*><const char*>scopes
        cdef bits.Bits reached
        cdef uint64_t total = 0
        cdef size_t at
        for at in range(0, len(scopes) // sizeof(uint32_t), 3):
            places.directory_reach(self.directory, given[at], given[at + 1], NULL, 0, given[at + 2], &reached)
            total += bits.bits_count(&reached)
        return total

    def spread(self, uint32_t count):
        cdef bits.Bits found
        cdef uint64_t total = 0
        cdef uint32_t _again, endpoint
        for _again in range(count):
            bits.bits_clear(&found)
            for endpoint in range(self.directory.endpoint_count):
                places.directory_spread(self.directory, endpoint, self.directory.behind[endpoint].capable,
                                        &found)
            total += bits.bits_count(&found)
        return total


@cython.final
cdef class Replies:
    """See _messages.pyi."""

    def __cinit__(self, Places known not None):
        self.places = known

    def __dealloc__(self):
        reply.reply_close(&self.reply)
        wire.buffer_free(&self.out)

    @property
    def out(self):
        return (<const char*>self.out.data)[:self.out.size]

    def read(self, uint32_t endpoint, bytes message, uint32_t count):
        cdef uint64_t answered = 0
        cdef uint32_t place, _again
        cdef uint32_t fault = 0
        self.message = message
        for _again in range(count):
            fault |= reply.reply_read(&self.reply, slice_of(message, len(message)), self.places.directory,
                                      endpoint)
        for place in range(self.places.directory.behind[endpoint].count):
            if self.reply.counts[place] != reply.UNANSWERED:
                answered += self.reply.counts[place]
        return fault, answered, self.reply.said_count

    def write(self, bytes entry_body):
        cdef const uint8_t* start = entry_body
        cdef uint32_t size = <uint32_t>len(entry_body)
        cdef uint32_t at
        self.out.size = 0
        for at in range(self.reply.said_count):
            fault = reply.finding_write(&self.out, &self.reply.said[at], start, size)
            if fault != 0:
                raise ValueError(f"finding {at}: fault {fault}")
        return self.reply.said_count
