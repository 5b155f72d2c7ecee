"""Entry: one question of a batch, read in place. See the .pxd."""

from libc.stdint cimport uint64_t
from libc.string cimport memset

from simulator._wire cimport BYTES, VARINT, read_slice, read_tag, read_varint, skip_value

cdef enum:
    ITEM_BYTES = 4           # bits 1 to 25 are codes


cdef int read_bits(Reader* reader, uint32_t wire_type, uint8_t* bits, uint32_t bit_count) noexcept nogil:
    cdef Slice packed
    cdef Reader inner
    cdef uint64_t index
    if wire_type == VARINT:
        if read_varint(reader, &index) != 0:
            return -1
        _set_bit(bits, index, bit_count)
        return 0
    if wire_type != BYTES or read_slice(reader, &packed) != 0:
        return -1
    inner.at = packed.data
    inner.end = packed.data + packed.size
    while inner.at < inner.end:
        if read_varint(&inner, &index) != 0:
            return -1
        _set_bit(bits, index, bit_count)
    return 0


cdef void _set_bit(uint8_t* bits, uint64_t index, uint32_t bit_count) noexcept nogil:
    if index < bit_count:
        bits[index >> 3] |= <uint8_t>(1 << (index & 7))


cdef int read_entry(Slice body, Entry* entry) noexcept nogil:
    cdef Reader reader
    cdef uint32_t number, wire_type
    cdef uint64_t kind = 0
    cdef Slice inner
    cdef uint8_t codes[ITEM_BYTES]
    cdef bint has_items = False
    cdef int failed
    memset(&entry.subject, 0, sizeof(Subject))
    memset(codes, 0, sizeof(codes))
    entry.kind = 0
    entry.is_listed = False
    reader.at = body.data
    reader.end = body.data + body.size
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return -1
        if number == 2 and wire_type == BYTES:
            failed = read_slice(&reader, &inner)
            failed = failed or _read_subject(inner, &entry.subject)
        elif number == 3:
            has_items = True
            failed = read_bits(&reader, wire_type, codes, ITEM_BYTES * 8)
        elif number == 4:
            if not entry.is_listed:
                memset(entry.institutions, 0, BITMAP_BYTES)
            entry.is_listed = True
            failed = read_bits(&reader, wire_type, entry.institutions, BITMAP_BYTES * 8)
        elif number == 5 and wire_type == VARINT:
            failed = read_varint(&reader, &kind)
            entry.kind = <uint32_t>kind
        else:
            failed = skip_value(&reader, wire_type)
        if failed:
            return -1
    entry.items = ITEMS_ALL
    if has_items:
        entry.items = (codes[0] | codes[1] << 8 | codes[2] << 16 | <uint32_t>codes[3] << 24) >> 1 & ITEMS_ALL
    return 0


cdef int _read_subject(Slice body, Subject* subject) noexcept nogil:
    cdef Reader reader
    cdef uint32_t number, wire_type
    cdef uint64_t id_type = 0
    cdef int failed
    reader.at = body.data
    reader.end = body.data + body.size
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return -1
        if number == 1 and wire_type == VARINT:
            failed = read_varint(&reader, &id_type)
            subject.id_type = <uint32_t>id_type
        elif number == 2 and wire_type == BYTES:
            failed = read_slice(&reader, &subject.number)
        elif number == 3 and wire_type == BYTES:
            failed = read_slice(&reader, &subject.name)
        else:
            failed = skip_value(&reader, wire_type)
        if failed:
            return -1
    return 0
