"""Wire: protobuf's encoding, for messages that are written too often to be made as objects first.

Two passes over what is to be written: how long it is, and then the bytes. It reads nothing, and knows no
message.
"""

from libc.stdint cimport uint8_t, uint64_t

cdef enum:
    VARINT = 0
    LENGTH = 2

cdef inline size_t varint_size(uint64_t value) noexcept nogil:
    cdef size_t size = 1
    while value > 0x7F:
        value >>= 7
        size += 1
    return size

cdef inline uint8_t* put_varint(uint8_t* at, uint64_t value) noexcept nogil:
    while value > 0x7F:
        at[0] = <uint8_t>(value & 0x7F | 0x80)
        at += 1
        value >>= 7
    at[0] = <uint8_t>value
    return at + 1
