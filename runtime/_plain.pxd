"""Plain: whether bytes are what protobuf itself would write of them.

A table for each kind of message, from its descriptor; then one pass over the bytes that makes nothing.
"""

from libc.stdint cimport uint8_t, uint64_t

cdef enum:
    NUMBER_MAX = 31

# What a field holds.
cdef enum Kind:
    UNKNOWN
    WIDE
    UNSIGNED
    SIGNED
    YES
    BYTES
    TEXT
    MESSAGE

cdef struct Rule:
    Kind kind
    bint is_repeated
    # It stands there also when it says nothing.
    bint is_seen

cdef struct Span:
    const uint8_t* at
    const uint8_t* end


cdef class Shape:
    cdef Rule[NUMBER_MAX + 1] rules
    # By number; None where there is no message.
    cdef list inner

    cdef bint look(self, Span span, uint64_t wanted, list found) except -1
