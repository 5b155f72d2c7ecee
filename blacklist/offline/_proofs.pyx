"""Proofs: making a set from a snapshot, writing, reading and asking it. See _proofs.pxd and .pyi.

Entries of one number that say the same but for their days are one, with the later last day, in a delta too.
A number with an entry that is to count only from a later day on is odd: all its entries are told as a delta
tells them.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint16_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from blacklist.screening._entries cimport read_row
from blacklist.screening._fuse cimport Contain, fuse_has
from blacklist.screening._hash cimport hash64
from blacklist.screening._hashes cimport Held, Said, Unsorted, said_by
from blacklist.screening._identity cimport Hasher, Identity, settle_name, take_identity
from blacklist.screening._look cimport Question, is_for
from blacklist.screening._snapshot cimport Binding, Snapshot
from blacklist.screening._wire cimport Buffer, Slice, buffer_free

from blacklist.screening.filter import Filter

# An entry on its way into its bucket.
cdef struct Loose:
    uint32_t bucket
    uint64_t word

cdef packed struct Told:
    uint16_t tag
    uint8_t kinds_and_bound
    uint16_t since_day
    uint16_t until_day


cdef inline uint64_t outer(uint64_t number, Key key) noexcept nogil:
    """A number's hash as the set has it."""
    return hash64(<const uint8_t*>&number, sizeof(number), key)


cdef inline uint16_t tag_of(uint64_t number, uint32_t name, Key key) noexcept nogil:
    """Of a name, together with its number: equal names of two persons have other tags."""
    cdef uint8_t both[12]
    memcpy(both, &number, 8)
    memcpy(both + 8, &name, 4)
    return <uint16_t>hash64(both, sizeof(both), key)


cdef inline uint64_t rest_of_word(uint64_t word) noexcept nogil:
    return word >> REST_SHIFT


cdef inline uint64_t rest_of_number(uint64_t number, uint32_t bits) noexcept nogil:
    return number >> (64 - bits - REST_BITS) & ((<uint64_t>1 << REST_BITS) - 1)


cdef uint64_t word_of(uint64_t number, uint16_t tag, const Held* held, uint32_t bits,
                      uint16_t day) noexcept nogil:
    cdef Said said = said_by(held)
    cdef uint64_t word = rest_of_number(number, bits) << REST_SHIFT | <uint64_t>tag << TAG_SHIFT
    cdef uint32_t days_left = min(<uint32_t>(held.until_day - day), <uint32_t>DAYS_LEFT_OPEN)
    return word | <uint64_t>said.kinds << KINDS_SHIFT | <uint64_t>said.bound << BOUND_SHIFT | days_left


cdef uint32_t bits_for(uint64_t count) noexcept nogil:
    cdef uint32_t bits = BUCKET_BITS_MIN
    while bits < BUCKET_BITS_MAX and count >> bits >= BUCKET_FILL_MAX:
        bits += 1
    return bits


cdef uint64_t settle(const Loose* loose, uint64_t count, uint32_t bits, uint64_t* words,
                     uint32_t* starts) noexcept nogil:
    """Sorts entries into their buckets, joins those that differ in their days alone; how many are left."""
    cdef uint64_t bucket, at, kept = 0
    cdef uint32_t first, end, to
    cdef uint64_t word
    for at in range(count):
        starts[loose[at].bucket + 2] += 1
    for bucket in range(2, (<uint64_t>1 << bits) + 2):
        starts[bucket] += starts[bucket - 1]
    for at in range(count):
        words[starts[loose[at].bucket + 1]] = loose[at].word
        starts[loose[at].bucket + 1] += 1
    for bucket in range(<uint64_t>1 << bits):
        first, end = starts[bucket], starts[bucket + 1]
        starts[bucket] = <uint32_t>kept
        for at in range(first, end):
            word = words[at]
            to = <uint32_t>kept
            # What is kept lies at or before what is read.
            while to > starts[bucket] and words[to - 1] > word:
                words[to] = words[to - 1]
                to -= 1
            if to > starts[bucket] and (words[to - 1] ^ word) <= DAYS_MASK:
                close_gap(words, to, kept)
                words[to - 1] = word
            elif to < kept and (words[to + 1] ^ word) <= DAYS_MASK:
                close_gap(words, to, kept)
            else:
                words[to] = word
                kept += 1
    starts[<uint64_t>1 << bits] = <uint32_t>kept
    return kept


cdef inline void close_gap(uint64_t* words, uint64_t start, uint64_t end) noexcept nogil:
    """Undo the step that made room at `start`."""
    cdef uint64_t at
    for at in range(start, end):
        words[at] = words[at + 1]


cdef Key key_of(bytes key) except *:
    cdef Key words
    if PyBytes_GET_SIZE(key) != sizeof(Key):
        raise ValueError(f"key: {len(key)} bytes given, {sizeof(Key)} allowed")
    memcpy(&words, PyBytes_AS_STRING(key), sizeof(Key))
    return words


@cython.final
cdef class Proofs:
    def __dealloc__(self):
        free(self.words)
        free(self.starts)

    @classmethod
    def of_snapshot(cls, Snapshot snapshot not None, Binding binding not None, bytes key not None,
                    uint16_t day):
        cdef Proofs self = Proofs.__new__(Proofs)
        cdef Key words = key_of(key)
        cdef Question question
        cdef Buffer gathered
        cdef Loose* loose = NULL
        cdef uint64_t count, kept
        cdef set odd = set()
        memset(&gathered, 0, sizeof(Buffer))
        question.layers = snapshot.layers
        question.bonds = binding.bonds
        question.day = day
        try:
            snapshot.gather(&gathered)
            count = gathered.size // sizeof(Unsorted)
            find_odd(<const Unsorted*>gathered.start, count, day, odd)
            self.make_room(count, bits_for(count))
            loose = <Loose*>malloc((count + 1) * sizeof(Loose))
            if loose == NULL:
                raise MemoryError
            count = loosen(
                <const Unsorted*>gathered.start, count, &question, words, self.bucket_bits, odd, loose)
            buffer_free(&gathered)
            with nogil:
                kept = settle(loose, count, self.bucket_bits, self.words, self.starts)
            self.entry_count = kept
            self.odd = b"".join([told_of(snapshot, number, &question, words, day) for number in sorted(odd)])
            self.odd_count = len(odd)
        finally:
            free(loose)
            buffer_free(&gathered)
        return self

    @classmethod
    def of_body(cls, bytes body not None, uint32_t bucket_bits, uint64_t entry_count, uint64_t odd_count):
        cdef Proofs self = Proofs.__new__(Proofs)
        cdef const uint8_t* counts = <const uint8_t*>PyBytes_AS_STRING(body)
        cdef uint64_t bucket, at, total = 0
        cdef uint64_t buckets, size
        cdef bint is_sorted = True
        if not BUCKET_BITS_MIN <= bucket_bits <= BUCKET_BITS_MAX or entry_count >> 32:
            raise ValueError(f"set: {bucket_bits} bucket bits, {entry_count} entries given; "
                             f"{<int>BUCKET_BITS_MIN} to {<int>BUCKET_BITS_MAX}, below 2**32 allowed")
        buckets = <uint64_t>1 << bucket_bits
        size = buckets + entry_count * sizeof(uint64_t)
        if <uint64_t>PyBytes_GET_SIZE(body) < size:
            raise ValueError(f"set: {len(body)} bytes given, at least {size} allowed")
        self.make_room(entry_count, bucket_bits)
        for bucket in range(buckets):
            self.starts[bucket] = <uint32_t>total
            total += counts[bucket]
        self.starts[buckets] = <uint32_t>total
        if total != entry_count:
            raise ValueError(f"set: buckets of {total} entries given, {entry_count} allowed")
        memcpy(self.words, counts + buckets, entry_count * sizeof(uint64_t))
        for bucket in range(buckets):
            for at in range(self.starts[bucket] + 1, self.starts[bucket + 1]):
                is_sorted = is_sorted and self.words[at - 1] < self.words[at]
        if not is_sorted:
            raise ValueError("set: entries must be sorted within their bucket, each once")
        self.entry_count = entry_count
        self.odd = body[size:]
        self.odd_count = odd_count
        self.add_filter()
        return self

    def body(self):
        cdef uint64_t buckets = <uint64_t>1 << self.bucket_bits
        cdef bytes written = PyBytes_FromStringAndSize(NULL, buckets + self.entry_count * sizeof(uint64_t))
        cdef uint8_t* start = <uint8_t*>PyBytes_AS_STRING(written)
        cdef uint64_t bucket
        cdef uint32_t count
        for bucket in range(buckets):
            count = self.starts[bucket + 1] - self.starts[bucket]
            if count > IN_BUCKET_MAX:
                raise OverflowError(f"set: {count} entries in a bucket, at most {<int>IN_BUCKET_MAX}")
            start[bucket] = <uint8_t>count
        memcpy(start + buckets, self.words, self.entry_count * sizeof(uint64_t))
        return written + self.odd

    def find(self, uint64_t number, uint32_t tag, uint32_t days_passed):
        cdef uint64_t rest = rest_of_number(number, self.bucket_bits)
        cdef uint64_t bucket = number >> (64 - self.bucket_bits)
        cdef uint32_t is_there = 0, kinds = 0, bounds = 0, days_left
        cdef uint32_t at
        cdef uint64_t word
        if self.filter is not None and not fuse_has(&self.fuse, bucket << REST_BITS | rest):
            return 0, 0, 0
        for at in range(self.starts[bucket], self.starts[bucket + 1]):
            word = self.words[at]
            days_left = word & DAYS_MASK
            if rest_of_word(word) != rest or days_left != DAYS_LEFT_OPEN and days_left < days_passed:
                continue
            is_there = 1
            if (word >> TAG_SHIFT & 0xFFFF) == tag:
                kinds |= word >> KINDS_SHIFT & 7
                bounds |= <uint32_t>1 << (word >> BOUND_SHIFT & 3)
        return is_there, kinds, bounds

    cdef int make_room(self, uint64_t count, uint32_t bits) except -1:
        self.bucket_bits = bits
        self.words = <uint64_t*>malloc((count + 1) * sizeof(uint64_t))
        self.starts = <uint32_t*>calloc((<size_t>1 << bits) + 2, sizeof(uint32_t))
        if self.words == NULL or self.starts == NULL:
            raise MemoryError
        return 0

    cdef int add_filter(self) except -1:
        """The first stage, of the bits of numbers that entries have."""
        cdef bytes keys = PyBytes_FromStringAndSize(NULL, self.entry_count * sizeof(uint64_t))
        cdef uint64_t* start = <uint64_t*>PyBytes_AS_STRING(keys)
        cdef uint64_t bucket, key, count = 0
        cdef uint32_t at
        for bucket in range(<uint64_t>1 << self.bucket_bits):
            for at in range(self.starts[bucket], self.starts[bucket + 1]):
                key = bucket << REST_BITS | rest_of_word(self.words[at])
                if count == 0 or start[count - 1] != key:
                    start[count] = key
                    count += 1
        self.filter = Filter(keys[:count * sizeof(uint64_t)])
        contain, place = self.filter.addresses
        self.fuse.contain = <Contain><size_t>contain
        self.fuse.filter = <const void*><size_t>place
        return 0


cdef int find_odd(const Unsorted* entries, uint64_t count, uint16_t day, set odd) except -1:
    cdef uint64_t at
    for at in range(count):
        if entries[at].held.since_day > day:
            odd.add(entries[at].number)
    return 0


cdef bint is_told(const Held* held, Question* question) noexcept nogil:
    """Whether the unit is to know of it, from its first day on if that is still to come."""
    cdef uint16_t day = question.day
    cdef bint told
    question.day = max(day, held.since_day)
    told = is_for(held, question)
    question.day = day
    return told


cdef uint64_t loosen(const Unsorted* entries, uint64_t count, Question* question, Key key, uint32_t bits,
                     set odd, Loose* loose) except? 0:
    """How many entries the set has, before those that say the same are joined."""
    cdef uint64_t at, kept = 0
    cdef uint64_t number
    cdef bint has_odd = bool(odd)
    for at in range(count):
        if not is_for(&entries[at].held, question) or has_odd and entries[at].number in odd:
            continue
        number = outer(entries[at].number, key)
        loose[kept].bucket = <uint32_t>(number >> (64 - bits))
        loose[kept].word = word_of(
            number, tag_of(entries[at].number, entries[at].held.name, key), &entries[at].held, bits,
            question.day)
        kept += 1
    return kept


cdef bytes told_of(Snapshot snapshot, uint64_t number, Question* question, Key key, uint16_t day):
    """How a number stands, as a delta says it. Who has a thousand listings is told in as many entries as say
    something else."""
    cdef uint64_t hashed = outer(number, key)
    cdef const Held* held
    cdef Told told
    cdef uint16_t since_day, until_day
    cdef dict days = {}
    cdef list parts = []
    for entry in snapshot.entries_of(number):
        held = <const Held*>PyBytes_AS_STRING(entry)
        if held.until_day < day or not is_told(held, question):
            continue
        since_day, until_day = held.since_day, held.until_day
        # What counts today leaves no gap when it is joined; what is still to come might.
        said = (tag_of(number, held.name, key), held.kinds_and_bound, since_day if since_day > day else 0)
        if said in days:
            since_day, until_day = min(since_day, days[said][0]), max(until_day, days[said][1])
        days[said] = (since_day, until_day)
    for (tag, kinds_and_bound, _), (first_day, last_day) in days.items():
        told.tag = tag
        told.kinds_and_bound = kinds_and_bound
        told.since_day = first_day
        told.until_day = last_day
        parts.append(PyBytes_FromStringAndSize(<char*>&told, sizeof(Told)))
    if len(parts) > IN_BUCKET_MAX:
        raise OverflowError(f"delta: {len(parts)} entries of one number, at most {<int>IN_BUCKET_MAX}")
    return PyBytes_FromStringAndSize(<char*>&hashed, sizeof(hashed)) + bytes((len(parts),)) + b"".join(parts)


def proof_of(Hasher hasher not None, bytes key not None, uint32_t id_type, bytes number not None,
             bytes name not None):
    cdef Key words = key_of(key)
    cdef Identity identity
    cdef Slice number_slice, name_slice
    number_slice.start = <const uint8_t*>PyBytes_AS_STRING(number)
    number_slice.size = <uint32_t>PyBytes_GET_SIZE(number)
    name_slice.start = <const uint8_t*>PyBytes_AS_STRING(name)
    name_slice.size = <uint32_t>PyBytes_GET_SIZE(name)
    take_identity(&hasher.hashing, id_type, number_slice, name_slice, &identity)
    settle_name(&hasher.hashing, &identity)
    return outer(identity.number, words), tag_of(identity.number, identity.name, words), identity.fault


def delta_body(Snapshot snapshot not None, Binding binding not None, bytes key not None, rows,
               uint16_t day):
    cdef Key words = key_of(key)
    cdef Question question
    cdef Unsorted unsorted
    cdef dict told = {}
    question.layers = snapshot.layers
    question.bonds = binding.bonds
    question.day = day
    for row in rows:
        if read_row(&snapshot.hasher.hashing, row, &unsorted) and unsorted.number not in told:
            told[unsorted.number] = told_of(snapshot, unsorted.number, &question, words, day)
    return b"".join(told.values()), len(told)
