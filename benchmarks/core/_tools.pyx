"""Tools: bits, hash, slab, wire, table, wheel and orders in loops, for benchmarks. See _tools.pyi."""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from gateway.core cimport bits, orders, slab, table, wheel, wire
from gateway.core.hash cimport Key, hash128
from gateway.core.wire cimport Buffer, Reader, Slice


@cython.final
cdef class Sets:
    """See _tools.pyi."""

    def __cinit__(self, bytes rows):
        self.count = len(rows) // sizeof(Bits)
        self.sets = <Bits*>malloc(len(rows))
        if self.sets == NULL:
            raise MemoryError
        memcpy(self.sets, <const char*>rows, self.count * sizeof(Bits))

    def __dealloc__(self):
        free(self.sets)

    def combine(self):
        cdef Bits both, either, rest
        cdef const Bits* other
        cdef uint64_t in_both = 0, in_either = 0, in_rest = 0
        cdef uint32_t at
        for at in range(self.count):
            both = either = rest = self.sets[at]
            other = &self.sets[(at + 1) % self.count]
            bits.bits_and(&both, other)
            bits.bits_or(&either, other)
            bits.bits_remove(&rest, other)
            in_both += bits.bits_count(&both)
            in_either += bits.bits_count(&either)
            in_rest += bits.bits_count(&rest)
        return in_both, in_either, in_rest

    def walk(self):
        cdef uint64_t total = 0
        cdef uint32_t at
        cdef int member
        for at in range(self.count):
            member = bits.bits_next(&self.sets[at], 0)
            while member >= 0:
                total += member
                member = bits.bits_next(&self.sets[at], member + 1)
        return total

    def walk_behind(self):
        cdef uint64_t total = 0
        cdef uint32_t at
        cdef int place
        cdef bits.Mask mask
        for at in range(self.count):
            memcpy(&mask, &self.sets[at], sizeof(mask))
            place = bits.mask_next(mask, 0)
            while place >= 0:
                total += place
                place = bits.mask_next(mask, place + 1)
        return total


def hash_all(bytes text, size_t size, bytes key):
    cdef Key words
    cdef Hash128 one, every
    cdef const uint8_t* start = text
    cdef size_t at
    assert len(key) == sizeof(Key) and len(text) % size == 0
    memcpy(&words, <const char*>key, sizeof(Key))
    every.low = every.high = 0
    for at in range(0, len(text), size):
        one = hash128(start + at, size, words)
        every.low ^= one.low
        every.high ^= one.high
    return PyBytes_FromStringAndSize(<const char*>&every, sizeof(Hash128))


@cython.final
cdef class Things:
    """See _tools.pyi."""

    def __cinit__(self):
        slab.slab_open(&self.slab, 48)

    def __dealloc__(self):
        slab.slab_close(&self.slab)

    @property
    def count(self):
        return self.slab.count

    def fill(self, uint32_t count):
        cdef uint64_t total = 0
        cdef uint32_t _at, number
        for _at in range(count):
            number = slab.slab_new(&self.slab)
            if number == slab.NOTHING:
                raise MemoryError
            (<uint32_t*>slab.slab_at(&self.slab, number))[1] = number
            total += (<uint32_t*>slab.slab_at(&self.slab, number))[1]
        return total

    def read(self, bytes numbers):
        cdef const uint32_t* asked = <const uint32_t*><const char*>numbers
        cdef uint64_t total = 0
        cdef size_t at
        for at in range(len(numbers) // sizeof(uint32_t)):
            total += (<uint32_t*>slab.slab_at(&self.slab, asked[at]))[1]
        return total

    def churn(self, bytes numbers):
        cdef const uint32_t* asked = <const uint32_t*><const char*>numbers
        cdef uint64_t same = 0
        cdef uint32_t number
        cdef size_t at
        for at in range(len(numbers) // sizeof(uint32_t)):
            slab.slab_free(&self.slab, asked[at])
            number = slab.slab_new(&self.slab)
            (<uint32_t*>slab.slab_at(&self.slab, number))[1] = number
            same += number == asked[at]
        return same


def write_varints(bytes numbers):
    cdef const uint64_t* given = <const uint64_t*><const char*>numbers
    cdef Buffer out
    cdef size_t at
    memset(&out, 0, sizeof(out))
    try:
        for at in range(len(numbers) // sizeof(uint64_t)):
            if wire.put_varint(&out, given[at]) != 0:
                raise MemoryError
        return (<const char*>out.data)[:out.size]
    finally:
        wire.buffer_free(&out)


def read_varints(bytes text):
    cdef Reader reader
    cdef uint64_t count = 0, total = 0, value = 0
    wire.reader_open(&reader, text, len(text))
    while reader.at < reader.end:
        if wire.read_varint(&reader, &value) != 0:
            raise ValueError("text: not all varints")
        total += value
        count += 1
    return count, total


def walk_fields(bytes message):
    cdef Reader outer, inner
    cdef Slice part, content
    cdef uint32_t number = 0, wire_type = 0
    cdef uint64_t count = 0, size = 0
    wire.reader_open(&outer, message, len(message))
    while outer.at < outer.end:
        if wire.read_tag(&outer, &number, &wire_type) != 0 or wire.read_slice(&outer, &part) != 0:
            raise ValueError("message: not messages alone")
        wire.reader_open(&inner, part.data, part.size)
        while inner.at < inner.end:
            if wire.read_tag(&inner, &number, &wire_type) != 0:
                raise ValueError("message: no field")
            content.size = 0
            if (wire.read_slice(&inner, &content) if wire_type == wire.BYTES
                    else wire.skip_field(&inner, wire_type)) != 0:
                raise ValueError("message: a field is cut off")
            count += 1
            size += content.size
    return count, size


def count_utf8(bytes text, size_t size):
    cdef const uint8_t* start = text
    cdef uint64_t count = 0
    cdef size_t at
    for at in range(0, len(text), size):
        count += wire.is_utf8(start + at, size)
    return count


cdef Hash128 key_of(const void* owner, uint32_t number) noexcept nogil:
    return (<const Hash128* const*>owner)[0][number]


@cython.final
cdef class Index:
    """See _tools.pyi."""

    def __cinit__(self, bytes keys, uint32_t live_count):
        self.key_count = len(keys) // sizeof(Hash128)
        self.keys = <Hash128*>malloc(len(keys))
        if self.keys == NULL or table.table_open(&self.table, self.key_count, key_of, &self.keys) != 0:
            raise MemoryError
        memcpy(self.keys, <const char*>keys, self.key_count * sizeof(Hash128))
        self.put(0, live_count)

    def __dealloc__(self):
        table.table_close(&self.table)
        free(self.keys)

    def put(self, uint32_t first, uint32_t last):
        cdef uint32_t number
        assert last <= self.key_count
        for number in range(first, last):
            if table.table_put(&self.table, self.keys[number], number) != 0:
                raise MemoryError
        return self.table.count

    def get(self, bytes numbers, size_t ahead_count):
        cdef const uint32_t* asked = <const uint32_t*><const char*>numbers
        cdef size_t count = len(numbers) // sizeof(uint32_t)
        cdef uint64_t found = 0, total = 0
        cdef uint32_t number
        cdef size_t at
        for at in range(count):
            if ahead_count and at + ahead_count < count:
                table.table_prefetch(&self.table, self.keys[asked[at + ahead_count]])
            number = table.table_get(&self.table, self.keys[asked[at]])
            if number != table.NO_VALUE:
                found += 1
                total += number
        return found, total

    def churn(self, bytes numbers):
        cdef const uint32_t* asked = <const uint32_t*><const char*>numbers
        cdef uint64_t there = 0
        cdef size_t at
        for at in range(len(numbers) // sizeof(uint32_t)):
            there += table.table_delete(&self.table, self.keys[asked[at]])
            if table.table_put(&self.table, self.keys[asked[at]], asked[at]) != 0:
                raise MemoryError
        return there


@cython.final
cdef class Timers:
    """See _tools.pyi."""

    def __cinit__(self):
        wheel.wheel_open(&self.wheel)

    def __dealloc__(self):
        wheel.wheel_close(&self.wheel)
        free(self.numbers)

    def add(self, bytes dues_ns):
        cdef const int64_t* dues = <const int64_t*><const char*>dues_ns
        cdef uint32_t owner
        assert self.numbers == NULL
        self.count = len(dues_ns) // sizeof(int64_t)
        self.numbers = <uint32_t*>malloc(self.count * sizeof(uint32_t))
        if self.numbers == NULL:
            raise MemoryError
        for owner in range(self.count):
            self.numbers[owner] = wheel.wheel_add(&self.wheel, dues[owner], owner)
        return self.wheel.timers.count

    def move(self, bytes dues_ns):
        cdef const int64_t* dues = <const int64_t*><const char*>dues_ns
        cdef uint32_t owner
        assert len(dues_ns) == self.count * sizeof(int64_t)
        for owner in range(self.count):
            wheel.wheel_remove(&self.wheel, self.numbers[owner])
            self.numbers[owner] = wheel.wheel_add(&self.wheel, dues[owner], owner)
        return self.wheel.timers.count

    def pop(self, int64_t step_ns, int64_t until_ns):
        cdef uint64_t count = 0, total = 0
        cdef int64_t now_ns
        cdef uint32_t owner
        for now_ns in range(step_ns, until_ns + step_ns, step_ns):
            owner = wheel.wheel_pop(&self.wheel, now_ns)
            while owner != slab.NOTHING:
                count += 1
                total += owner
                owner = wheel.wheel_pop(&self.wheel, now_ns)
        return count, total


@cython.final
cdef class Ring:
    """See _tools.pyi."""

    def __cinit__(self, uint64_t count_max):
        if orders.orders_open(&self.orders, count_max) != 0:
            raise MemoryError

    def __dealloc__(self):
        orders.orders_close(&self.orders)

    def add(self, bytes rows):
        cdef const orders.Order* given = <const orders.Order*><const char*>rows
        cdef size_t at
        for at in range(len(rows) // sizeof(orders.Order)):
            if orders.orders_add(&self.orders, &given[at]) != 0:
                raise MemoryError
        return self.orders.forgotten

    def find(self, bytes rows):
        cdef const orders.Order* given = <const orders.Order*><const char*>rows
        cdef const orders.Row* found
        cdef uint64_t total = 0
        cdef size_t at
        for at in range(len(rows) // sizeof(orders.Order)):
            found = orders.orders_find(&self.orders, given[at].key)
            if found != NULL:
                total += orders.row_inquiry_id(found)
        return total
