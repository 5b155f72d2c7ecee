"""Testing: the compiled core's functions for tests written in Python. Only tests import it.

Each wrapper calls one function and hands back what it did; it checks and decides nothing.
"""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

from gateway.core cimport codec, person, table, wire
from gateway.core.hash cimport Hash128, Key, hash128 as c_hash128
from gateway.core.wire cimport Buffer, Reader, Slice


cdef Hash128 key_of(const void* owner, uint32_t number) noexcept nogil:
    return (<const Hash128* const*>owner)[0][number]


@cython.final
cdef class Table:
    """See testing.pyi."""

    def __cinit__(self, count_max):
        self.values = []
        if table.table_open(&self.table, count_max, key_of, &self.keys) != 0:
            raise MemoryError("table: no memory")

    def __dealloc__(self):
        table.table_close(&self.table)
        free(self.keys)

    def __len__(self):
        return self.table.count

    @property
    def slot_count(self):
        return self.table.mask + 1

    def get(self, key):
        cdef uint32_t number
        table.table_prefetch(&self.table, as_hash(key))
        number = table.table_get(&self.table, as_hash(key))
        return None if number == table.NO_VALUE else self.values[number]

    def put(self, key, uint32_t value):
        cdef uint32_t number = len(self.values)
        cdef Hash128* keys = <Hash128*>realloc(self.keys, (number + 1) * sizeof(Hash128))
        if keys == NULL:
            raise MemoryError("table: no memory")
        self.keys = keys
        keys[number] = as_hash(key)
        self.values.append(value)
        return table.table_put(&self.table, as_hash(key),
                               table.NO_VALUE if value == table.NO_VALUE else number) == 0

    def delete(self, key):
        return table.table_delete(&self.table, as_hash(key))


cdef Hash128 as_hash(key) except *:
    cdef Hash128 result
    result.low, result.high = key
    return result


def hash128(bytes data, bytes key):
    cdef Key words
    cdef Hash128 result
    assert len(key) == 16
    memcpy(&words, <const uint8_t*>key, 16)
    result = c_hash128(data, len(data), words)
    return PyBytes_FromStringAndSize(<const char*>&result, 16)


def judge_resident_id(bytes number, uint32_t today):
    return person.judge_resident_id(number, len(number), today)


def judge_credit_code(bytes number):
    return person.judge_credit_code(number, len(number))


def judge_passport(bytes number):
    return person.judge_passport(number, len(number))


# -- codec

cdef Slice as_slice(bytes data) except *:
    cdef Slice slice
    slice.data = data
    slice.size = <uint32_t>len(data)
    return slice


cdef bytes text(Slice slice):
    return slice.data[:slice.size]


def parse_inquiry(bytes message, bytes court, uint32_t today):
    cdef codec.Inquiry inquiry
    cdef uint32_t institutions[codec.SCOPE_LIST_MAX]
    memset(&inquiry, 0xAA, sizeof(inquiry))
    inquiry.today = today
    codec.parse_inquiry(as_slice(message), as_slice(court), &inquiry, institutions)
    assert inquiry.today == today
    return {
        "order_id": text(inquiry.order_id),
        "court_code": text(inquiry.court_code),
        "mandate_court_code": text(inquiry.mandate_court_code),
        "case_number": text(inquiry.case_number),
        "instrument_number": text(inquiry.instrument_number),
        "officer_id": text(inquiry.officer_id),
        "id_number": text(inquiry.id_number),
        "name": text(inquiry.name),
        "province": text(inquiry.province),
        "instrument_kind": inquiry.instrument_kind,
        "debtor_role": inquiry.debtor_role,
        "id_type": inquiry.id_type,
        "reach": inquiry.reach,
        "province_code": inquiry.province_code,
        "urgency": inquiry.urgency,
        "items": inquiry.items,
        "freshness_s": inquiry.freshness_s,
        "deadline_s": inquiry.deadline_s,
        "claim_fen": inquiry.claim_fen,
        "institutions": [institutions[at] for at in range(inquiry.institution_count)],
        "first_reason": codec.first_reason(&inquiry),
        "faults": sorted(
            (inquiry.faults[at].reason, codec.field_name(inquiry.faults[at].field).decode())
            for at in range(inquiry.fault_count)
        ),
    }


def put_admitted(
    bytes message, bytes court, uint32_t today, bytes content_hash, uint64_t deadline_ns, bytes before
):
    cdef codec.Inquiry inquiry
    cdef uint32_t institutions[codec.SCOPE_LIST_MAX]
    cdef Buffer out
    assert len(content_hash) == 16
    memset(&out, 0, sizeof(out))
    inquiry.today = today
    codec.parse_inquiry(as_slice(message), as_slice(court), &inquiry, institutions)
    try:
        if (
            wire.put_raw(&out, before, len(before)) != 0
            or codec.put_admitted(&out, &inquiry, institutions, content_hash, deadline_ns) != 0
        ):
            raise MemoryError("buffer: no memory")
        return out.data[:out.size]
    finally:
        wire.buffer_free(&out)


def put_content(bytes message, bytes court, uint32_t today):
    cdef codec.Inquiry inquiry
    cdef uint32_t institutions[codec.SCOPE_LIST_MAX]
    cdef Buffer out
    memset(&out, 0, sizeof(out))
    inquiry.today = today
    codec.parse_inquiry(as_slice(message), as_slice(court), &inquiry, institutions)
    try:
        if codec.put_content(&out, &inquiry, institutions) != 0:
            raise MemoryError("buffer: no memory")
        return out.data[:out.size]
    finally:
        wire.buffer_free(&out)


def parse_admitted(bytes message):
    cdef codec.Admitted admitted
    cdef uint32_t institutions[codec.SCOPE_LIST_MAX]
    if codec.parse_admitted(as_slice(message), &admitted, institutions) != 0:
        return None
    return {
        "entry": text(admitted.entry),
        "entry_body": text(admitted.entry_body),
        "order_id": text(admitted.order_id),
        "content_hash": text(admitted.content_hash),
        "id_number": text(admitted.id_number),
        "name": text(admitted.name),
        "case_number": text(admitted.case_number),
        "id_type": admitted.id_type,
        "reach": admitted.reach,
        "province_code": admitted.province_code,
        "urgency": admitted.urgency,
        "items": admitted.items,
        "freshness_s": admitted.freshness_s,
        "deadline_ns": admitted.deadline_ns,
        "institutions": [institutions[at] for at in range(admitted.institution_count)],
    }


def fill_faults(pairs):
    cdef codec.Inquiry inquiry
    inquiry.fault_count = 0
    for reason, field in pairs:
        codec.add_fault(&inquiry, reason, field)
    faults = [(inquiry.faults[at].reason, inquiry.faults[at].field) for at in range(inquiry.fault_count)]
    return faults, codec.first_reason(&inquiry)


def field_name(uint32_t field):
    return codec.field_name(field).decode()


# -- wire

def is_utf8(bytes data):
    return wire.is_utf8(data, len(data))


def is_text(bytes data):
    cdef Slice text
    text.data, text.size = data, <uint32_t>len(data)
    return wire.is_text(text)


def read_varint(bytes data):
    cdef Reader reader
    cdef uint64_t value = 0
    wire.reader_open(&reader, data, len(data))
    if wire.read_varint(&reader, &value) != 0:
        return None
    return value, reader.at - <const uint8_t*>data


def write_varint(uint64_t value):
    cdef uint8_t room[10]
    cdef Py_ssize_t size = wire.write_varint(room, value) - room
    assert size == wire.varint_size(value)
    return room[:size]


def read_tag(bytes data):
    cdef Reader reader
    cdef uint32_t number = 0, wire_type = 0
    wire.reader_open(&reader, data, len(data))
    if wire.read_tag(&reader, &number, &wire_type) != 0:
        return None
    return number, wire_type


def read_slice(bytes data):
    cdef Reader reader
    cdef Slice slice
    wire.reader_open(&reader, data, len(data))
    return text(slice) if wire.read_slice(&reader, &slice) == 0 else None


def read_fixed64(bytes data):
    cdef Reader reader
    cdef uint64_t value = 0
    wire.reader_open(&reader, data, len(data))
    return value if wire.read_fixed64(&reader, &value) == 0 else None


def skip_field(bytes data, uint32_t wire_type):
    cdef Reader reader
    wire.reader_open(&reader, data, len(data))
    if wire.skip_field(&reader, wire_type) != 0:
        return None
    return reader.at - <const uint8_t*>data


def put_fields(fields):
    cdef Buffer out
    cdef int failed
    memset(&out, 0, sizeof(out))
    try:
        for kind, number, value in fields:
            if kind == "uint":
                failed = wire.put_uint(&out, number, value)
            elif kind == "fixed64":
                failed = wire.put_fixed64(&out, number, value)
            else:
                failed = wire.put_bytes(&out, number, <bytes?>value, len(value))
            if failed != 0:
                raise MemoryError("buffer: no memory")
        return out.data[:out.size]
    finally:
        wire.buffer_free(&out)
