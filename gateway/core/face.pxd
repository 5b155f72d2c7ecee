"""Face: what the Engine hands out, as Python objects. Documented in _core.pyi."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from gateway.core.check cimport Verdicts
from gateway.core.wire cimport Buffer, Slice
from gateway.core.world cimport Court, World

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

cdef bytes taken(const Buffer* buffer)
cdef str text_of(Slice slice)
# The frames of answers that a court has waiting; its buffers are empty afterwards.
cdef list court_answers(Court* court, str name)
cdef Batch batch_of(World* world, uint32_t piece, bytes message_bytes)
cdef dict world_stats(World* world, int64_t now_ns)
