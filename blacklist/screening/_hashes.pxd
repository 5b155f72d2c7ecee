"""Hashes: the entries of the list as hashes, found by the number of a person or organisation.

Entries are sorted by the hash of type and number, in buckets by its first bits; a bucket has about three. An
entry keeps the last 48 bits of that hash, and a bucket stands for at least the first 16, so nothing of 64 is
lost; with the 32 bits of the name's hash, 96 bits must agree before anybody is said to be on the list.
Immutable once made. 20 bytes an entry and 4 a bucket.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

cdef extern from *:
    """
    /* A function that does nothing but prefetch counts as one without effect, and gcc leaves out calls of
       it. An empty statement that it may not judge keeps them. */
    #define PREFETCH(place) do { __builtin_prefetch(place); __asm__ volatile(""); } while (0)
    """
    void prefetch "PREFETCH"(const void* place) noexcept nogil

cdef enum:
    BUCKET_BITS_MIN = 16
    BUCKET_BITS_MAX = 28
    REST_BITS = 48
    # Entries a bucket, at least, when there are many.
    BUCKET_FILL = 2
    ENTRIES_MAX = 1 << 29

# What an entry says when its number was found.
cdef struct Said:
    uint64_t listing_id      # below 2^40
    uint32_t name            # hash of the folded name
    uint16_t since_day       # days since 1970; counts from then on
    uint16_t until_day       # the last day that it counts; FOREVER: no end is set
    uint8_t kinds            # bits: LISTED, RESTRICTED, DERIVED
    uint8_t bound            # whom it binds, and so by which measures: below BOUNDS_MAX

cdef enum:
    LISTED = 1
    RESTRICTED = 2
    DERIVED = 4
    FOREVER = 0xFFFF
    LISTING_ID_BITS = 40
    BOUNDS_MAX = 4

# As it is kept. `kinds` in the upper three bits of its byte, `bound` in the lower ones.
cdef packed struct Held:
    uint32_t rest_high       # bits 16 to 47 of the number's hash
    uint16_t rest_low        # bits 0 to 15
    uint32_t name
    uint32_t listing_low
    uint8_t listing_high
    uint8_t kinds_and_bound
    uint16_t since_day
    uint16_t until_day

# As it comes, before it is sorted.
cdef packed struct Unsorted:
    uint64_t number
    Held held

cdef struct Hashes:
    Held* held
    uint32_t* starts         # entries of bucket b: held[starts[b]] to held[starts[b + 1] - 1]
    uint32_t count
    uint32_t bucket_bits

# Sorts what came; equal numbers by listing. -1: no memory, and nothing to close.
cdef int hashes_open(Hashes* hashes, const Unsorted* unsorted, uint32_t count) noexcept nogil
cdef void hashes_close(Hashes* hashes) noexcept nogil
# The distinct hashes of numbers, sorted, into room for `count` of them; returns how many.
cdef uint64_t hashes_numbers(const Hashes* hashes, uint64_t* numbers) noexcept nogil

cdef inline uint64_t bucket_count(const Hashes* hashes) noexcept nogil:
    return <uint64_t>1 << hashes.bucket_bits

cdef inline uint64_t hashes_size(const Hashes* hashes) noexcept nogil:
    """Bytes."""
    return hashes.count * sizeof(Held) + (bucket_count(hashes) + 1) * sizeof(uint32_t)

cdef inline uint64_t rest_of(const Held* held) noexcept nogil:
    return <uint64_t>held.rest_high << 16 | held.rest_low

cdef inline void hashes_ahead(const Hashes* hashes, uint64_t number) noexcept nogil:
    """Ask memory for the bucket of a number that will be looked for soon."""
    prefetch(&hashes.starts[number >> (64 - hashes.bucket_bits)])

cdef inline void hashes_ahead_held(const Hashes* hashes, uint64_t number) noexcept nogil:
    """The same for its entries, when the bucket has come."""
    prefetch(&hashes.held[hashes.starts[number >> (64 - hashes.bucket_bits)]])

cdef inline uint32_t hashes_find(const Hashes* hashes, uint64_t number, uint32_t* end) noexcept nogil:
    """The first entry of this number, and in `end` the one after its last; the same when there is none."""
    cdef uint64_t bucket = number >> (64 - hashes.bucket_bits)
    cdef uint64_t rest = number & ((<uint64_t>1 << REST_BITS) - 1)
    cdef uint32_t at = hashes.starts[bucket]
    cdef uint32_t bucket_end = hashes.starts[bucket + 1]
    while at < bucket_end and rest_of(&hashes.held[at]) < rest:
        at += 1
    end[0] = at
    while end[0] < bucket_end and rest_of(&hashes.held[end[0]]) == rest:
        end[0] += 1
    return at

cdef inline Said said_by(const Held* held) noexcept nogil:
    cdef Said said
    said.listing_id = <uint64_t>held.listing_high << 32 | held.listing_low
    said.name = held.name
    said.since_day = held.since_day
    said.until_day = held.until_day
    said.kinds = held.kinds_and_bound >> 5
    said.bound = held.kinds_and_bound & 31
    return said

cdef inline Held held_of(uint64_t number, Said said) noexcept nogil:
    cdef Held held
    held.rest_high = <uint32_t>(number >> 16)
    held.rest_low = <uint16_t>number
    held.name = said.name
    held.listing_low = <uint32_t>said.listing_id
    held.listing_high = <uint8_t>(said.listing_id >> 32)
    held.kinds_and_bound = <uint8_t>(said.kinds << 5 | said.bound)
    held.since_day = said.since_day
    held.until_day = said.until_day
    return held
