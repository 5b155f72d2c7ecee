"""Due: which endpoints can be sent something, and in what order. Oldest due first."""

from libc.stdint cimport int64_t, uint32_t

from gateway.core.line cimport Choice
from gateway.core.world cimport World

cdef struct Due:
    Choice choice
    uint32_t endpoint

# Fill `dues` (room for every endpoint) with those that have something to send and room for it; returns how
# many. What waits for another try and nobody wants any more is given up on the way.
cdef uint32_t dues_gather(World* world, Due* dues, int64_t now_ns) noexcept nogil
