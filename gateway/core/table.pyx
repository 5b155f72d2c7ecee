"""Table: from a 128-bit hash to the number of a thing. See table.pxd.

A key lives at its home (low bits of the hash) or behind it with no empty slot between; a delete moves back
what would lose that. It never holds more than 3/4 of its slots, so every probe ends. It does not compare what
was hashed: 128 keyed bits stand for it.
"""

from libc.stdlib cimport free, malloc
from libc.string cimport memset

from gateway.core.slab cimport prefetch

cdef enum:
    SLOTS_MIN = 64           # 512 bytes; every table that is used outgrows it at once
    SLOTS_MAX = 1 << 31      # a home is found by the 32 bits of a tag


cdef int table_open(Table* table, uint64_t count_max, KeyOf key_of, const void* owner) noexcept nogil:
    """An empty table for at most `count_max` entries. -1: no memory, and nothing to close."""
    table.count = 0
    table.count_max = count_max
    table.key_of = key_of
    table.owner = owner
    table.mask = SLOTS_MIN - 1
    table.slots = make_slots(SLOTS_MIN)
    return 0 if table.slots != NULL else -1


cdef void table_close(Table* table) noexcept nogil:
    free(table.slots)
    table.slots = NULL
    table.count = 0
    table.mask = 0


cdef uint32_t table_get(const Table* table, Hash128 key) noexcept nogil:
    """The value of `key`, or NO_VALUE."""
    return table.slots[find(table, key)].value


cdef int table_put(Table* table, Hash128 key, uint32_t value) noexcept nogil:
    """-1 also for NO_VALUE, which no key can have; the table is then as it was."""
    cdef uint64_t at = find(table, key)
    if value == NO_VALUE:
        return -1
    if table.slots[at].value == NO_VALUE:
        if table.count >= table.count_max:
            return -1
        if (table.count + 1) * 4 > (table.mask + 1) * 3:
            if grow(table) != 0:
                return -1
            at = find(table, key)
        table.slots[at].tag = <uint32_t>key.low
        table.count += 1
    table.slots[at].value = value
    return 0


cdef bint table_delete(Table* table, Hash128 key) noexcept nogil:
    """Knuth 6.4 R: what stands behind the hole moves into it unless its home lies between the two."""
    cdef uint64_t hole = find(table, key)
    cdef uint64_t at = hole
    cdef uint64_t home
    if table.slots[hole].value == NO_VALUE:
        return False
    at = (at + 1) & table.mask
    while table.slots[at].value != NO_VALUE:
        home = table.slots[at].tag & table.mask
        if ((at - home) & table.mask) >= ((at - hole) & table.mask):
            table.slots[hole] = table.slots[at]
            hole = at
        at = (at + 1) & table.mask
    table.slots[hole].value = NO_VALUE
    table.count -= 1
    return True


cdef void table_prefetch(const Table* table, Hash128 key) noexcept nogil:
    """Ask for the cache line of a key that will be looked for soon."""
    prefetch(&table.slots[key.low & table.mask])


cdef inline uint64_t find(const Table* table, Hash128 key) noexcept nogil:
    """Where `key` is, or the empty slot where it would go."""
    cdef uint64_t at = key.low & table.mask
    cdef uint32_t tag = <uint32_t>key.low
    cdef Hash128 found
    while table.slots[at].value != NO_VALUE:
        if table.slots[at].tag == tag:
            found = table.key_of(table.owner, table.slots[at].value)
            if found.low == key.low and found.high == key.high:
                break
        at = (at + 1) & table.mask
    return at


cdef Slot* make_slots(uint64_t count) noexcept nogil:
    """Empty slots; the bytes of NO_VALUE are all 0xFF. NULL: no memory."""
    cdef Slot* slots = <Slot*>malloc(count * sizeof(Slot))
    if slots != NULL:
        memset(slots, 0xFF, count * sizeof(Slot))
    return slots


cdef int grow(Table* table) noexcept nogil:
    """Twice as many slots. -1: no memory, and the table is as it was."""
    cdef Slot* old = table.slots
    cdef uint64_t old_count = table.mask + 1
    cdef uint64_t at, to
    cdef Slot* slots = make_slots(old_count * 2) if old_count < <uint64_t>SLOTS_MAX else NULL
    if slots == NULL:
        return -1
    table.slots = slots
    table.mask = old_count * 2 - 1
    for at in range(old_count):
        if old[at].value == NO_VALUE:
            continue
        to = old[at].tag & table.mask
        while slots[to].value != NO_VALUE:
            to = (to + 1) & table.mask
        slots[to] = old[at]
    free(old)
    return 0
