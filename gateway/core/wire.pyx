"""Wire: what is too long to stand inline in wire.pxd."""

cdef extern from *:
    """
    /* RFC 3629 as an automaton. A byte's word has, at the place of each state, the place of the next one: a
       step is one shift. Places (multiples of 6): 0 refused, 6 between characters, 12, 18, 24 one, two, three
       bytes to come, then what may come second after E0 (30), ED (36), F0 (42) and F4 (48). */
    #define UTF8_START 6
    #define UTF8_AT(state, next) ((uint64_t)(next) << (state))
    #define UTF8_ON (UTF8_AT(12, 6) | UTF8_AT(18, 12) | UTF8_AT(24, 18))
    static const uint64_t UTF8_STEP[256] = {
        [0x00 ... 0x7F] = UTF8_AT(6, 6),
        [0x80 ... 0x8F] = UTF8_ON | UTF8_AT(36, 12) | UTF8_AT(48, 18),
        [0x90 ... 0x9F] = UTF8_ON | UTF8_AT(36, 12) | UTF8_AT(42, 18),
        [0xA0 ... 0xBF] = UTF8_ON | UTF8_AT(30, 12) | UTF8_AT(42, 18),
        [0xC2 ... 0xDF] = UTF8_AT(6, 12),
        [0xE0] = UTF8_AT(6, 30),
        [0xE1 ... 0xEC] = UTF8_AT(6, 18),
        [0xED] = UTF8_AT(6, 36),
        [0xEE ... 0xEF] = UTF8_AT(6, 18),
        [0xF0] = UTF8_AT(6, 42),
        [0xF1 ... 0xF3] = UTF8_AT(6, 24),
        [0xF4] = UTF8_AT(6, 48),
    };
    """
    const uint64_t* UTF8_STEP
    const uint64_t UTF8_START


cdef bint is_utf8(const uint8_t* data, size_t size) noexcept nogil:
    """Strict UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF."""
    cdef uint64_t state = UTF8_START
    cdef uint64_t eight
    cdef size_t at = 0
    while size - at >= 8:
        memcpy(&eight, data + at, 8)
        if eight & <uint64_t>0x8080808080808080 != 0:
            break
        at += 8
    while at < size:
        state = UTF8_STEP[data[at]] >> (state & 63)
        at += 1
    return state & 63 == UTF8_START


cdef int skip_field(Reader* reader, uint32_t wire_type) noexcept nogil:
    """Step over the value of a field nobody asked for. Groups are not accepted: no contract of ours has
    one."""
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


cdef int buffer_reserve(Buffer* buffer, size_t size) noexcept nogil:
    return 0 if size <= buffer.room else buffer_grow(buffer, size - buffer.size)
