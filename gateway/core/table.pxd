"""Table: from a 128-bit hash to a 32-bit slot number.

Open addressing, linear probing, backward-shift deletion. No tombstones: deletes cannot fill it, and a probe
ends at the first empty slot. It grows by doubling at 3/4 full, up to `count_max` entries. The owner frees it.
Value 0xFFFFFFFF (NO_VALUE) means "not there".
"""

from libc.stdint cimport uint32_t, uint64_t

from gateway.core.hash cimport Hash128

cdef enum:
    NO_VALUE = 0xFFFFFFFF

cdef struct Slot:
    Hash128 key
    uint32_t value           # NO_VALUE: the slot is empty
    uint32_t reserved

cdef struct Table:
    Slot* slots
    uint64_t mask            # slots - 1, a power of two less one
    uint64_t count
    uint64_t count_max

cdef int table_open(Table* table, uint64_t count_max) noexcept nogil          # -1: no memory
cdef void table_close(Table* table) noexcept nogil
cdef uint32_t table_get(const Table* table, Hash128 key) noexcept nogil
# New or replaced. -1: full or no memory.
cdef int table_put(Table* table, Hash128 key, uint32_t value) noexcept nogil
cdef bint table_delete(Table* table, Hash128 key) noexcept nogil              # False: was not there
cdef void table_prefetch(const Table* table, Hash128 key) noexcept nogil
