"""Names: folding UTF-8 in place. See _names.pxd and .pyi.

A character outside the table, beyond U+FFFF, is copied as it came.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy

cdef enum:
    SURROGATES_FROM = 0xD800
    SURROGATES_TO = 0xDFFF
    LAST_CHARACTER = 0x10FFFF


cdef inline bint goes_on(uint8_t byte) noexcept nogil:
    return byte & 0xC0 == 0x80


cdef int read_character(const uint8_t* at, uint32_t size, uint32_t* character) noexcept nogil:
    """How many bytes the character at `at` has; -1: not UTF-8 as RFC 3629 has it."""
    cdef uint32_t first = at[0]
    if first < 0x80:
        character[0] = first
        return 1
    if 0xC2 <= first <= 0xDF and size >= 2 and goes_on(at[1]):
        character[0] = (first & 0x1F) << 6 | (at[1] & 0x3F)
        return 2
    if 0xE0 <= first <= 0xEF and size >= 3 and goes_on(at[1]) and goes_on(at[2]):
        character[0] = (first & 0x0F) << 12 | <uint32_t>(at[1] & 0x3F) << 6 | (at[2] & 0x3F)
        if character[0] < 0x800 or SURROGATES_FROM <= character[0] <= SURROGATES_TO:
            return -1
        return 3
    if 0xF0 <= first <= 0xF4 and size >= 4 and goes_on(at[1]) and goes_on(at[2]) and goes_on(at[3]):
        character[0] = (first & 0x07) << 18 | <uint32_t>(at[1] & 0x3F) << 12 | <uint32_t>(at[2] & 0x3F) << 6
        character[0] |= at[3] & 0x3F
        return 4 if CHARACTERS <= character[0] <= LAST_CHARACTER else -1
    return -1


cdef inline uint8_t* write_character(uint8_t* out, uint32_t character) noexcept nogil:
    """Of the basic plane."""
    if character < 0x80:
        out[0] = <uint8_t>character
        return out + 1
    if character < 0x800:
        out[0] = <uint8_t>(0xC0 | character >> 6)
        out[1] = <uint8_t>(0x80 | character & 0x3F)
        return out + 2
    out[0] = <uint8_t>(0xE0 | character >> 12)
    out[1] = <uint8_t>(0x80 | character >> 6 & 0x3F)
    out[2] = <uint8_t>(0x80 | character & 0x3F)
    return out + 3


@cython.final
cdef class Folding:
    def __cinit__(self, bytes table not None):
        cdef uint32_t at
        if PyBytes_GET_SIZE(table) != sizeof(self.to):
            raise ValueError(f"table: {len(table)} bytes given, {sizeof(self.to)} allowed")
        memcpy(self.to, PyBytes_AS_STRING(table), sizeof(self.to))
        for at in range(<uint32_t>CHARACTERS):
            if SURROGATES_FROM <= self.to[at] <= SURROGATES_TO and self.to[at] != at:
                raise ValueError(f"table: {self.to[at]:#x} given at {at:#x}, no surrogate allowed")

    def folded(self, bytes name not None):
        cdef uint8_t out[FOLDED_BYTES_MAX]
        cdef int size
        if PyBytes_GET_SIZE(name) > NAME_BYTES_MAX:
            raise ValueError(f"name: {len(name)} bytes given, at most {<int>NAME_BYTES_MAX} allowed")
        size = fold_name(
            self.to, <const uint8_t*>PyBytes_AS_STRING(name), <uint32_t>PyBytes_GET_SIZE(name), out)
        if size < 0:
            raise ValueError("name: not UTF-8")
        return PyBytes_FromStringAndSize(<char*>out, size)


cdef int name_counts(const uint16_t* to, const uint8_t* name, uint32_t size) noexcept nogil:
    cdef uint32_t at = 0
    cdef uint32_t character
    cdef bint counts = False
    cdef int step
    if size > NAME_BYTES_MAX:
        return -1
    while at < size:
        step = read_character(name + at, size - at, &character)
        if step < 0:
            return -1
        counts = counts or step == 4 or to[character] != DROPPED
        at += step
    return counts


cdef int fold_name(const uint16_t* to, const uint8_t* name, uint32_t size, uint8_t* out) noexcept nogil:
    cdef uint8_t* start = out
    cdef uint32_t at = 0
    cdef uint32_t character, folded
    cdef int step
    if size > NAME_BYTES_MAX:
        return -1
    while at < size:
        step = read_character(name + at, size - at, &character)
        if step < 0:
            return -1
        if step == 4:
            memcpy(out, name + at, 4)
            out += 4
        else:
            folded = to[character]
            if folded != DROPPED:
                out = write_character(out, folded)
        at += step
    return <int>(out - start)
