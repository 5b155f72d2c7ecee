"""Control: what an institution has to know of a control, read from the bytes of its batch. See the .pxd."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint8_t

from simulator._wire cimport BYTES, VARINT, Reader, Slice, read_slice, read_tag, read_varint, skip_value

CONTENT_BYTES = sizeof(Py_hash_t)


@cython.final
cdef class Control:
    def __cinit__(self):
        self.court_code = self.id_number = self.name = self.locator = self.payee_account = ""

    def with_ceiling(self, int64_t ceiling_fen):
        cdef Control other = Control.__new__(Control)
        other.control_id, other.kind, other.hold_id = self.control_id, self.kind, self.hold_id
        other.court_code, other.has_case = self.court_code, self.has_case
        other.instrument_kind, other.has_notice = self.instrument_kind, self.has_notice
        other.id_type, other.id_number, other.name = self.id_type, self.id_number, self.name
        other.has_property, other.institution = self.has_property, self.institution
        other.item, other.locator = self.item, self.locator
        other.ceiling_fen, other.whole, other.amount_fen = ceiling_fen, self.whole, self.amount_fen
        other.months, other.payee_account, other.content = self.months, self.payee_account, self.content
        return other


def read_control(bytes message not None):
    return _control(_slice(message))


def read_controls(bytes message not None):
    cdef Slice batch = _slice(message), one
    cdef Reader reader
    cdef uint32_t number, wire_type
    cdef list controls = []
    reader.at, reader.end = batch.data, batch.data + batch.size
    while reader.at < reader.end:
        _check(read_tag(&reader, &number, &wire_type))
        if number == 1 and wire_type == BYTES:
            _check(read_slice(&reader, &one))
            controls.append(_control(one))
        else:
            _check(skip_value(&reader, wire_type))
    return controls


cdef Control _control(Slice body):
    cdef Control control = Control.__new__(Control)
    cdef Reader reader
    cdef Slice inner
    cdef uint32_t number, wire_type
    cdef uint64_t figure
    cdef Py_hash_t content = hash(PyBytes_FromStringAndSize(<const char*>body.data, body.size))
    control.content = PyBytes_FromStringAndSize(<const char*>&content, sizeof(content))
    reader.at, reader.end = body.data, body.data + body.size
    while reader.at < reader.end:
        _check(read_tag(&reader, &number, &wire_type))
        if wire_type == VARINT:
            _check(read_varint(&reader, &figure))
            _take_figure(control, number, figure)
        elif wire_type == BYTES:
            _check(read_slice(&reader, &inner))
            _take_bytes(control, number, inner)
        else:
            _check(skip_value(&reader, wire_type))
    return control


cdef int _take_figure(Control control, uint32_t number, uint64_t figure) except -1:
    if number == 1:
        control.control_id = figure
    elif number == 2:
        control.kind = <int32_t>figure
    elif number == 3:
        control.hold_id = figure
    elif number == 8:
        control.ceiling_fen = <int64_t>figure
    elif number == 9:
        control.whole = figure != 0
    elif number == 10:
        control.amount_fen = <int64_t>figure
    elif number == 11:
        control.months = <uint32_t>figure
    return 0


cdef int _take_bytes(Control control, uint32_t number, Slice inner) except -1:
    if number == 4:
        _read_mandate(control, inner)
    elif number == 5:
        control.has_notice = inner.size > 0
    elif number == 6:
        _read_subject(control, inner)
    elif number == 7:
        control.has_property = True
        _read_property(control, inner)
    elif number == 12:
        control.payee_account = _text(inner)
    return 0


cdef int _read_mandate(Control control, Slice body) except -1:
    cdef Reader reader
    cdef Slice inner
    cdef uint32_t number, wire_type
    cdef uint64_t figure
    reader.at, reader.end = body.data, body.data + body.size
    while reader.at < reader.end:
        _check(read_tag(&reader, &number, &wire_type))
        if number == 1 and wire_type == BYTES:
            _check(read_slice(&reader, &inner))
            control.court_code = _text(inner)
        elif number == 2 and wire_type == BYTES:
            _check(read_slice(&reader, &inner))
            control.has_case = inner.size > 0
        elif number == 4 and wire_type == VARINT:
            _check(read_varint(&reader, &figure))
            control.instrument_kind = <int32_t>figure
        else:
            _check(skip_value(&reader, wire_type))
    return 0


cdef int _read_subject(Control control, Slice body) except -1:
    cdef Reader reader
    cdef Slice inner
    cdef uint32_t number, wire_type
    cdef uint64_t figure
    reader.at, reader.end = body.data, body.data + body.size
    while reader.at < reader.end:
        _check(read_tag(&reader, &number, &wire_type))
        if number == 1 and wire_type == VARINT:
            _check(read_varint(&reader, &figure))
            control.id_type = <int32_t>figure
        elif number == 2 and wire_type == BYTES:
            _check(read_slice(&reader, &inner))
            control.id_number = _text(inner)
        elif number == 3 and wire_type == BYTES:
            _check(read_slice(&reader, &inner))
            control.name = _text(inner)
        else:
            _check(skip_value(&reader, wire_type))
    return 0


cdef int _read_property(Control control, Slice body) except -1:
    cdef Reader reader
    cdef Slice inner
    cdef uint32_t number, wire_type
    cdef uint64_t figure
    reader.at, reader.end = body.data, body.data + body.size
    while reader.at < reader.end:
        _check(read_tag(&reader, &number, &wire_type))
        if wire_type == VARINT and (number == 1 or number == 2):
            _check(read_varint(&reader, &figure))
            if number == 1:
                control.institution = <uint32_t>figure
            else:
                control.item = <uint32_t>figure
        elif number == 3 and wire_type == BYTES:
            _check(read_slice(&reader, &inner))
            control.locator = _text(inner)
        else:
            _check(skip_value(&reader, wire_type))
    return 0


cdef inline int _check(int failed) except -1:
    if failed:
        raise ValueError("no protobuf")
    return 0


cdef str _text(Slice slice):
    return PyUnicode_DecodeUTF8(<const char*>slice.data, slice.size, NULL)


cdef Slice _slice(bytes message) except *:
    """gRPC lets nothing longer in than its limit, which is far below 4 GiB."""
    cdef Slice slice
    slice.data = <const uint8_t*>PyBytes_AS_STRING(message)
    slice.size = <uint32_t>PyBytes_GET_SIZE(message)
    return slice
