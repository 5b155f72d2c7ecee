"""Reading: what is told of a control, without message objects. See the .pxd and the .pyi."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint8_t, uint32_t, uint64_t

cdef enum Wire:
    VARINT = 0
    FIXED64 = 1
    LENGTH = 2
    GROUP = 3
    GROUP_END = 4
    FIXED32 = 5

cdef struct Span:
    const uint8_t* at
    const uint8_t* end

# A field at a time: its key (number << 3 | wire type), and its number or content.
cdef struct Field:
    uint64_t key
    uint64_t figure
    Span content


@cython.final
cdef class Order:
    pass


@cython.final
cdef class Said:
    pass


@cython.final
cdef class Receipt:
    pass


cdef inline int require(bytes message) except -1:
    if message is None:
        raise TypeError("message: None given, bytes expected")
    return 0


cdef int broken() except -1:
    raise ValueError("message: cannot be read")


cdef inline int read_varint(Span* span, uint64_t* value) except -1:
    cdef uint64_t found = 0
    cdef uint8_t byte
    cdef int shift = 0
    while span.at < span.end and shift < 70:
        byte = span.at[0]
        span.at += 1
        found |= <uint64_t>(byte & 0x7F) << (shift if shift < 63 else 63)
        if byte < 0x80:
            value[0] = found
            return 0
        shift += 7
    return broken()


cdef int pass_group(Span* span) except -1:
    """Go on behind the end of a group; groups may stand in it. Nobody knows one."""
    cdef Field field
    cdef int depth = 1
    while depth:
        if not next_part(span, &field):
            broken()
        if field.key & 7 == GROUP:
            depth += 1
        elif field.key & 7 == GROUP_END:
            depth -= 1
    return 0


cdef int next_field(Span* span, Field* field) except -1:
    """1: a field was read, a group as a whole; 0: that was all."""
    cdef uint64_t key
    if not next_part(span, field):
        return 0
    key = field.key
    if key & 7 == GROUP:
        pass_group(span)
    elif key & 7 == GROUP_END:
        broken()
    return 1


cdef inline int next_part(Span* span, Field* field) except -1:
    """1: a field was read, or the beginning or end of a group; 0: that was all."""
    cdef uint64_t length
    if span.at == span.end:
        return 0
    read_varint(span, &field.key)
    cdef int kind = field.key & 7
    if kind == VARINT:
        read_varint(span, &field.figure)
        return 1
    if kind == LENGTH:
        read_varint(span, &length)
    elif kind == FIXED64:
        length = 8
    elif kind == FIXED32:
        length = 4
    elif kind == GROUP or kind == GROUP_END:
        return 1
    else:
        broken()
    if length > <uint64_t>(span.end - span.at):
        broken()
    field.content.at = span.at
    span.at += length
    field.content.end = span.at
    return 1


cdef inline Span span_of(bytes message) except *:
    cdef Span span
    span.at = <const uint8_t*>PyBytes_AS_STRING(message)
    span.end = span.at + PyBytes_GET_SIZE(message)
    return span


cdef inline str text_of(Field* field):
    return PyUnicode_DecodeUTF8(<const char*>field.content.at, field.content.end - field.content.at, NULL)


cdef inline bytes bytes_of(Field* field):
    return PyBytes_FromStringAndSize(<const char*>field.content.at, field.content.end - field.content.at)


cpdef Order read_order(bytes message):
    require(message)
    cdef Order order = Order.__new__(Order)
    cdef Span span = span_of(message)
    cdef Field field
    cdef uint64_t key
    order.content = message
    order.order_id = order.court_code = order.notice_number = order.claim_id = order.reason = ""
    order.id_number = order.name = order.locator = order.property_kind = order.currency = ""
    order.mandate = b""
    order.hold_id = order.replaces_hold_id = 0
    while next_field(&span, &field):
        key = field.key
        if key == (1 << 3 | LENGTH):
            order.order_id = text_of(&field)
        elif key == (2 << 3 | LENGTH):
            order.court_code = text_of(&field)
        elif key == (3 << 3 | LENGTH):
            order.mandate = bytes_of(&field)
            look_through(order, field.content)
        elif key == (4 << 3 | LENGTH):
            order.notice_number = text_of(&field)
        elif key == (5 << 3 | VARINT):
            order.kind = <int>field.figure
        elif key == (6 << 3 | LENGTH):
            order.claim_id = text_of(&field)
        elif key == (7 << 3 | VARINT):
            order.hold_id = field.figure
        elif key == (8 << 3 | LENGTH):
            read_subject(order, field.content)
        elif key == (9 << 3 | LENGTH):
            read_property(order, field.content)
        elif key == (10 << 3 | VARINT):
            order.has_available = True
            order.available_fen = <long long>field.figure
        elif key == (11 << 3 | VARINT):
            order.ceiling_fen = <long long>field.figure
        elif key == (12 << 3 | VARINT):
            order.whole = field.figure != 0
        elif key == (13 << 3 | VARINT):
            order.amount_fen = <long long>field.figure
        elif key == (14 << 3 | VARINT):
            order.months = <uint32_t>field.figure
        elif key == (15 << 3 | VARINT):
            order.replaces_hold_id = field.figure
        elif key == (16 << 3 | VARINT):
            order.urgent = field.figure != 0
        elif key == (17 << 3 | LENGTH):
            order.reason = text_of(&field)
        else:
            order.has_more = True
    return order


cdef int look_through(Order order, Span mandate) except -1:
    cdef Field field
    cdef uint64_t key
    while next_field(&mandate, &field):
        key = field.key
        if key not in (
            1 << 3 | LENGTH, 2 << 3 | LENGTH, 3 << 3 | LENGTH, 4 << 3 | VARINT, 5 << 3 | LENGTH,
            6 << 3 | VARINT,
        ):
            order.has_more = True
    return 0


cdef int read_subject(Order order, Span span) except -1:
    cdef Field field
    while next_field(&span, &field):
        if field.key == (1 << 3 | VARINT):
            order.id_type = <int>field.figure
        elif field.key == (2 << 3 | LENGTH):
            order.id_number = text_of(&field)
        elif field.key == (3 << 3 | LENGTH):
            order.name = text_of(&field)
        else:
            order.has_more = True
    return 0


cdef int read_property(Order order, Span span) except -1:
    cdef Field field
    while next_field(&span, &field):
        if field.key == (1 << 3 | VARINT):
            order.institution = <uint32_t>field.figure
        elif field.key == (2 << 3 | VARINT):
            order.item = <uint32_t>field.figure
        elif field.key == (3 << 3 | LENGTH):
            order.locator = text_of(&field)
        elif field.key == (4 << 3 | LENGTH):
            order.property_kind = text_of(&field)
        elif field.key == (5 << 3 | LENGTH):
            order.currency = text_of(&field)
        else:
            order.has_more = True
    return 0


cpdef Said read_statement(bytes message):
    require(message)
    return statement_in(span_of(message))


cdef Said statement_in(Span span):
    cdef Said said = Said.__new__(Said)
    cdef Field field
    cdef uint64_t key
    cdef list ahead = None
    said.hold_id = 0
    while next_field(&span, &field):
        key = field.key
        if key == (1 << 3 | VARINT):
            said.hold_id = field.figure
        elif key == (2 << 3 | VARINT):
            said.institution = <uint32_t>field.figure
        elif key == (3 << 3 | VARINT):
            said.version = <uint32_t>field.figure
        elif key == (4 << 3 | VARINT):
            said.life = <int>field.figure
        elif key == (5 << 3 | VARINT):
            said.end = <int>field.figure
        elif key == (6 << 3 | VARINT):
            said.ceiling = <long long>field.figure
        elif key == (7 << 3 | VARINT):
            said.whole = field.figure != 0
        elif key == (8 << 3 | VARINT):
            said.controlled = <long long>field.figure
        elif key == (9 << 3 | VARINT):
            said.deducted = <long long>field.figure
        elif key == (10 << 3 | VARINT):
            said.position = <uint32_t>field.figure
        elif key == (11 << 3 | LENGTH):
            if ahead is None:
                ahead = []
            ahead.append(text_of(&field))
        elif key == (12 << 3 | VARINT):
            said.since = <uint32_t>field.figure
        elif key == (13 << 3 | VARINT):
            said.until = <uint32_t>field.figure
        elif key == (14 << 3 | VARINT):
            said.available = <long long>field.figure
        elif key == (15 << 3 | VARINT):
            said.stated_ns = <long long>field.figure
    said.ahead = () if ahead is None or said.position == 0 else tuple(ahead)
    return said


cpdef Receipt read_receipt(bytes message):
    require(message)
    cdef Receipt receipt = Receipt.__new__(Receipt)
    cdef Span span = span_of(message)
    cdef Field field
    cdef uint64_t key
    receipt.content = message
    receipt.control_id = 0
    receipt.text = ""
    while next_field(&span, &field):
        key = field.key
        if key == (1 << 3 | VARINT):
            receipt.control_id = field.figure
        elif key == (2 << 3 | VARINT):
            receipt.outcome = <int>field.figure
        elif key == (3 << 3 | VARINT):
            receipt.refusal = <int>field.figure
        elif key == (4 << 3 | LENGTH):
            receipt.text = text_of(&field)
        elif key == (6 << 3 | LENGTH):
            receipt.said = statement_in(field.content)
        elif key == (7 << 3 | VARINT):
            receipt.deducted_fen = <long long>field.figure
    return receipt
