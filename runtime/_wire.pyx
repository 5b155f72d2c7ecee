"""Wire: what is to be written, measured first and then put. See the .pxd and the .pyi."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.string cimport memcpy

cdef extern from "Python.h":
    unsigned long long PyLong_AsUnsignedLongLongMask(object value) except? -1
    bint PyLong_Check(object value)
    bint PyBytes_Check(object value)
    bint PyUnicode_Check(object value)


cdef size_t field_size(uint64_t number, object value) except? 999:
    """Bytes of a field; 0: it is left out."""
    cdef uint64_t figure
    cdef Py_ssize_t size
    if PyLong_Check(value):
        figure = PyLong_AsUnsignedLongLongMask(value)
        return varint_size(number << 3) + varint_size(figure) if figure else 0
    if PyUnicode_Check(value):
        PyUnicode_AsUTF8AndSize(value, &size)
        return varint_size(number << 3) + varint_size(size) + size if size else 0
    if PyBytes_Check(value):
        size = PyBytes_GET_SIZE(value)
        return varint_size(number << 3) + varint_size(size) + size if number else size
    if value is None:
        return 0
    raise TypeError(f"value: {type(value).__name__} given, int, str, bytes or None expected")


cdef uint8_t* put_field(uint8_t* at, uint64_t number, object value) except NULL:
    """Write it; where it ends."""
    cdef uint64_t figure
    cdef Py_ssize_t size
    cdef const char* content
    if PyLong_Check(value):
        figure = PyLong_AsUnsignedLongLongMask(value)
        if figure:
            at = put_varint(put_varint(at, number << 3 | VARINT), figure)
        return at
    if value is None:
        return at
    if PyUnicode_Check(value):
        content = PyUnicode_AsUTF8AndSize(value, &size)
        if size == 0:
            return at
    else:
        content = PyBytes_AS_STRING(value)
        size = PyBytes_GET_SIZE(value)
    if number:
        at = put_varint(put_varint(at, number << 3 | LENGTH), size)
    memcpy(at, content, size)
    return at + size


def message(*parts):
    cdef Py_ssize_t count = len(parts), index
    cdef size_t size = 0
    cdef bytes encoded
    cdef uint8_t* at
    if count & 1:
        raise TypeError(f"parts: {count} given, pairs expected")
    for index in range(0, count, 2):
        size += field_size(parts[index], parts[index + 1])
    encoded = PyBytes_FromStringAndSize(NULL, size)
    at = <uint8_t*>PyBytes_AS_STRING(encoded)
    for index in range(0, count, 2):
        at = put_field(at, parts[index], parts[index + 1])
    return encoded


def present(number, value):
    cdef uint8_t room[20]
    cdef uint8_t* end = put_varint(room, <uint64_t>number << 3 | VARINT)
    end = put_varint(end, PyLong_AsUnsignedLongLongMask(value))
    return PyBytes_FromStringAndSize(<char*>room, end - room)
