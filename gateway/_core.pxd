"""The Engine. Documented in _core.pyi."""

from libc.stdint cimport int64_t, uint32_t

from gateway.core.reply cimport Reply
from gateway.core.wire cimport Buffer, Slice
from gateway.core.world cimport World

cdef class Engine:
    cdef World* world
    cdef Reply reply
    cdef Buffer findings          # scratch: findings of the reply at hand
    cdef list courts              # names, by number
    cdef dict court_numbers
    cdef list messages            # bytes of batches, by message number
    cdef int64_t now_ns

    cdef int tell(self, int64_t now_ns) except -1
    cdef uint32_t court_number(self, str court) except? 0xFFFFFFFF
    cdef bytes message_of(self, uint32_t piece)
    cdef int drop_messages(self) except -1
    cdef int sweep(self, int64_t now_ns) except -1
