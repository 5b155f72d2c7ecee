"""Sweep: letting go of what nobody needs any more, at the old end of logs and lanes.

A segment goes when none of its asks is open, no piece in flight touches it, and every line has read it or
need not. One whose inquiries have all ended is given up at lines that never read it, so that a dead endpoint
holds nothing for ever.
"""

from libc.stdint cimport int64_t, uint32_t

from gateway.core.book cimport Book
from gateway.core.directory cimport Directory
from gateway.core.line cimport Wires
from gateway.core.tally cimport Ready

# Give up what nobody waits for in the oldest segments, then drop those that are done. -1: no memory.
cdef int sweep_log(Wires* wires, Book* book, Ready* ready, uint32_t where, int64_t now_ns) noexcept nogil
# Drop what has ended at the front of a lane, notes by the time of the last sweep_log.
cdef void sweep_lane(Wires* wires, Book* book, uint32_t endpoint, uint32_t lane) noexcept nogil
# An ask in a lane for which nobody waits: ends at once unless it is in flight.
cdef void sweep_lane_ask(Wires* wires, Book* book, Ready* ready, uint32_t ask) noexcept nogil
# Institutions that `directory` (the newest) no longer counts as capable: their open queries end.
cdef int sweep_lost(Wires* wires, Book* book, Ready* ready, const Directory* directory) noexcept nogil
