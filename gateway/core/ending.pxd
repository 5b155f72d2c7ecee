"""Ending: when a ticket is answered, how it ends, and when it is let go."""

from libc.stdint cimport int64_t, uint32_t

from gateway.core.world cimport World

cdef enum Ending:
    BY_COMPLETION             # no query is open
    BY_DEADLINE
    BY_CANCEL

# Look at every ticket that something happened to: final, partial and late answers come about, and what is
# done is let go. Sums must be up to date. -1: no memory.
cdef int answer_ready(World* world, int64_t now_ns) noexcept nogil
# Make the final answer of a ticket that waits; it is let go by answer_ready, at once or when the last late
# reply has come.
cdef int ticket_end(World* world, uint32_t ticket, Ending ending, int64_t now_ns) noexcept nogil
# A cohort's deadline has come, its timer is gone: whoever still waits ends. -1: no memory.
cdef int cohort_end(World* world, uint32_t cohort, int64_t now_ns) noexcept nogil
# A ticket's timer for its next answer has come, and is gone.
cdef void answer_again(World* world, uint32_t ticket) noexcept nogil
