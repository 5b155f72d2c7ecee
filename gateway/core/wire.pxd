"""Wire: protobuf's encoding, read and written in place.

A Reader never reads past `end` and never allocates. A Buffer grows by doubling and is freed by its owner with
`buffer_free`. Every function that can fail returns 0, or -1 for bytes that are not what they should be (or no
memory). It knows nothing of messages; codec, reply and answer do.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memchr, memcpy

cdef enum:
    VARINT = 0
    FIXED64 = 1
    BYTES = 2
    FIXED32 = 5

cdef struct Slice:
    const uint8_t* data
    uint32_t size

cdef struct Reader:
    const uint8_t* at
    const uint8_t* end

cdef struct Buffer:
    uint8_t* data
    size_t size      # bytes written
    size_t room      # bytes allocated

cdef bint is_utf8(const uint8_t* data, size_t size) noexcept nogil
cdef int skip_field(Reader* reader, uint32_t wire_type) noexcept nogil
cdef int buffer_grow(Buffer* buffer, size_t extra) noexcept nogil
# Room for `size` bytes in all.
cdef int buffer_reserve(Buffer* buffer, size_t size) noexcept nogil

cdef inline bint slice_has_nul(Slice slice) noexcept nogil:
    return slice.size != 0 and memchr(slice.data, 0, slice.size) != NULL

cdef inline bint is_plain_ascii(Slice text) noexcept nogil:
    """Nothing but ASCII, and no NUL: eight characters at a time, the last eight perhaps once more."""
    cdef uint64_t eight
    cdef uint64_t odd = 0
    cdef uint32_t at = 0
    if text.size < 8:
        for at in range(text.size):
            odd |= (text.data[at] - <uint64_t>1) & 0x80 | text.data[at]
        return odd & 0x80 == 0
    while at < text.size:
        if at + 8 > text.size:
            at = text.size - 8
        memcpy(&eight, text.data + at, 8)
        # Of a byte below 80, only 0 has that bit when 1 is taken away.
        odd |= eight | (eight - <uint64_t>0x0101010101010101)
        at += 8
    return odd & <uint64_t>0x8080808080808080 == 0

cdef inline bint is_text(Slice text) noexcept nogil:
    """Strict UTF-8 without NUL."""
    return is_plain_ascii(text) or (is_utf8(text.data, text.size) and not slice_has_nul(text))

cdef inline void reader_open(Reader* reader, const uint8_t* data, size_t size) noexcept nogil:
    reader.at = data
    reader.end = data + size

cdef inline int read_varint(Reader* reader, uint64_t* value) noexcept nogil:
    """At most ten bytes; bits beyond 64 are dropped, as the protobuf runtime drops them."""
    cdef uint64_t result = 0
    cdef uint8_t byte
    cdef int shift = 0
    if reader.at < reader.end and reader.at[0] < 0x80:
        value[0] = reader.at[0]
        reader.at += 1
        return 0
    while shift < 70:
        if reader.at >= reader.end:
            return -1
        byte = reader.at[0]
        reader.at += 1
        result |= <uint64_t>(byte & 0x7F) << shift
        if byte < 0x80:
            value[0] = result
            return 0
        shift += 7
    return -1

cdef inline int read_head(Reader* reader, uint64_t* value) noexcept nogil:
    """A tag or a length: at most five bytes and 32 bits, as in the protobuf runtime."""
    cdef const uint8_t* start = reader.at
    if read_varint(reader, value) != 0 or value[0] >> 32 or reader.at - start > 5:
        return -1
    return 0

cdef inline int read_tag(Reader* reader, uint32_t* number, uint32_t* wire_type) noexcept nogil:
    cdef uint64_t tag
    if read_head(reader, &tag) != 0 or (tag >> 3) == 0:
        return -1
    number[0] = <uint32_t>(tag >> 3)
    wire_type[0] = <uint32_t>(tag & 7)
    return 0

cdef inline int read_slice(Reader* reader, Slice* slice) noexcept nogil:
    cdef uint64_t size
    if read_head(reader, &size) != 0 or size > <uint64_t>(reader.end - reader.at):
        return -1
    slice.data = reader.at
    slice.size = <uint32_t>size
    reader.at += size
    return 0

cdef inline int read_fixed64(Reader* reader, uint64_t* value) noexcept nogil:
    if reader.end - reader.at < 8:
        return -1
    memcpy(value, reader.at, 8)
    reader.at += 8
    return 0

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

cdef inline uint8_t* write_raw(uint8_t* at, const uint8_t* data, size_t size) noexcept nogil:
    """As write_varint."""
    memcpy(at, data, size)
    return at + size

cdef inline int reserve(Buffer* buffer, size_t extra) noexcept nogil:
    if buffer.room - buffer.size >= extra:
        return 0
    return buffer_grow(buffer, extra)

cdef inline int put_raw(Buffer* buffer, const uint8_t* data, size_t size) noexcept nogil:
    if reserve(buffer, size) != 0:
        return -1
    if size:
        memcpy(buffer.data + buffer.size, data, size)
    buffer.size += size
    return 0

cdef inline int put_varint(Buffer* buffer, uint64_t value) noexcept nogil:
    if reserve(buffer, 10) != 0:
        return -1
    buffer.size = write_varint(buffer.data + buffer.size, value) - buffer.data
    return 0

cdef inline int put_tag(Buffer* buffer, uint32_t number, uint32_t wire_type) noexcept nogil:
    return put_varint(buffer, (<uint64_t>number << 3) | wire_type)

cdef inline int put_uint(Buffer* buffer, uint32_t number, uint64_t value) noexcept nogil:
    """A varint field; left out when 0, as proto3 wants it."""
    if value == 0:
        return 0
    if put_tag(buffer, number, VARINT) != 0:
        return -1
    return put_varint(buffer, value)

cdef inline int put_fixed64(Buffer* buffer, uint32_t number, uint64_t value) noexcept nogil:
    if value == 0:
        return 0
    if put_tag(buffer, number, FIXED64) != 0 or reserve(buffer, 8) != 0:
        return -1
    memcpy(buffer.data + buffer.size, &value, 8)
    buffer.size += 8
    return 0

cdef inline int put_bytes(Buffer* buffer, uint32_t number, const uint8_t* data, size_t size) noexcept nogil:
    """A string, bytes or message field, left out when empty."""
    if size == 0:
        return 0
    if put_tag(buffer, number, BYTES) != 0 or put_varint(buffer, size) != 0:
        return -1
    return put_raw(buffer, data, size)

cdef inline void buffer_free(Buffer* buffer) noexcept nogil:
    free(buffer.data)
    buffer.data = NULL
    buffer.size = 0
    buffer.room = 0
