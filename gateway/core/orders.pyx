"""Orders: adding, finding, forgetting. See orders.pxd."""

from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from gateway.core.table cimport NO_VALUE, table_close, table_delete, table_get, table_open, table_put

cdef enum:
    ORDERS_MAX = 1 << 30
    NUMBER_BITS = 0x7FFFFFFF  # of a row's number, kept in the table: more than there are rows at a time


cdef inline Hash128 kept(Hash128 key) noexcept nogil:
    """What is kept of a key."""
    key.high &= 0xFFFF
    return key


cdef inline Hash128 row_key(const Row* row) noexcept nogil:
    cdef Hash128 key
    key.low = row.key
    key.high = row.inquiry_id >> INQUIRY_ID_BITS
    return key


cdef Hash128 key_of(const void* owner, uint32_t number) noexcept nogil:
    cdef const Orders* orders = <const Orders*>owner
    return row_key(&orders.rows[number & (orders.room - 1)])


cdef int orders_open(Orders* orders, uint64_t count_max) noexcept nogil:
    memset(orders, 0, sizeof(Orders))
    orders.count_max = min(count_max, <uint64_t>ORDERS_MAX)
    return table_open(&orders.table, orders.count_max + 1, key_of, orders)


cdef void orders_close(Orders* orders) noexcept nogil:
    table_close(&orders.table)
    free(orders.rows)
    memset(orders, 0, sizeof(Orders))


cdef const Row* orders_find(const Orders* orders, Hash128 key) noexcept nogil:
    cdef uint32_t number = table_get(&orders.table, kept(key))
    return NULL if number == NO_VALUE else &orders.rows[number & (orders.room - 1)]


cdef int grow(Orders* orders) noexcept nogil:
    """Twice the room; every row keeps its number, though its place may change."""
    cdef uint64_t room = orders.room * 2 if orders.room else 1024
    cdef uint64_t number
    cdef Row* rows = <Row*>malloc(room * sizeof(Row))
    if rows == NULL:
        return -1
    for number in range(orders.first, orders.next):
        rows[number & (room - 1)] = orders.rows[number & (orders.room - 1)]
    free(orders.rows)
    orders.rows = rows
    orders.room = room
    return 0


cdef int orders_add(Orders* orders, const Order* order) noexcept nogil:
    cdef Hash128 oldest
    cdef Row* row
    if orders.next - orders.first == orders.count_max:
        oldest = row_key(&orders.rows[orders.first & (orders.room - 1)])
        if table_get(&orders.table, oldest) == (orders.first & NUMBER_BITS):
            table_delete(&orders.table, oldest)
            orders.forgotten += 1
        orders.first += 1
    if orders.next - orders.first == orders.room and grow(orders) != 0:
        return -1
    row = &orders.rows[orders.next & (orders.room - 1)]
    row.key = order.key.low
    row.content = order.content.low
    row.inquiry_id = order.inquiry_id | kept(order.key).high << INQUIRY_ID_BITS
    if table_put(&orders.table, kept(order.key), <uint32_t>(orders.next & NUMBER_BITS)) != 0:
        return -1
    orders.next += 1
    return 0


cdef void orders_remove(Orders* orders, Hash128 key) noexcept nogil:
    # Its row stays until its turn comes; the table no longer points to it.
    table_delete(&orders.table, kept(key))
