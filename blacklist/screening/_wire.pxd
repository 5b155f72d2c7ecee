"""Wire: protobuf's encoding, read and written in place.

The blacklist's own: a service imports nothing of the gateway. A Reader never reads past `end` and never
allocates. A Buffer grows by doubling and is freed by its owner. What is read or needs room returns 0, or -1
for bytes that are no protobuf (or no memory). It knows nothing of messages.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy

cdef enum:
    VARINT = 0
    FIXED64 = 1
    BYTES = 2
    FIXED32 = 5
    VARINT_BYTES_MAX = 10

cdef struct Slice:
    const uint8_t* start
    uint32_t size

cdef struct Reader:
    const uint8_t* at
    const uint8_t* end

cdef struct Buffer:
    uint8_t* start
    size_t size      # bytes written
    size_t room      # bytes allocated


cdef inline int read_varint(Reader* reader, uint64_t* value) noexcept nogil:
    """At most ten bytes; bits beyond 64 are dropped, as the protobuf runtime drops them."""
    cdef uint64_t result = 0
    cdef uint8_t byte
    cdef int shift
    if reader.at < reader.end and reader.at[0] < 0x80:
        value[0] = reader.at[0]
        reader.at += 1
        return 0
    for shift in range(0, 7 * VARINT_BYTES_MAX, 7):
        if reader.at >= reader.end:
            return -1
        byte = reader.at[0]
        reader.at += 1
        result |= <uint64_t>(byte & 0x7F) << shift
        if byte < 0x80:
            value[0] = result
            return 0
    return -1


cdef inline int read_head(Reader* reader, uint64_t* value) noexcept nogil:
    """A tag or a length: at most five bytes and 32 bits, as in the protobuf runtime."""
    cdef const uint8_t* start = reader.at
    if read_varint(reader, value) != 0 or value[0] >> 32 != 0 or reader.at - start > 5:
        return -1
    return 0


cdef inline int read_tag(Reader* reader, uint32_t* number, uint32_t* wire_type) noexcept nogil:
    cdef uint64_t tag
    if read_head(reader, &tag) != 0 or tag < 8:
        return -1
    number[0] = <uint32_t>(tag >> 3)
    wire_type[0] = <uint32_t>(tag & 7)
    return 0


cdef inline int read_slice(Reader* reader, Slice* slice) noexcept nogil:
    cdef uint64_t size
    if read_head(reader, &size) != 0 or size > <uint64_t>(reader.end - reader.at):
        return -1
    slice.start = reader.at
    slice.size = <uint32_t>size
    reader.at += size
    return 0


cdef inline int skip_value(Reader* reader, uint32_t wire_type) noexcept nogil:
    """Step over a field that nobody here wants. Groups are refused: no contract of ours has one."""
    cdef uint64_t value
    cdef Slice slice
    cdef Py_ssize_t size
    if wire_type == VARINT:
        return read_varint(reader, &value)
    if wire_type == BYTES:
        return read_slice(reader, &slice)
    if wire_type != FIXED64 and wire_type != FIXED32:
        return -1
    size = 8 if wire_type == FIXED64 else 4
    if reader.end - reader.at < size:
        return -1
    reader.at += size
    return 0


cdef inline int room_for(Buffer* buffer, size_t extra) noexcept nogil:
    """-1: no memory; the buffer is as it was."""
    cdef size_t room
    cdef uint8_t* start
    if buffer.room - buffer.size >= extra:
        return 0
    room = buffer.room * 2 + extra
    start = <uint8_t*>realloc(buffer.start, room)
    if start == NULL:
        return -1
    buffer.start = start
    buffer.room = room
    return 0


cdef inline void buffer_free(Buffer* buffer) noexcept nogil:
    free(buffer.start)
    buffer.start = NULL
    buffer.size = 0
    buffer.room = 0


cdef inline uint32_t varint_size(uint64_t value) noexcept nogil:
    cdef uint32_t size = 1
    while value >= 0x80:
        value >>= 7
        size += 1
    return size


cdef inline uint8_t* write_varint(uint8_t* at, uint64_t value) noexcept nogil:
    """Into room that the caller has made sure of; returns the place after it."""
    while value >= 0x80:
        at[0] = <uint8_t>(value | 0x80)
        at += 1
        value >>= 7
    at[0] = <uint8_t>value
    return at + 1


cdef inline uint8_t* write_uint(uint8_t* at, uint32_t number, uint64_t value) noexcept nogil:
    """A varint field, left out when 0. At most 11 bytes for numbers below 16."""
    if value == 0:
        return at
    return write_varint(write_varint(at, number << 3 | VARINT), value)


cdef inline uint8_t* write_head(uint8_t* at, uint32_t number, uint64_t size) noexcept nogil:
    """Tag and length of a field whose content follows. At most 6 bytes for numbers below 16 and 32 bits."""
    return write_varint(write_varint(at, number << 3 | BYTES), size)


cdef inline uint8_t* write_raw(uint8_t* at, const uint8_t* source, size_t size) noexcept nogil:
    memcpy(at, source, size)
    return at + size
