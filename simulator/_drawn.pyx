"""Drawn: a batch and all that its subjects own, at all endpoints. See the .pxd and .pyi."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

from simulator._draw cimport (
    DRAWS_MAX,
    INSTITUTIONS_MAX,
    NAMESAKE,
    UNNAMED_NAMESAKE,
    draw_holdings,
    mix,
    put_record,
    settle_subject,
)
from simulator._entry cimport KIND_ASK, has_bit, read_bits, read_entry
from simulator._wire cimport (
    BYTES,
    VARINT,
    Reader,
    read_slice,
    read_tag,
    read_varint,
    room_for,
    skip_value,
    varint_size,
    write_uint,
    write_varint,
)

cdef enum:
    OUTCOME_FOUND = 1
    OUTCOME_AMBIGUOUS = 2
    FINDING_HEAD_BYTES_MAX = 32
    REPLY_HEAD_BYTES_MAX = 48

cdef object UNREADABLE = "Batch: not readable"
cdef object BEYOND_LIMITS = "Batch: a subject's number or name is longer than the contract allows"


@cython.final
cdef class Drawn:
    def __cinit__(self, Population population not None, bytes message not None):
        cdef Slice whole
        if PyBytes_GET_SIZE(message) > 0x7FFFFFFF:
            raise ValueError(UNREADABLE)
        self.population = population
        whole.data = <const uint8_t*>PyBytes_AS_STRING(message)
        whole.size = <uint32_t>PyBytes_GET_SIZE(message)
        self.read(whole)
        self.sort()

    def __dealloc__(self):
        free(self.findings.data)
        free(self.founds.data)
        free(self.hashes.data)
        free(self.scratch.data)
        free(self.order)
        free(self.starts)

    @property
    def hello(self):
        return PyBytes_FromStringAndSize(<char*>self.greeted, BITMAP_BYTES)

    @property
    def needs_hello(self):
        return self.has_unlisted

    @property
    def held_bytes(self):
        return self.findings.room + self.founds.room + self.hashes.room + self.scratch.room + 4 * (
            self.founds.size // sizeof(Found) + self.population.endpoint_count)

    def reply(self, uint32_t endpoint, bytes hello not None, bytes able not None,
              uint32_t entry_limit=0xFFFFFFFF):
        cdef uint16_t named[INSTITUTIONS_MAX]
        cdef const uint8_t* hello_bits = self.check_call(endpoint, hello)
        cdef const uint8_t* able_bits = self.check_call(endpoint, able)
        cdef uint32_t named_count = self.name(endpoint, hello_bits, able_bits, named)
        cdef uint32_t entry_count = min(self.entry_count, entry_limit)
        cdef uint64_t findings_size = self.take(endpoint, hello_bits, able_bits, entry_limit, NULL)
        cdef uint32_t packed_size = 0
        cdef uint32_t answered_size, at
        cdef uint8_t head[REPLY_HEAD_BYTES_MAX]
        cdef uint8_t* end = write_uint(head, 1, self.batch_id)
        cdef uint8_t* place
        if named_count == 0:
            return PyBytes_FromStringAndSize(<char*>head, end - head)
        for at in range(named_count):
            packed_size += varint_size(named[at])
        answered_size = 1 + varint_size(packed_size) + packed_size
        if entry_count:
            answered_size += 1 + varint_size(entry_count)
        end = write_varint(write_varint(end, 2 << 3 | BYTES), answered_size)
        end = write_varint(write_varint(end, 1 << 3 | BYTES), packed_size)
        cdef bytes reply = PyBytes_FromStringAndSize(
            NULL, (end - head) + answered_size - 1 - varint_size(packed_size) + findings_size)
        place = <uint8_t*>PyBytes_AS_STRING(reply)
        memcpy(place, head, end - head)
        place += end - head
        for at in range(named_count):
            place = write_varint(place, named[at])
        place = write_uint(place, 2, entry_count)
        self.take(endpoint, hello_bits, able_bits, entry_limit, place)
        return reply

    def answering(self, uint32_t endpoint, bytes hello not None, bytes able not None):
        cdef uint16_t named[INSTITUTIONS_MAX]
        cdef uint32_t count = self.name(
            endpoint, self.check_call(endpoint, hello), self.check_call(endpoint, able), named)
        return [named[at] for at in range(count)]

    def asked(self):
        cdef const uint64_t* hashes = <const uint64_t*>self.hashes.data
        return [at for at in range(self.entry_count) if hashes[at]]

    def chosen(self, uint64_t salt, uint64_t one_in):
        cdef const uint64_t* hashes = <const uint64_t*>self.hashes.data
        if one_in == 0:
            raise ValueError("one_in: 0 given, at least 1 allowed")
        return [at for at in range(self.entry_count) if hashes[at] and mix(hashes[at] ^ salt) % one_in == 0]

    cdef const uint8_t* check_call(self, uint32_t endpoint, bytes bits) except NULL:
        if endpoint >= self.population.endpoint_count:
            raise IndexError(f"endpoint: {endpoint} given, below {self.population.endpoint_count} allowed")
        if PyBytes_GET_SIZE(bits) != BITMAP_BYTES:
            raise ValueError(f"bitmap: {len(bits)} bytes given, {BITMAP_BYTES} allowed")
        return <const uint8_t*>PyBytes_AS_STRING(bits)

    cdef int read(self, Slice message) except -1:
        cdef Reader reader
        cdef uint32_t number, wire_type
        cdef Slice body
        cdef int failed
        reader.at = message.data
        reader.end = message.data + message.size
        while reader.at < reader.end:
            if read_tag(&reader, &number, &wire_type) != 0:
                raise ValueError(UNREADABLE)
            if number == 1 and wire_type == VARINT:
                failed = read_varint(&reader, &self.batch_id)
            elif number == 2 and wire_type == BYTES:
                failed = read_slice(&reader, &body)
                if not failed:
                    self.add_entry(body)
            elif number == 3:
                failed = read_bits(&reader, wire_type, self.greeted, BITMAP_BYTES * 8)
            else:
                failed = skip_value(&reader, wire_type)
            if failed:
                raise ValueError(UNREADABLE)
        return 0

    cdef int add_entry(self, Slice body) except -1:
        cdef Entry entry
        cdef uint32_t at
        cdef uint64_t asked = 0
        if read_entry(body, &entry) != 0:
            raise ValueError(UNREADABLE)
        if entry.is_listed:
            for at in range(<uint32_t>BITMAP_BYTES):
                self.listed[at] |= entry.institutions[at]
        else:
            self.has_unlisted = True
        if entry.kind == KIND_ASK:
            if settle_subject(&entry.subject, self.population.tables.seed) != 0:
                raise ValueError(BEYOND_LIMITS)
            asked = entry.subject.hash or 1
            self.add_findings(&entry)
        if room_for(&self.hashes, sizeof(uint64_t)) != 0:
            raise MemoryError
        memcpy(self.hashes.data + self.hashes.size, &asked, sizeof(uint64_t))
        self.hashes.size += sizeof(uint64_t)
        self.entry_count += 1
        return 0

    cdef int add_findings(self, const Entry* entry) except -1:
        """One for each institution where something is owned, in the order of its first holding."""
        cdef Holding holdings[DRAWS_MAX]
        cdef uint32_t count = draw_holdings(self.population.tables, &entry.subject, entry.items, holdings)
        cdef uint32_t at, earlier
        for at in range(count):
            if entry.is_listed and not has_bit(entry.institutions, holdings[at].institution):
                continue
            earlier = 0
            while holdings[earlier].institution != holdings[at].institution:
                earlier += 1
            if earlier == at:
                self.add_finding(entry, holdings, count, at)
        return 0

    cdef int add_finding(self, const Entry* entry, const Holding* holdings, uint32_t count,
                         uint32_t first) except -1:
        """What stands at the institution of holdings[first]; earlier ones stand elsewhere."""
        cdef uint32_t institution = holdings[first].institution
        cdef uint32_t outcome = OUTCOME_FOUND
        cdef uint32_t body_size, at
        cdef uint8_t* end
        cdef Found* found
        self.scratch.size = 0
        for at in range(first, count):
            if holdings[at].institution != institution:
                continue
            if holdings[at].chance.identity in (NAMESAKE, UNNAMED_NAMESAKE):
                outcome = OUTCOME_AMBIGUOUS
            if holdings[at].chance.identity != UNNAMED_NAMESAKE:
                if put_record(&self.scratch, self.population.tables, &entry.subject, &holdings[at]) != 0:
                    raise MemoryError
        body_size = <uint32_t>self.scratch.size + 2 + (1 + varint_size(institution) if institution else 0)
        body_size += 1 + varint_size(self.entry_count) if self.entry_count else 0
        if room_for(&self.findings, body_size + FINDING_HEAD_BYTES_MAX) != 0:
            raise MemoryError
        if room_for(&self.founds, sizeof(Found)) != 0:
            raise MemoryError
        end = self.findings.data + self.findings.size
        end = write_varint(write_varint(end, 3 << 3 | BYTES), body_size)
        end = write_uint(end, 1, self.entry_count)
        end = write_uint(end, 2, institution)
        end = write_uint(end, 3, outcome)
        if self.scratch.size:
            memcpy(end, self.scratch.data, self.scratch.size)
        found = <Found*>(self.founds.data + self.founds.size)
        found.offset = self.findings.size
        found.size = <uint32_t>(end + self.scratch.size - self.findings.data - self.findings.size)
        found.entry = self.entry_count
        found.institution = institution
        found.is_listed = entry.is_listed
        self.founds.size += sizeof(Found)
        self.findings.size += found.size
        return 0

    cdef int sort(self) except -1:
        """By endpoint, keeping the order of entries: a counting sort."""
        cdef const Found* founds = <const Found*>self.founds.data
        cdef uint32_t count = <uint32_t>(self.founds.size // sizeof(Found))
        cdef uint32_t at, endpoint
        self.starts = <uint32_t*>calloc(self.population.endpoint_count + 2, sizeof(uint32_t))
        self.order = <uint32_t*>malloc((count + 1) * sizeof(uint32_t))
        if self.starts == NULL or self.order == NULL:
            raise MemoryError
        for at in range(count):
            self.starts[self.population.endpoints[founds[at].institution] + 2] += 1
        for endpoint in range(self.population.endpoint_count):
            self.starts[endpoint + 2] += self.starts[endpoint + 1]
        for at in range(count):
            endpoint = self.population.endpoints[founds[at].institution]
            self.order[self.starts[endpoint + 1]] = at
            self.starts[endpoint + 1] += 1
        return 0

    cdef uint32_t name(self, uint32_t endpoint, const uint8_t* hello, const uint8_t* able,
                       uint16_t* named) noexcept nogil:
        """Who of those behind the endpoint is addressed and able; returns how many."""
        cdef uint32_t count = 0
        cdef uint32_t at
        cdef uint16_t institution
        for at in range(self.population.starts[endpoint], self.population.starts[endpoint + 1]):
            institution = self.population.members[at]
            if not has_bit(able, institution):
                continue
            if has_bit(self.listed, institution) or (self.has_unlisted and has_bit(hello, institution)):
                named[count] = institution
                count += 1
        return count

    cdef uint64_t take(self, uint32_t endpoint, const uint8_t* hello, const uint8_t* able, uint32_t limit,
                       uint8_t* at) noexcept nogil:
        """Copy the findings of the endpoint to `at`, or with NULL only add up their bytes."""
        cdef const Found* found
        cdef uint64_t size = 0
        cdef uint32_t place
        for place in range(self.starts[endpoint], self.starts[endpoint + 1]):
            found = &(<const Found*>self.founds.data)[self.order[place]]
            if found.entry >= limit or not has_bit(able, found.institution):
                continue
            if not found.is_listed and not has_bit(hello, found.institution):
                continue
            if at != NULL:
                memcpy(at + size, self.findings.data + found.offset, found.size)
            size += found.size
        return size
