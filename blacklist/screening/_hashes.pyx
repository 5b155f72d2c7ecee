"""Hashes: sorting entries into buckets. See _hashes.pxd.

Two passes of a counting sort by bucket, then a sort by insertion within each: a bucket has three entries, and
hashes leave none with many, except where one person has many listings: these have one hash.
"""

from libc.stdlib cimport calloc, free, malloc


cdef inline bint goes_before(const Held* one, const Held* other) noexcept nogil:
    cdef uint64_t rest = rest_of(one), other_rest = rest_of(other)
    if rest != other_rest:
        return rest < other_rest
    return said_by(one).listing_id < said_by(other).listing_id


cdef void sort_bucket(Held* held, uint32_t count) noexcept nogil:
    cdef uint32_t at, to
    cdef Held moved
    for at in range(1, count):
        moved = held[at]
        to = at
        while to and goes_before(&moved, &held[to - 1]):
            held[to] = held[to - 1]
            to -= 1
        held[to] = moved


cdef int hashes_open(Hashes* hashes, const Unsorted* unsorted, uint32_t count) noexcept nogil:
    cdef uint32_t bits = BUCKET_BITS_MIN
    cdef uint32_t at, shift
    cdef uint64_t bucket
    while bits < BUCKET_BITS_MAX and count >> bits >= 2 * BUCKET_FILL:
        bits += 1
    hashes.bucket_bits = bits
    hashes.count = count
    hashes.held = <Held*>malloc((<size_t>count + 1) * sizeof(Held))
    # Two more than buckets: while entries are laid down, starts[b + 1] is where the next of bucket b goes.
    hashes.starts = <uint32_t*>calloc((<size_t>1 << bits) + 2, sizeof(uint32_t))
    if hashes.held == NULL or hashes.starts == NULL:
        hashes_close(hashes)
        return -1
    shift = 64 - bits
    for at in range(count):
        hashes.starts[(unsorted[at].number >> shift) + 2] += 1
    for bucket in range(2, bucket_count(hashes) + 2):
        hashes.starts[bucket] += hashes.starts[bucket - 1]
    for at in range(count):
        bucket = unsorted[at].number >> shift
        hashes.held[hashes.starts[bucket + 1]] = unsorted[at].held
        hashes.starts[bucket + 1] += 1
    for bucket in range(bucket_count(hashes)):
        sort_bucket(hashes.held + hashes.starts[bucket], hashes.starts[bucket + 1] - hashes.starts[bucket])
    return 0


cdef void hashes_close(Hashes* hashes) noexcept nogil:
    free(hashes.held)
    free(hashes.starts)
    hashes.held = NULL
    hashes.starts = NULL
    hashes.count = 0


cdef uint64_t hashes_numbers(const Hashes* hashes, uint64_t* numbers) noexcept nogil:
    cdef uint64_t bucket, number
    cdef uint64_t found = 0
    cdef uint32_t at
    cdef uint32_t shift = 64 - hashes.bucket_bits
    for bucket in range(bucket_count(hashes)):
        for at in range(hashes.starts[bucket], hashes.starts[bucket + 1]):
            # The bits that both bucket and rest have agree.
            number = bucket << shift | rest_of(&hashes.held[at])
            if found == 0 or numbers[found - 1] != number:
                numbers[found] = number
                found += 1
    return found
