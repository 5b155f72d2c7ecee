"""Table: from a 128-bit hash to the 32-bit number of the thing that has it.

A slot is the number and 32 bits of the hash, eight to a cache line: the whole hash stands in the thing, where
`key_of` finds it. Open addressing, linear probing, backward-shift deletion. No tombstones: deletes cannot
fill it, and a probe ends at the first empty slot. It grows by doubling at 3/4 full, up to `count_max`
entries. The owner frees it. Number 0xFFFFFFFF (NO_VALUE) means "not there".
"""

from libc.stdint cimport uint32_t, uint64_t

from gateway.core.hash cimport Hash128

cdef enum:
    NO_VALUE = 0xFFFFFFFF

# The hash of a thing in the table.
ctypedef Hash128 (*KeyOf)(const void* owner, uint32_t value) noexcept nogil

cdef struct Slot:
    uint32_t tag             # the low bits of the hash
    uint32_t value           # NO_VALUE: the slot is empty

cdef struct Table:
    Slot* slots
    uint64_t mask            # slots - 1, a power of two less one
    uint64_t count
    uint64_t count_max
    KeyOf key_of
    const void* owner        # first argument of key_of

# -1: no memory
cdef int table_open(Table* table, uint64_t count_max, KeyOf key_of, const void* owner) noexcept nogil
cdef void table_close(Table* table) noexcept nogil
cdef uint32_t table_get(const Table* table, Hash128 key) noexcept nogil
# New or replaced. -1: full or no memory. The thing has its hash already.
cdef int table_put(Table* table, Hash128 key, uint32_t value) noexcept nogil
cdef bint table_delete(Table* table, Hash128 key) noexcept nogil              # False: was not there
cdef void table_prefetch(const Table* table, Hash128 key) noexcept nogil
