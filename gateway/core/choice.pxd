"""Choice: what an endpoint would be sent next: of all that waits for it, what is due first.

It passes over what need not be sent, so looking moves cursors; it sends nothing and cuts nothing.
"""

from libc.stdint cimport int64_t, uint32_t

from gateway.core.book cimport Book
from gateway.core.line cimport Choice, Wires

cdef Choice line_choose(Wires* wires, Book* book, uint32_t endpoint, int64_t now_ns) noexcept nogil
