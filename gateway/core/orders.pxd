"""Orders: which order ids were used before, and for what.
The newest `count_max`; older ones are the journal's to know."""

from libc.stdint cimport uint64_t

from gateway.core.hash cimport Hash128
from gateway.core.table cimport Table

cdef packed struct Order:     # 40 bytes, as in Checked.orders
    Hash128 key               # of court and order id
    Hash128 content
    uint64_t inquiry_id

cdef struct Orders:
    Table table               # key -> number of its row, 31 bits of it
    Order* rows               # a ring: number & (room - 1)
    uint64_t room             # a power of two
    uint64_t count_max
    uint64_t next             # rows written so far
    uint64_t first            # the oldest still there
    uint64_t forgotten

cdef int orders_open(Orders* orders, uint64_t count_max) noexcept nogil
cdef void orders_close(Orders* orders) noexcept nogil
cdef Order* orders_find(const Orders* orders, Hash128 key) noexcept nogil                # NULL: not known
cdef int orders_add(Orders* orders, const Order* order) noexcept nogil                    # -1: no memory
cdef void orders_remove(Orders* orders, Hash128 key) noexcept nogil
