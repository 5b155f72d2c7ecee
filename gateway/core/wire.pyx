"""Wire: what is too long to stand inline in wire.pxd."""


cdef bint is_utf8(const uint8_t* data, size_t size) noexcept nogil:
    """Strict UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF."""
    cdef size_t at = 0
    cdef uint64_t eight
    cdef uint8_t lead, second
    while at < size:
        if size - at >= 8:
            memcpy(&eight, data + at, 8)
            if eight & 0x8080808080808080ULL == 0:
                at += 8
                continue
        lead = data[at]
        if lead < 0x80:
            at += 1
            continue
        if size - at < 2:
            return False
        second = data[at + 1]
        if 0xC2 <= lead <= 0xDF:
            if second & 0xC0 != 0x80:
                return False
            at += 2
        elif 0xE0 <= lead <= 0xEF:
            if size - at < 3 or second & 0xC0 != 0x80 or data[at + 2] & 0xC0 != 0x80:
                return False
            if (lead == 0xE0 and second < 0xA0) or (lead == 0xED and second > 0x9F):
                return False
            at += 3
        elif 0xF0 <= lead <= 0xF4:
            if size - at < 4 or second & 0xC0 != 0x80:
                return False
            if data[at + 2] & 0xC0 != 0x80 or data[at + 3] & 0xC0 != 0x80:
                return False
            if (lead == 0xF0 and second < 0x90) or (lead == 0xF4 and second > 0x8F):
                return False
            at += 4
        else:
            return False
    return True


cdef int skip_field(Reader* reader, uint32_t wire_type) noexcept nogil:
    """Step over the value of a field nobody asked for. Groups are not accepted: no contract of ours has one."""
    cdef uint64_t value
    cdef Slice slice
    if wire_type == VARINT:
        return read_varint(reader, &value)
    if wire_type == BYTES:
        return read_slice(reader, &slice)
    if wire_type == FIXED64:
        return read_fixed64(reader, &value)
    if wire_type == FIXED32:
        if reader.end - reader.at < 4:
            return -1
        reader.at += 4
        return 0
    return -1


cdef int buffer_grow(Buffer* buffer, size_t extra) noexcept nogil:
    cdef size_t room = buffer.room * 2
    cdef uint8_t* data
    if room < buffer.size + extra:
        room = buffer.size + extra + 64
    data = <uint8_t*>realloc(buffer.data, room)
    if data == NULL:
        return -1
    buffer.data = data
    buffer.room = room
    return 0
