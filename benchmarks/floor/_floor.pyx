"""Floor: the least that a plain C program needs for an inquiry: parse, two keyed hashes, two probes, a copy.

Fair: it is written as a competent C programmer would: no allocation, no Python object, entries of a quarter
of a cache line in huge pages, and the entries of a group of inquiries are asked for before the first of them
is looked at. It shares no code with the gateway, so that neither gets faster or slower with the other; its
hash is the same function for the same reason: ids come from outside.

It leaves out all that makes an inquiry an order: UTF-8, the rules of the contract, verdicts, the canonical
form, routing, tallies, and any growth of its table.
"""

cimport cython
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memset

from benchmarks.floor._sip cimport siphash

cdef extern from "stdlib.h" nogil:
    void* aligned_alloc(size_t alignment, size_t size)

cdef extern from "sys/mman.h" nogil:
    int madvise(void* start, size_t size, int advice)
    int MADV_HUGEPAGE

cdef extern from *:
    """
    #define FLOOR_PREFETCH(place) __builtin_prefetch((place), 1)
    """
    void FLOOR_PREFETCH(const void* place) noexcept nogil

cdef enum:
    AHEAD_MAX = 64
    QUESTION_BYTES_MAX = 512     # a longer number and name are refused
    ROOM_MIN = 2 * 8192          # entries that one message of the most inquiries puts in
    LIVE_ENTRIES_MAX = 1 << 30
    HUGE_PAGE = 2 << 20
    VARINT = 0
    FIXED64 = 1
    BYTES = 2
    FIXED32 = 5
    MALFORMED = -1
    FULL = -2

cdef struct Slice:
    const uint8_t* at
    const uint8_t* end

cdef struct Question:
    Slice number
    Slice name
    uint32_t items               # bit code-1


# -- parse

cdef inline int varint(Slice* slice, uint64_t* value) noexcept nogil:
    cdef uint64_t result = 0
    cdef uint8_t byte
    cdef int shift = 0
    while slice.at < slice.end and shift < 70:
        byte = slice.at[0]
        result |= <uint64_t>(byte & 0x7F) << shift
        shift += 7
        slice.at += 1
        if byte < 0x80:
            value[0] = result
            return 0
    return MALFORMED


cdef inline int field(Slice* slice, uint32_t* number, uint64_t* value, Slice* part) noexcept nogil:
    """The next field: a length-delimited one's content is `part`, another one's `part` is empty."""
    cdef uint64_t tag
    part.at = NULL
    part.end = NULL
    if varint(slice, &tag) != 0 or tag < 8:
        return MALFORMED
    number[0] = <uint32_t>(tag >> 3)
    if tag & 7 == VARINT:
        return varint(slice, value)
    if tag & 7 == BYTES:
        if varint(slice, value) != 0:
            return MALFORMED
    elif tag & 7 == FIXED64:
        value[0] = 8
    elif tag & 7 == FIXED32:
        value[0] = 4
    else:
        return MALFORMED
    if value[0] > <uint64_t>(slice.end - slice.at):
        return MALFORMED
    if tag & 7 == BYTES:
        part.at = slice.at
        part.end = slice.at + value[0]
    slice.at += value[0]
    return 0


cdef inline int walk_part(Slice part, bint is_subject, Question* question) noexcept nogil:
    """Every field of a mandate, subject or scope."""
    cdef Slice inner
    cdef uint32_t number
    cdef uint64_t value
    while part.at < part.end:
        if field(&part, &number, &value, &inner) != 0:
            return MALFORMED
        if is_subject and number == 2:
            question.number = inner
        elif is_subject and number == 3:
            question.name = inner
    return 0


cdef inline int add_items(Slice part, uint64_t value, uint32_t* items) noexcept nogil:
    """Packed, or one alone."""
    if part.at == NULL:
        items[0] |= <uint32_t>1 << ((value - 1) & 31)
    while part.at < part.end:
        if varint(&part, &value) != 0:
            return MALFORMED
        items[0] |= <uint32_t>1 << ((value - 1) & 31)
    return 0


cdef int parse(Slice inquiry, Key key, Piece* piece) noexcept nogil:
    cdef Question question
    cdef Slice part, order
    cdef uint32_t number
    cdef uint64_t value
    cdef int failed
    memset(&question, 0, sizeof(question))
    memset(&order, 0, sizeof(order))
    piece.bytes = inquiry.at
    piece.size = inquiry.end - inquiry.at
    while inquiry.at < inquiry.end:
        if field(&inquiry, &number, &value, &part) != 0:
            return MALFORMED
        failed = 0
        if number == 1:
            order = part
        elif 3 <= number <= 5:
            failed = walk_part(part, number == 4, &question)
        elif number == 6:
            failed = add_items(part, value, &question.items)
        if failed != 0:
            return MALFORMED
    piece.order = siphash(order.at, order.end - order.at, key)
    return hash_question(&question, key, &piece.question)


cdef inline int hash_question(const Question* question, Key key, Key* hashed) noexcept nogil:
    """Lengths come first: no two questions have the same text."""
    cdef uint8_t text[QUESTION_BYTES_MAX + 12]
    cdef uint32_t number_size = <uint32_t>(question.number.end - question.number.at)
    cdef uint32_t name_size = <uint32_t>(question.name.end - question.name.at)
    if number_size > QUESTION_BYTES_MAX or name_size > QUESTION_BYTES_MAX - number_size:
        return MALFORMED
    memcpy(text, &question.items, 4)
    memcpy(text + 4, &number_size, 4)
    memcpy(text + 8, &name_size, 4)
    if number_size:
        memcpy(text + 12, question.number.at, number_size)
    if name_size:
        memcpy(text + 12 + number_size, question.name.at, name_size)
    hashed[0] = siphash(text, 12 + number_size + name_size, key)
    return 0


# -- table

cdef inline void ask_for(const Table* table, Key key) noexcept nogil:
    FLOOR_PREFETCH(&table.entries[key.low & table.mask])


cdef inline uint64_t place_of(const Table* table, Key key) noexcept nogil:
    """Where the key is, or the empty entry where it goes; there always is one."""
    cdef uint64_t at = key.low & table.mask
    cdef const Entry* entry = &table.entries[at]
    while entry.value != 0 and (entry.low != key.low or entry.high != <uint32_t>key.high):
        at = (at + 1) & table.mask
        entry = &table.entries[at]
    return at


cdef inline bint insert(Table* table, Key key, uint64_t* place) noexcept nogil:
    """False: it was there."""
    cdef Entry* entry
    place[0] = place_of(table, key)
    entry = &table.entries[place[0]]
    if entry.value != 0:
        return False
    table.count += 1
    entry.low = key.low
    entry.high = <uint32_t>key.high
    entry.value = <uint32_t>table.count
    return True


cdef void fill(Table* table, uint64_t count, uint64_t seed) noexcept nogil:
    """Source: Vigna, splitmix64; its numbers are as good as hashes of entries that nobody asks for."""
    cdef uint64_t state = seed
    cdef uint64_t words[2]
    cdef uint64_t word, place
    cdef Key key
    cdef int half
    while table.count < count:
        for half in range(2):
            state += <uint64_t>0x9E3779B97F4A7C15
            word = (state ^ (state >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
            word = (word ^ (word >> 27)) * <uint64_t>0x94D049BB133111EB
            words[half] = word ^ (word >> 31)
        key.low = words[0]
        key.high = words[1]
        insert(table, key, &place)


@cython.final
cdef class Floor:
    def __cinit__(self, live_entries: int, key: bytes, *, ahead_count: int = 32, huge_pages: bool = True):
        cdef uint64_t entry_count = 64
        cdef uint64_t room
        cdef size_t size
        if not 0 <= live_entries <= LIVE_ENTRIES_MAX:
            raise ValueError(f"live_entries: {live_entries} given, 0 to {LIVE_ENTRIES_MAX} allowed")
        if len(key) != 16:
            raise ValueError(f"key: {len(key)} bytes given, 16 allowed")
        if not 1 <= ahead_count <= AHEAD_MAX:
            raise ValueError(f"ahead_count: {ahead_count} given, 1 to {AHEAD_MAX} allowed")
        memcpy(&self.state.key, <const uint8_t*>key, 16)
        self.state.ahead_count = ahead_count
        while entry_count * 3 < (<uint64_t>live_entries + ROOM_MIN) * 4:
            entry_count *= 2
        size = (entry_count * sizeof(Entry) + HUGE_PAGE - 1) // HUGE_PAGE * HUGE_PAGE
        self.state.table.entries = <Entry*>aligned_alloc(HUGE_PAGE, size)
        self.state.table.mask = entry_count - 1
        self.state.table.count_max = entry_count // 4 * 3
        room = self.state.table.count_max - <uint64_t>live_entries
        self.state.inserted = <uint64_t*>malloc(room * sizeof(uint64_t))
        if self.state.table.entries == NULL or self.state.inserted == NULL:
            raise MemoryError
        if huge_pages:
            # Advice: where the system has none, the pages stay small.
            madvise(self.state.table.entries, size, MADV_HUGEPAGE)
        memset(self.state.table.entries, 0, size)
        fill(&self.state.table, live_entries, self.state.key.low)

    def __dealloc__(self):
        free(self.state.table.entries)
        free(self.state.inserted)
        free(self.state.copied)

    def run(self, message: bytes) -> int:
        cdef Slice slice
        cdef int failed
        slice.at = message
        slice.end = slice.at + len(message)
        memset(&self.state.counts, 0, sizeof(Counts))
        self.state.copied_size = 0
        if self.state.copied_room < <size_t>len(message) and not grow(&self.state, len(message)):
            raise MemoryError
        with nogil:
            failed = run_message(&self.state, slice)
        if failed == FULL:
            raise OverflowError(
                f"table: {self.state.table.count} entries, at most {self.state.table.count_max}; forget first"
            )
        if failed != 0:
            raise ValueError("message: not a readable SubmitBulkRequest")
        return self.state.counts.inquiries

    def forget(self) -> int:
        cdef uint64_t count = self.state.inserted_count
        # Last in, first out: no entry stands where it stands because of one that came after it.
        while self.state.inserted_count > 0:
            self.state.inserted_count -= 1
            self.state.table.entries[self.state.inserted[self.state.inserted_count]].value = 0
        self.state.table.count -= count
        return count

    def hash(self, text: bytes) -> bytes:
        cdef Key hashed = siphash(<const uint8_t*>text, len(text), self.state.key)
        return (<uint8_t*>&hashed)[:16]

    @property
    def entry_count(self) -> int:
        return self.state.table.count

    @property
    def repeated(self) -> int:
        return self.state.counts.repeated

    @property
    def joined(self) -> int:
        return self.state.counts.joined

    @property
    def copied_bytes(self) -> bytes:
        return (<const uint8_t*>self.state.copied)[:self.state.copied_size] if self.state.copied_size else b""


cdef bint grow(State* state, size_t size) noexcept nogil:
    cdef uint8_t* room = <uint8_t*>realloc(state.copied, size)
    if room == NULL:
        return False
    state.copied = room
    state.copied_room = size
    return True


cdef int run_message(State* state, Slice message) noexcept nogil:
    cdef Piece pieces[AHEAD_MAX]
    cdef Slice part
    cdef uint32_t number, waiting = 0
    cdef uint64_t value
    while message.at < message.end:
        if field(&message, &number, &value, &part) != 0:
            return MALFORMED
        if number != 1:
            continue
        if part.at == NULL or parse(part, state.key, &pieces[waiting]) != 0:
            return MALFORMED
        ask_for(&state.table, pieces[waiting].order)
        ask_for(&state.table, pieces[waiting].question)
        waiting += 1
        if waiting == state.ahead_count:
            if take(state, pieces, waiting) != 0:
                return FULL
            waiting = 0
    return take(state, pieces, waiting)


cdef inline int take(State* state, const Piece* pieces, uint32_t count) noexcept nogil:
    """Probe and copy; an inquiry whose order id was there is passed over."""
    cdef const Piece* piece
    cdef uint32_t at
    if state.table.count + 2 * count > state.table.count_max:
        return FULL
    for at in range(count):
        piece = &pieces[at]
        state.counts.inquiries += 1
        if not insert(&state.table, piece.order, &state.inserted[state.inserted_count]):
            state.counts.repeated += 1
            continue
        state.inserted_count += 1
        if insert(&state.table, piece.question, &state.inserted[state.inserted_count]):
            state.inserted_count += 1
        else:
            state.counts.joined += 1
        memcpy(state.copied + state.copied_size, piece.bytes, piece.size)
        state.copied_size += piece.size
    return 0
