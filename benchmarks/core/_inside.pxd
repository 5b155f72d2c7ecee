"""Inside: the parts of a whole Engine, called one by one, for benchmarks. See _inside.pyi."""

from libc.stdint cimport uint32_t

from gateway._core cimport Engine
from gateway.core.admission cimport Head
from gateway.core.due cimport Due
from gateway.core.reply cimport Reply
from gateway.core.wire cimport Buffer, Slice
from gateway.core.world cimport Taken

cdef class Dues:
    cdef Engine engine
    cdef Due* dues
    cdef uint32_t count

cdef class Replies:
    cdef Engine engine
    cdef list messages        # the replies point there
    cdef Reply* replies
    cdef uint32_t* endpoints
    cdef uint32_t* pieces
    cdef uint32_t count
    cdef Buffer findings

cdef class Frame:
    cdef Engine engine
    cdef Head head
    cdef uint32_t number      # in the book
    cdef Taken* rows
    cdef uint32_t count

    cdef int read(self, Slice slice) except -1

cdef Engine engine_of(object engine)
