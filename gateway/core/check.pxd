"""Check: the verdict on a court's message. Every inquiry of it is accepted, a repetition, or refused with all
its faults.

What is accepted is written as an Admission, and its order ids are taken; `check_abandon` gives them back.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from gateway.core.wire cimport Buffer, Slice
from gateway.core.world cimport World

cdef enum:
    MESSAGE_BYTES_MAX = 4 << 20
    INQUIRIES_MAX = 8192          # of a message
    REASON_COUNT = 32
    CHECK_OK = 0
    CHECK_INVALID = 3
    CHECK_FULL = 8

cdef struct Verdicts:
    Buffer response               # a SubmitBulkResponse
    Buffer frame                  # an Admission; empty: nothing was accepted
    Buffer orders                 # Order rows of the accepted
    uint64_t tag
    uint64_t first_inquiry_id
    uint32_t accepted
    uint32_t repeated
    uint32_t refused
    uint32_t by_reason[32]
    uint64_t reserved_bytes
    uint32_t found                # inquiries in the message

cdef void verdicts_close(Verdicts* verdicts) noexcept nogil
# A CHECK_ code; -1: no memory. With CHECK_INVALID and CHECK_FULL nothing was taken.
cdef int check_message(World* world, Verdicts* verdicts, Slice message, Slice court,
                       int64_t now_ns) noexcept nogil
cdef void check_abandon(World* world, const Verdicts* verdicts) noexcept nogil
