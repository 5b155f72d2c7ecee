"""The Engine and what it hands out. Documented in _core.pyi."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from gateway.core.check cimport Verdicts
from gateway.core.reply cimport Reply
from gateway.core.wire cimport Buffer, Slice
from gateway.core.world cimport World

cdef class Checked:
    cdef Verdicts verdicts
    cdef readonly int status
    cdef readonly str error
    cdef bint settled             # admitted or abandoned

cdef class Batch:
    cdef readonly uint32_t endpoint
    cdef readonly uint64_t id
    cdef readonly bytes message
    cdef readonly uint32_t entry_count
    cdef readonly uint32_t query_count
    cdef readonly uint32_t reason

cdef class Answers:
    cdef readonly str court
    cdef readonly bytes message
    cdef readonly uint32_t count
    cdef readonly bytes finals

cdef class Settled:
    cdef readonly uint64_t batch_id
    cdef readonly uint32_t fault

cdef class Engine:
    cdef World* world
    cdef Reply reply
    cdef Buffer findings          # scratch: findings of the reply at hand
    cdef list courts              # names, by number
    cdef dict court_numbers
    cdef list messages            # bytes of batches, by message number
    cdef int64_t now_ns
    # Counters of what passes through here.
    cdef uint64_t batches
    cdef uint64_t batch_entries
    cdef uint64_t replies
    cdef uint64_t replies_refused
    cdef uint64_t failures

    cdef int tell(self, int64_t now_ns) except -1
    cdef uint32_t court_number(self, str court) except? 0xFFFFFFFF
    cdef int admit_inquiries(self, Slice frame, uint32_t number, set answered) except -1
    cdef Batch send(self, uint32_t endpoint, uint32_t piece)
    cdef int drop_messages(self) except -1
    cdef int sweep(self, int64_t now_ns) except -1
