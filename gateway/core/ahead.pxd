"""Ahead: asks for memory before it is looked at, while something else is done.

What a reply is about, and what an answer is made of, lies scattered over many megabytes: a way of four or
more steps, each of which says where the next one is. Here the first steps of many ways are taken at once.
Nothing is changed and nothing depends on it; what it looks at may even have been freed, for slabs keep their
memory.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from gateway.core.book cimport Book
from gateway.core.lane cimport Lane
from gateway.core.line cimport Piece, Wires
from gateway.core.reply cimport Reply
from gateway.core.tally cimport Ready

cdef enum:
    AHEAD = 16                # findings at a time
    RUNNERS = 16              # tickets

cdef struct Runner:           # on its way through one ticket
    uint32_t number           # of what was asked for last
    uint32_t part             # where it goes on after this part; NOTHING: nowhere
    uint8_t step

cdef struct Runners:
    Runner ring[16]
    uint32_t oldest           # the runner of the ticket that is taken next
    uint32_t ticket           # started last

# The entries that the findings of a reply from `at` on are about, with their bodies and asks.
cdef void ahead_entries(const Wires* wires, const Book* book, const Piece* piece, const Reply* reply,
                        uint32_t at) noexcept nogil
# The parts and tickets of the asks that these findings answer.
cdef void ahead_tickets(const Book* book, const Reply* reply, uint32_t at) noexcept nogil
# Called for each entry of a lane before `end`: what those behind it will need, up to their tickets.
cdef void ahead_lane(const Book* book, const Lane* lane, uint64_t position, uint64_t end) noexcept nogil

# What the tickets that stand in the list will need: once before the first is taken,
cdef void runners_start(Runners* runners, const Book* book, const Ready* ready) noexcept nogil
# and once after each.
cdef void runners_step(Runners* runners, const Book* book, const Ready* ready) noexcept nogil
