"""Settle: what a reply, a failure or a lost hope does to the queries of a piece.

A piece ends here in one of four ways: answered (perhaps with a rest that is asked again), sent again, cut in
halves, or given up.
"""

from libc.stdint cimport int64_t, uint32_t

from gateway.core.book cimport Book
from gateway.core.line cimport Wires
from gateway.core.reply cimport Reply
from gateway.core.tally cimport Ready
from gateway.core.wire cimport Buffer

cdef enum:                    # `cause` of _core.pyi
    CAUSE_UNDELIVERED = 1
    CAUSE_BROKEN = 2
    CAUSE_TIMEOUT = 3
    CAUSE_REFUSED = 4
    CAUSE_GARBAGE = 5

cdef struct Rules:            # how failures are dealt with
    uint32_t attempts_max
    int64_t unanswered_retry_ns

# Check a reply to `piece` against what was asked. A fault, or FAULT_NONE: then the findings stand written in
# `scratch`. -1: no memory.
cdef int settle_check(const Wires* wires, const Book* book, uint32_t piece, Reply* reply,
                      Buffer* scratch) noexcept nogil
# Take a reply that was checked; the piece is gone afterwards. -1: no memory.
cdef int settle_take(Wires* wires, Book* book, Ready* ready, const Rules* rules, uint32_t piece, Reply* reply,
                     const Buffer* scratch, int64_t now_ns) noexcept nogil
# A piece in flight ended without a reply. -1: no memory.
cdef int settle_fail(Wires* wires, Book* book, Ready* ready, const Rules* rules, uint32_t piece,
                     uint32_t cause,
                     int64_t retry_ns, int64_t now_ns) noexcept nogil
# Does anybody still wait for something in it? A note waits until its inquiry's deadline.
cdef bint piece_wanted(const Wires* wires, const Book* book, uint32_t piece, int64_t now_ns) noexcept nogil
# The piece's open queries will never be answered.
cdef void give_up(Wires* wires, Book* book, Ready* ready, uint32_t piece) noexcept nogil
