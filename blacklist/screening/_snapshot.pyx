"""Snapshot: base and overlay, and how the next one is made. See _snapshot.pyi.

A change touches a number: all its entries move to the overlay of the next snapshot, with one that never
counts. So the overlay alone answers for that number, also when nothing of it is left.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from blacklist.screening._bulk cimport (
    NO_MEMORY,
    SUBJECTS_MAX,
    TOO_MANY,
    Hit,
    Screened,
    is_named,
    screen_bulk,
    screened_close,
    write_response,
)
from blacklist.screening._entries cimport collect, read_row
from blacklist.screening._fuse cimport Contain, Places
from blacklist.screening._hashes cimport (
    BOUNDS_MAX,
    ENTRIES_MAX,
    FOREVER,
    Held,
    Said,
    Unsorted,
    bucket_count,
    hashes_close,
    hashes_find,
    hashes_numbers,
    hashes_open,
    hashes_size,
    held_of,
    rest_of,
    said_by,
)
from blacklist.screening._look cimport TOUCHED_BITS, TOUCHED_WORDS, Question, is_touched
from blacklist.screening._wire cimport buffer_free, room_for

from blacklist.screening.filter import Filter

cdef enum:
    MEASURE_MAX = 63


class MessageError(ValueError):
    """See _snapshot.pyi."""


@cython.final
cdef class Base:
    def __dealloc__(self):
        hashes_close(&self.hashes)

    @classmethod
    def of_entries(cls, Hasher hasher not None, rows):
        cdef Base self = Base.__new__(Base)
        cdef Buffer unsorted
        cdef list refused = []
        memset(&unsorted, 0, sizeof(Buffer))
        try:
            collect(&hasher.hashing, rows, &unsorted, refused)
            self.take(&unsorted)
        finally:
            buffer_free(&unsorted)
        self.refused = tuple(refused)
        return self

    @property
    def entry_count(self):
        return self.hashes.count

    @property
    def size_bytes(self):
        return hashes_size(&self.hashes) + self.filter.size_bytes

    cdef int take(self, Buffer* unsorted) except -1:
        cdef uint64_t count = unsorted.size // sizeof(Unsorted)
        cdef uint64_t found
        cdef int failed
        cdef bytes numbers
        if count > ENTRIES_MAX:
            raise ValueError(f"entries: {count} given, at most {<uint64_t>ENTRIES_MAX} allowed")
        with nogil:
            failed = hashes_open(&self.hashes, <const Unsorted*>unsorted.start, <uint32_t>count)
        if failed:
            raise MemoryError
        buffer_free(unsorted)
        numbers = PyBytes_FromStringAndSize(NULL, count * sizeof(uint64_t))
        found = hashes_numbers(&self.hashes, <uint64_t*>PyBytes_AS_STRING(numbers))
        self.filter = Filter(numbers if found == count else numbers[:found * sizeof(uint64_t)])
        contain, place = self.filter.addresses
        self.fuse.contain = <Contain><size_t>contain
        self.fuse.filter = <const void*><size_t>place
        seed, length, mask, count_length, cells = self.filter.places
        self.fuse.places = Places(seed, length, mask, count_length, <const uint8_t*><size_t>cells)
        return 0


@cython.final
cdef class Binding:
    def __cinit__(self, measures):
        cdef uint32_t bound
        if len(measures) > BOUNDS_MAX:
            raise ValueError(f"bounds: {len(measures)} given, at most {<int>BOUNDS_MAX} allowed")
        for bound, numbers in enumerate(measures):
            for measure in numbers:
                if not 1 <= measure <= MEASURE_MAX:
                    raise ValueError(f"measure: {measure} given, 1 to {<int>MEASURE_MAX} allowed")
                self.bonds.measures[bound] |= <uint64_t>1 << <int>measure


@cython.final
cdef class Snapshot:
    def __cinit__(self, Base base not None, Hasher hasher not None, uint64_t version):
        self.base = base
        self.hasher = hasher
        self.version = version
        self.layers.base = &base.hashes
        self.layers.fuse = &base.fuse

    def __dealloc__(self):
        hashes_close(&self.overlay)
        free(self.touched)

    @property
    def entry_count(self):
        cdef uint32_t at
        cdef uint64_t count = self.base.hashes.count
        cdef uint64_t bucket, number
        cdef uint32_t end, first
        for bucket in range(bucket_count(&self.overlay) if self.touched != NULL else 0):
            for at in range(self.overlay.starts[bucket], self.overlay.starts[bucket + 1]):
                if said_by(&self.overlay.held[at]).kinds:
                    count += 1
                else:
                    number = bucket << (64 - self.overlay.bucket_bits) | rest_of(&self.overlay.held[at])
                    first = hashes_find(&self.base.hashes, number, &end)
                    count -= end - first
        return count

    @property
    def changed_count(self):
        return self.overlay.count

    def changed(self, changes, uint64_t version):
        cdef Snapshot after = Snapshot(self.base, self.hasher, version)
        cdef Unsorted unsorted
        cdef Buffer gathered
        cdef dict touched = {}
        if version < self.version:
            raise ValueError(f"version: {version} given, at least {self.version} allowed")
        for is_added, row in changes:
            if not read_row(&self.hasher.hashing, row, &unsorted):
                continue
            entries = touched.get(unsorted.number)
            if entries is None:
                entries = touched[unsorted.number] = self.entries_of(unsorted.number)
            held = PyBytes_FromStringAndSize(<char*>&unsorted.held, sizeof(Held))
            entries[:] = [one for one in entries if not is_same_entry(one, held)]
            if is_added:
                entries.append(held)
        memset(&gathered, 0, sizeof(Buffer))
        try:
            gather_overlay(self, touched, &gathered)
            for number, entries in touched.items():
                for held in (never(number), *entries):
                    append(&gathered, number, held)
            after.lay(&gathered)
        finally:
            buffer_free(&gathered)
        return after

    def merged(self):
        cdef Base base = Base.__new__(Base)
        cdef Buffer unsorted
        memset(&unsorted, 0, sizeof(Buffer))
        try:
            self.gather(&unsorted)
            base.take(&unsorted)
        finally:
            buffer_free(&unsorted)
        base.refused = self.base.refused
        return Snapshot(base, self.hasher, self.version)

    def screen(self, bytes message not None, Binding binding not None, uint16_t day, int64_t as_of_ns):
        cdef Screened screened
        cdef Question question
        cdef const uint8_t* start = <const uint8_t*>PyBytes_AS_STRING(message)
        cdef size_t size = PyBytes_GET_SIZE(message)
        cdef int result
        question.layers = self.layers
        question.bonds = binding.bonds
        question.day = day
        memset(&screened, 0, sizeof(Screened))
        try:
            with nogil:
                result = screen_bulk(&question, &self.hasher.hashing, start, size, &screened)
                if result == 0:
                    result = write_response(&question, &screened, self.version, as_of_ns)
            if result == NO_MEMORY:
                raise MemoryError
            if result == TOO_MANY:
                raise MessageError(f"subjects: more than {<int>SUBJECTS_MAX} given, at most so many allowed")
            if result != 0:
                raise MessageError("message: must be readable as chakong.blacklist.v1.ScreenBulkRequest")
            return (PyBytes_FromStringAndSize(<char*>screened.response.start, screened.response.size),
                    named_listings(&question, &screened))
        finally:
            screened_close(&screened)

    cdef int lay(self, Buffer* unsorted) except -1:
        """These entries are the overlay."""
        cdef const Unsorted* entries = <const Unsorted*>unsorted.start
        cdef uint64_t count = unsorted.size // sizeof(Unsorted)
        cdef uint64_t at, bit
        if count == 0:
            return 0
        self.touched = <uint64_t*>calloc(TOUCHED_WORDS, sizeof(uint64_t))
        if self.touched == NULL or hashes_open(&self.overlay, entries, <uint32_t>count) != 0:
            raise MemoryError
        for at in range(count):
            bit = entries[at].number & ((1 << TOUCHED_BITS) - 1)
            self.touched[bit >> 6] |= <uint64_t>1 << (bit & 63)
        self.layers.overlay = &self.overlay
        self.layers.touched = self.touched
        return 0

    cdef list entries_of(self, uint64_t number):
        """Held of each entry that counts, as bytes."""
        cdef const Hashes* hashes = &self.base.hashes
        cdef uint32_t at, end
        if is_touched(&self.layers, number) and hashes_find(&self.overlay, number, &end) != end:
            hashes = &self.overlay
        at = hashes_find(hashes, number, &end)
        return [PyBytes_FromStringAndSize(<char*>&hashes.held[one], sizeof(Held))
                for one in range(at, end) if said_by(&hashes.held[one]).kinds]

    cdef int gather(self, Buffer* unsorted) except -1:
        cdef int failed
        with nogil:
            failed = gather_hashes(&self.base.hashes, &self.layers, unsorted)
            if not failed and self.layers.touched != NULL:
                failed = gather_hashes(&self.overlay, NULL, unsorted)
        if failed:
            raise MemoryError
        return 0


cdef int gather_hashes(const Hashes* hashes, const Layers* over, Buffer* unsorted) noexcept nogil:
    """The entries that count of one layer, but for numbers that the overlay of `over` answers for."""
    cdef uint64_t bucket, number
    cdef uint32_t at, end
    cdef Unsorted* to
    if room_for(unsorted, <size_t>hashes.count * sizeof(Unsorted)) != 0:
        return -1
    for bucket in range(bucket_count(hashes)):
        for at in range(hashes.starts[bucket], hashes.starts[bucket + 1]):
            number = bucket << (64 - hashes.bucket_bits) | rest_of(&hashes.held[at])
            if said_by(&hashes.held[at]).kinds == 0:
                continue
            if over != NULL and is_touched(over, number) and hashes_find(over.overlay, number, &end) != end:
                continue
            to = <Unsorted*>(unsorted.start + unsorted.size)
            to.number = number
            to.held = hashes.held[at]
            unsorted.size += sizeof(Unsorted)
    return 0


cdef int gather_overlay(Snapshot snapshot, dict touched, Buffer* gathered) except -1:
    """The overlay of `snapshot` as it is, but for the touched numbers."""
    cdef const Hashes* hashes = &snapshot.overlay
    cdef uint64_t bucket, number
    cdef uint32_t at
    for bucket in range(bucket_count(hashes) if snapshot.touched != NULL else 0):
        for at in range(hashes.starts[bucket], hashes.starts[bucket + 1]):
            number = bucket << (64 - hashes.bucket_bits) | rest_of(&hashes.held[at])
            if number not in touched:
                append(gathered, number, PyBytes_FromStringAndSize(<char*>&hashes.held[at], sizeof(Held)))
    return 0


cdef int append(Buffer* gathered, uint64_t number, bytes held) except -1:
    cdef Unsorted* to
    if room_for(gathered, sizeof(Unsorted)) != 0:
        raise MemoryError
    to = <Unsorted*>(gathered.start + gathered.size)
    to.number = number
    memcpy(&to.held, PyBytes_AS_STRING(held), sizeof(Held))
    gathered.size += sizeof(Unsorted)
    return 0


cdef bytes never(uint64_t number):
    """An entry that counts on no day: it says that the overlay answers for this number."""
    cdef Said said
    memset(&said, 0, sizeof(Said))
    said.since_day = FOREVER
    cdef Held held = held_of(number, said)
    return PyBytes_FromStringAndSize(<char*>&held, sizeof(Held))


cdef bint is_same_entry(bytes one, bytes other) except -1:
    """Of one number: the same listing, binding the same way. Its name and days may have been corrected."""
    cdef Said left = said_by(<const Held*>PyBytes_AS_STRING(one))
    cdef Said right = said_by(<const Held*>PyBytes_AS_STRING(other))
    return left.listing_id == right.listing_id and left.kinds == right.kinds and left.bound == right.bound


cdef list named_listings(const Question* question, const Screened* screened):
    cdef const Hit* hits = <const Hit*>screened.hits.start
    cdef const Held* held
    cdef list named = []
    cdef size_t at
    for at in range(screened.hits.size // sizeof(Hit)):
        held = hits[at].finding.first
        while held < hits[at].finding.end:
            if is_named(question, &hits[at].finding, held):
                named.append((said_by(held).listing_id, hits[at].finding.outcome))
            held += 1
    return named
