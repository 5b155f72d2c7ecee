"""Drawn: a batch and all that its subjects own, at all endpoints.

Drawn once from a message; a reply for an endpoint is then a copy of the findings that stand at it. That is
what makes the second to the 372nd endpoint with the same batch cost next to nothing. It knows no stream, no
time and no scenario.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from simulator._draw cimport Holding
from simulator._entry cimport BITMAP_BYTES, Entry
from simulator._population cimport Population
from simulator._wire cimport Buffer, Slice

cdef struct Found:
    # One encoded finding.
    uint64_t offset          # in Drawn.findings
    uint32_t size
    uint32_t entry
    uint32_t institution
    bint is_listed           # the entry names this institution itself; else it goes to those of the stream

cdef class Drawn:
    cdef Population population
    cdef readonly uint64_t batch_id
    cdef readonly uint32_t entry_count
    cdef bint has_unlisted                        # some entry goes to those of the stream
    cdef uint8_t listed[BITMAP_BYTES]             # institutions that some entry names
    cdef uint8_t greeted[BITMAP_BYTES]            # institutions that the batch itself names
    cdef Buffer findings                          # encoded, each with its tag and length
    cdef Buffer founds                            # Found, in the order of entries
    cdef Buffer hashes                            # uint64_t for each entry; 0: nothing asked
    cdef Buffer scratch                           # the records of the finding under way
    cdef uint32_t* order                          # numbers of founds, by endpoint
    cdef uint32_t* starts                         # those of endpoint k: order[starts[k]:starts[k + 1]]

    cdef int read(self, Slice message) except -1
    cdef int add_entry(self, Slice body) except -1
    cdef int add_findings(self, const Entry* entry) except -1
    cdef int add_finding(self, const Entry* entry, const Holding* holdings, uint32_t count,
                         uint32_t first) except -1
    cdef int sort(self) except -1
    cdef const uint8_t* check_call(self, uint32_t endpoint, bytes bits) except NULL
    cdef uint32_t name(self, uint32_t endpoint, const uint8_t* hello, const uint8_t* able,
                       uint16_t* named) noexcept nogil
    cdef uint64_t take(self, uint32_t endpoint, const uint8_t* hello, const uint8_t* able, uint32_t limit,
                       uint8_t* at) noexcept nogil
