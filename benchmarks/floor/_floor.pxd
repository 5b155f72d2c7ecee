"""Floor: the least that a plain C program needs for an inquiry: parse, two keyed hashes, two probes, a copy.

An entry is 16 bytes, four to a cache line: 96 bits of the hash stand for what was hashed (10 million entries:
a chance of 1e-15 that two are taken for one), 32 for what would be found there.
"""

from libc.stddef cimport size_t
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from benchmarks.floor._sip cimport Key

cdef struct Entry:
    uint64_t low
    uint32_t high
    uint32_t value           # 0: the entry is empty

cdef struct Table:
    Entry* entries
    uint64_t mask            # entries - 1, a power of two less one
    uint64_t count
    uint64_t count_max       # 3/4 of the entries; beyond it `run` refuses

# One inquiry between its parsing and its probes.
cdef struct Piece:
    const uint8_t* bytes
    size_t size
    Key order
    Key question

cdef struct Counts:
    uint64_t inquiries
    uint64_t repeated        # inquiries whose order id was there
    uint64_t joined          # inquiries whose question was there

cdef struct State:
    Table table
    Key key
    uint32_t ahead_count    # inquiries that are hashed, and their entries asked for, before the first probe
    uint64_t* inserted      # where the entries are that `run` put in; `forget` takes them out again
    uint64_t inserted_count
    uint8_t* copied
    size_t copied_size
    size_t copied_room
    Counts counts

cdef class Floor:
    cdef State state
