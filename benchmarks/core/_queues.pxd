"""Queues: book, log, lane and message in loops, for benchmarks. See _queues.pyi."""

from libc.stdint cimport uint32_t

from benchmarks.core._messages cimport Places
from gateway.core.book cimport Book as CBook
from gateway.core.lane cimport Lane as CLane
from gateway.core.log cimport Log as CLog
from gateway.core.ticket cimport Tickets as CTickets
from gateway.core.wire cimport Buffer

cdef class Book:
    cdef CBook book
    cdef Places places
    cdef uint32_t frame
    cdef uint32_t* tickets    # the number of each, by order of making; its ask has the same
    cdef uint32_t* asks
    cdef uint32_t count

cdef class Tickets:
    cdef CTickets tickets

cdef class Log:
    cdef CLog log
    cdef Places places
    cdef list bodies          # of its entries: they point there
    cdef Buffer out

cdef class Lane:
    cdef CLane lane
    cdef Book book
    cdef bytes body
    cdef Buffer out
