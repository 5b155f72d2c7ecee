"""Answer: what a court gets."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from gateway.core.tally cimport Coverage
from gateway.core.ticket cimport Told
from gateway.core.world cimport Court, World

cdef enum:                    # with the numbers of chakong.gateway.v1.Stage
    STAGE_PARTIAL = 1
    STAGE_FINAL = 2
    STAGE_LATE = 3

# What a ticket was answered; made when it has none. NULL: no memory.
cdef Told* told_of(World* world, uint32_t ticket) noexcept nogil
# Encode the Answer of a ticket that has its Told into the court's buffer, as Answers.answers (2).
# -1: no memory.
cdef int write_answer(World* world, uint32_t ticket, uint32_t stage, Coverage* coverage,
                      int64_t now_ns) noexcept nogil
# The answers a court has so far are a frame, whatever their size. -1: no memory.
cdef int mark_answers(Court* court) noexcept nogil
