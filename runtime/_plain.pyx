"""Plain: whether bytes are what protobuf itself would write of them. See the .pyi."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport INT32_MAX, INT32_MIN, UINT32_MAX, int64_t, uint8_t, uint64_t
from libc.string cimport memset

from google.protobuf.descriptor import FieldDescriptor

cdef enum:
    VARINT = 0
    LENGTH = 2

cdef dict KINDS = {
    FieldDescriptor.TYPE_INT64: WIDE,
    FieldDescriptor.TYPE_UINT64: WIDE,
    FieldDescriptor.TYPE_UINT32: UNSIGNED,
    FieldDescriptor.TYPE_INT32: SIGNED,
    FieldDescriptor.TYPE_ENUM: SIGNED,
    FieldDescriptor.TYPE_BOOL: YES,
    FieldDescriptor.TYPE_BYTES: BYTES,
    FieldDescriptor.TYPE_STRING: TEXT,
    FieldDescriptor.TYPE_MESSAGE: MESSAGE,
}


cdef Kind kind_of(field) except UNKNOWN:
    cdef int kind = KINDS.get(field.type, UNKNOWN)
    chosen = field.containing_oneof
    is_choice = chosen is not None and len(chosen.fields) > 1
    is_list = field.is_repeated and kind < BYTES
    is_closed = field.type == FieldDescriptor.TYPE_ENUM and field.enum_type.is_closed
    is_map = kind == MESSAGE and field.message_type.GetOptions().map_entry
    if kind == UNKNOWN or is_choice or is_list or is_closed or is_map or field.number > NUMBER_MAX:
        raise TypeError(f"{field.full_name}: a field of a kind that is not known here")
    return <Kind>kind


@cython.final
cdef class Shape:
    def __init__(self, kind):
        memset(self.rules, 0, sizeof(self.rules))
        self.inner = [None] * (NUMBER_MAX + 1)
        for field in kind.fields:
            rule = &self.rules[<int>field.number]
            rule.kind = kind_of(field)
            rule.is_repeated = field.is_repeated
            rule.is_seen = field.is_repeated or field.has_presence
            if rule.kind == MESSAGE:
                self.inner[field.number] = Shape(field.message_type)

    def is_plain(self, bytes message not None):
        return self.look(span_of(message), 0, None)

    def contents(self, bytes message not None, int number):
        cdef list found = []
        return found if self.look(span_of(message), number, found) else None

    cdef bint look(self, Span span, uint64_t wanted, list found) except -1:
        """Whether it is plain; the contents of the fields `wanted` are added to what was found."""
        cdef uint64_t key, number, value, last = 0
        cdef Rule* rule
        cdef Span content
        while span.at < span.end:
            if not next_varint(&span, &key):
                return False
            number = key >> 3
            if number > NUMBER_MAX:
                return False
            rule = &self.rules[number]
            if rule.kind == UNKNOWN or number < last or (number == last and not rule.is_repeated):
                return False
            last = number
            if key & 7 != (VARINT if rule.kind < BYTES else LENGTH) or not next_varint(&span, &value):
                return False
            if not value and not rule.is_seen:
                return False
            if rule.kind < BYTES:
                if not is_within(rule.kind, value):
                    return False
                continue
            if value > <uint64_t>(span.end - span.at):
                return False
            content.at = span.at
            span.at += value
            content.end = span.at
            if rule.kind == TEXT and not is_utf8(content):
                return False
            if rule.kind == MESSAGE and not (<Shape>self.inner[number]).look(content, 0, None):
                return False
            if number == wanted:
                found.append(PyBytes_FromStringAndSize(<const char*>content.at, value))
        return True


cdef inline Span span_of(bytes message) except *:
    cdef Span span
    span.at = <const uint8_t*>PyBytes_AS_STRING(message)
    span.end = span.at + PyBytes_GET_SIZE(message)
    return span


cdef inline bint next_varint(Span* span, uint64_t* value) noexcept nogil:
    """Whether one begins here that has no more bytes than it needs."""
    cdef uint64_t found = 0
    cdef uint8_t byte
    cdef int shift = 0
    while span.at < span.end and shift <= 63:
        byte = span.at[0]
        span.at += 1
        found |= <uint64_t>(byte & 0x7F) << shift
        if byte < 0x80:
            value[0] = found
            return (byte != 0 or shift == 0) and (shift < 63 or byte == 1)
        shift += 7
    return False


cdef inline bint is_within(Kind kind, uint64_t value) noexcept nogil:
    """Whether a field of this kind may hold it."""
    if kind == UNSIGNED:
        return value <= UINT32_MAX
    if kind == SIGNED:
        return INT32_MIN <= <int64_t>value <= INT32_MAX
    return kind != YES or value <= 1


cdef bint is_utf8(Span span) noexcept nogil:
    """Whether it is text, by table 3-7 of the Unicode standard."""
    cdef uint8_t byte, low, high
    cdef int more
    while span.at < span.end:
        byte = span.at[0]
        span.at += 1
        if byte < 0x80:
            continue
        low, high = 0x80, 0xBF
        if 0xC2 <= byte <= 0xDF:
            more = 1
        elif 0xE0 <= byte <= 0xEF:
            more = 2
            low = 0xA0 if byte == 0xE0 else 0x80
            high = 0x9F if byte == 0xED else 0xBF
        elif 0xF0 <= byte <= 0xF4:
            more = 3
            low = 0x90 if byte == 0xF0 else 0x80
            high = 0x8F if byte == 0xF4 else 0xBF
        else:
            return False
        if span.end - span.at < more:
            return False
        while more:
            if not low <= span.at[0] <= high:
                return False
            span.at += 1
            more -= 1
            low, high = 0x80, 0xBF
    return True


def figure(bytes message not None, uint64_t number):
    cdef Span span = span_of(message)
    cdef uint64_t key, value
    while span.at < span.end:
        if not next_varint(&span, &key) or not next_varint(&span, &value):
            break
        if key == (number << 3 | VARINT):
            return value
        if key & 7 == LENGTH:
            span.at += value
    return 0
