"""Route: where an admitted inquiry goes. What is asked already is joined; what concerns a whole log goes
there; the rest into lanes."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from gateway.core.codec cimport Admitted
from gateway.core.hash cimport Hash128
from gateway.core.world cimport Taken, World

cdef Hash128 subject_key(const World* world, const Admitted* admitted) noexcept nogil
# Take up one inquiry of a frame. -1: no memory.
cdef int route_inquiry(World* world, const Taken* taken, uint64_t inquiry_id, uint32_t frame,
                       int64_t admitted_ns) noexcept nogil
# All inquiries of the frame were taken up: its entries become segments. -1: no memory.
cdef int route_commit(World* world, uint32_t frame, int64_t admitted_ns) noexcept nogil
