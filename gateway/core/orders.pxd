"""Orders: which order ids were used before, and for what.
The newest `count_max`; older ones are the journal's to know.

Of an order, 80 bits of its key and 64 of its content are kept: among 32 million known ones a new order is
taken for another with a chance of 3e-17, and is then refused, not lost.
"""

from libc.stdint cimport uint64_t

from gateway.core.hash cimport Hash128
from gateway.core.table cimport Table

cdef packed struct Order:     # 40 bytes, as in Checked.orders
    Hash128 key               # of court and order id
    Hash128 content
    uint64_t inquiry_id

cdef enum:
    INQUIRY_ID_BITS = 48      # at a million inquiries a second they last nine years

cdef struct Row:              # 24 bytes; there are as many as orders known, open or not
    uint64_t key              # low half of the key
    uint64_t content          # low half of the content
    uint64_t inquiry_id       # low 48 bits; above them the low 16 of the key's high half

cdef struct Orders:
    Table table               # key -> number of its row, 31 bits of it
    Row* rows                 # a ring: number & (room - 1)
    uint64_t room             # a power of two
    uint64_t count_max
    uint64_t next             # rows written so far
    uint64_t first            # the oldest still there
    uint64_t forgotten

cdef int orders_open(Orders* orders, uint64_t count_max) noexcept nogil
cdef void orders_close(Orders* orders) noexcept nogil
cdef const Row* orders_find(const Orders* orders, Hash128 key) noexcept nogil            # NULL: not known
cdef int orders_add(Orders* orders, const Order* order) noexcept nogil                    # -1: no memory
cdef void orders_remove(Orders* orders, Hash128 key) noexcept nogil

cdef inline uint64_t row_inquiry_id(const Row* row) noexcept nogil:
    return row.inquiry_id & ((<uint64_t>1 << INQUIRY_ID_BITS) - 1)
