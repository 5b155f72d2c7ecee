"""Tally: what an ask has come to, and which tickets that concerns. Ties the book to the wires.

Whoever changes the state of a query tells it here: `ask_news` for what was found, `lane_settle` and
`log_settle` when queries of an ask ended. Tickets concerned stand in a list until somebody takes them.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from gateway.core.bits cimport Bits, Mask, bits_clear
from gateway.core.book cimport Book
from gateway.core.directory cimport Directory
from gateway.core.line cimport Wires

cdef struct Ready:            # tickets to look at, linked by Ticket.ready_next
    uint32_t head
    uint32_t tail

cdef struct Coverage:         # of one ticket, now
    uint32_t open
    uint32_t found
    uint32_t none
    uint32_t ambiguous
    uint32_t refused
    uint32_t gone             # never answered; `lost` of these could no longer be inquired of
    uint32_t lost
    bint has_bits             # False: nobody is open or gone, and what follows was never written
    Bits open_bits            # who they are; filled only where the count is not 0
    Bits failing_bits         # of the open ones: their endpoint is closed, or they wait for another try
    Bits gone_bits
    Bits lost_bits

cdef inline void coverage_bits(Coverage* coverage) noexcept nogil:
    """Its sets are about to be looked at; most coverages have nobody in them."""
    if not coverage.has_bits:
        coverage.has_bits = True
        bits_clear(&coverage.open_bits)
        bits_clear(&coverage.failing_bits)
        bits_clear(&coverage.gone_bits)
        bits_clear(&coverage.lost_bits)

cdef void ready_add(Book* book, Ready* ready, uint32_t ticket) noexcept nogil
# NOTHING: none
cdef uint32_t ready_take(Book* book, Ready* ready) noexcept nogil

# Something was found for an ask: every ticket that waits on it, or has ended with it open, hears of it.
cdef void ask_news(Book* book, Ready* ready, uint32_t ask, uint32_t institution) noexcept nogil
# Queries of an ask in a lane ended: `answered` have, `gone` never will.
cdef void lane_settle(Wires* wires, Book* book, Ready* ready, uint32_t ask, Mask answered,
                      Mask gone) noexcept nogil
# Bring the sums of all touched segments up to date and end the asks that nobody owes an answer any more.
cdef void log_settle(Wires* wires, Book* book, Ready* ready) noexcept nogil
# Nobody wants the answer, neither now nor late: it is not sent to anybody else and joined by nobody.
cdef void ask_abandon(Wires* wires, Book* book, uint32_t ask) noexcept nogil
# One part fewer waits for it (a ticket ended). True: it was the last.
cdef bint ask_unwait(Wires* wires, Book* book, uint32_t ask) noexcept nogil

# What a ticket has come to. Sums must be up to date (log_settle).
cdef void ticket_cover(const Wires* wires, const Book* book, uint32_t ticket,
                       Coverage* coverage) noexcept nogil

# Whom an ask can still answer for: open, or answered with FOUND, NONE or AMBIGUOUS.
cdef void ask_worth(const Wires* wires, const Book* book, uint32_t ask, Bits* out) noexcept nogil
