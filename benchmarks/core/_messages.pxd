"""Messages: what the core reads and writes, in loops, for benchmarks. See _messages.pyi."""

from libc.stdint cimport uint32_t

from gateway.core.directory cimport Directory
from gateway.core.inquiry cimport Inquiry
from gateway.core.reply cimport Reply
from gateway.core.wire cimport Buffer, Slice

cdef class Inquiries:
    cdef bytes message
    cdef bytes court_bytes
    cdef Slice court
    cdef Slice* slices        # each inquiry's bytes
    cdef Inquiry* inquiries   # as they were read first
    cdef uint32_t* lists      # their LIST scopes, SCOPE_LIST_MAX each
    cdef uint32_t count
    cdef Buffer out

cdef class Places:
    cdef bytes snapshot
    cdef Directory* directory

cdef class Replies:
    cdef Places places
    cdef Reply reply
    cdef bytes message
    cdef Buffer out
