"""Population: the catalogue and the layout, as the compiled code reads them.

Made once from (seed, layout); afterwards only read. It holds no person: who owns what is drawn when it is
asked.
"""

from libc.stdint cimport uint16_t, uint32_t

from simulator._draw cimport INSTITUTIONS_MAX, Tables
from simulator._wire cimport Slice

cdef enum:
    ENDPOINTS_MAX = 4096

cdef class Population:
    cdef Tables* tables
    cdef list kept                                # owns the bytes that tables points into
    cdef uint32_t institution_count
    cdef uint32_t endpoint_count
    cdef uint16_t endpoints[INSTITUTIONS_MAX]     # of each institution
    cdef uint16_t members[INSTITUTIONS_MAX]       # institutions, by endpoint
    cdef uint32_t starts[ENDPOINTS_MAX + 1]       # those of endpoint k: members[starts[k]:starts[k + 1]]

    cdef Slice keep(self, str text) except *
    cdef int fill_chances(self, object keepers, object kinds) except -1
    cdef int fill_pools(self, object pools) except -1
    cdef int fill_endpoints(self, object endpoints) except -1
