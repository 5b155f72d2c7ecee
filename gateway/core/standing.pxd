"""Standing: who has not answered an entry of a log, read off cursors and pieces.
Looked up when somebody asks, kept nowhere."""

from libc.stdint cimport uint32_t, uint64_t

from gateway.core.bits cimport Bits
from gateway.core.line cimport Wires
from gateway.core.log cimport Segment

# Who of the log's set has not answered the entry yet (of these in `failing`: closed, or waiting for another
# try), and who never will. Added to what is in the sets.
cdef void open_at(const Wires* wires, uint32_t where, uint64_t position, const Segment* segment, Bits* out,
                  Bits* failing) noexcept nogil
# `lost`: of these, those that could no longer be inquired of.
cdef void gone_at(const Wires* wires, uint32_t where, uint64_t position, const Segment* segment, Bits* out,
                  Bits* lost) noexcept nogil
