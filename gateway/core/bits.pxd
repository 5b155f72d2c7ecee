"""Bits: sets of institutions (Bits, by index) and of the institutions behind one endpoint (Mask, by place
there)."""

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memset

cdef extern from *:
    int ctz64 "__builtin_ctzll"(unsigned long long) noexcept nogil
    int popcount64 "__builtin_popcountll"(unsigned long long) noexcept nogil

cdef enum:
    INSTITUTIONS_MAX = 4096
    WORDS = 64                  # INSTITUTIONS_MAX / 64
    # institutions behind one endpoint; the largest provincial unions have under 100
    BEHIND_MAX = 128

cdef struct Bits:
    uint64_t words[64]

cdef struct Mask:
    uint64_t low
    uint64_t high

cdef inline void bits_clear(Bits* bits) noexcept nogil:
    memset(bits, 0, sizeof(Bits))

cdef inline void bits_set(Bits* bits, uint32_t index) noexcept nogil:
    bits.words[index >> 6] |= 1ULL << (index & 63)

cdef inline bint bits_has(const Bits* bits, uint32_t index) noexcept nogil:
    return (bits.words[index >> 6] >> (index & 63)) & 1

cdef inline uint32_t bits_count(const Bits* bits) noexcept nogil:
    cdef uint32_t count = 0
    cdef int word
    for word in range(WORDS):
        count += popcount64(bits.words[word])
    return count

cdef inline uint32_t bits_count_in(const Bits* bits, uint32_t from_word, uint32_t to_word) noexcept nogil:
    """Of the institutions 64 * from_word .. 64 * to_word."""
    cdef uint32_t count = 0
    cdef uint32_t word
    for word in range(from_word, to_word):
        count += popcount64(bits.words[word])
    return count

cdef inline void bits_and_in(Bits* bits, const Bits* other, uint32_t from_word,
                             uint32_t to_word) noexcept nogil:
    cdef uint32_t word
    for word in range(from_word, to_word):
        bits.words[word] &= other.words[word]

cdef inline bint bits_empty(const Bits* bits) noexcept nogil:
    cdef uint64_t union = 0
    cdef int word
    for word in range(WORDS):
        union |= bits.words[word]
    return union == 0

cdef inline bint bits_within(const Bits* inner, const Bits* outer) noexcept nogil:
    """Is every institution of `inner` in `outer`?"""
    cdef uint64_t outside = 0
    cdef int word
    for word in range(WORDS):
        outside |= inner.words[word] & ~outer.words[word]
    return outside == 0

cdef inline void bits_and(Bits* bits, const Bits* other) noexcept nogil:
    cdef int word
    for word in range(WORDS):
        bits.words[word] &= other.words[word]

cdef inline void bits_or(Bits* bits, const Bits* other) noexcept nogil:
    cdef int word
    for word in range(WORDS):
        bits.words[word] |= other.words[word]

cdef inline void bits_remove(Bits* bits, const Bits* other) noexcept nogil:
    cdef int word
    for word in range(WORDS):
        bits.words[word] &= ~other.words[word]

cdef inline bint mask_has(Mask mask, uint32_t place) noexcept nogil:
    return ((mask.high if place >= 64 else mask.low) >> (place & 63)) & 1

cdef inline void mask_set(Mask* mask, uint32_t place) noexcept nogil:
    if place >= 64:
        mask.high |= 1ULL << (place & 63)
    else:
        mask.low |= 1ULL << place

cdef inline bint mask_empty(Mask mask) noexcept nogil:
    return (mask.low | mask.high) == 0

cdef inline bint mask_equal(Mask left, Mask right) noexcept nogil:
    return left.low == right.low and left.high == right.high

cdef inline uint32_t mask_count(Mask mask) noexcept nogil:
    return popcount64(mask.low) + popcount64(mask.high)

cdef inline Mask mask_and(Mask left, Mask right) noexcept nogil:
    cdef Mask result
    result.low = left.low & right.low
    result.high = left.high & right.high
    return result

cdef inline Mask mask_or(Mask left, Mask right) noexcept nogil:
    cdef Mask result
    result.low = left.low | right.low
    result.high = left.high | right.high
    return result

cdef inline Mask mask_without(Mask left, Mask right) noexcept nogil:
    cdef Mask result
    result.low = left.low & ~right.low
    result.high = left.high & ~right.high
    return result

cdef inline int mask_next(Mask mask, int place) noexcept nogil:
    """The first place in `mask` at or after `place`; -1 when there is none."""
    cdef uint64_t rest
    if place < 64:
        rest = mask.low >> place
        if rest:
            return place + ctz64(rest)
        place = 64
    if place < 128:
        rest = mask.high >> (place - 64)
        if rest:
            return place + ctz64(rest)
    return -1

cdef inline int bits_next_in(const Bits* bits, int index, int to_word) noexcept nogil:
    """The first institution in `bits` at or after `index` and below 64 * to_word; -1 when there is none."""
    cdef int word = index >> 6
    cdef uint64_t rest
    if word >= to_word:
        return -1
    rest = bits.words[word] >> (index & 63)
    if rest:
        return index + ctz64(rest)
    word += 1
    while word < to_word:
        if bits.words[word]:
            return (word << 6) + ctz64(bits.words[word])
        word += 1
    return -1

cdef inline int bits_next(const Bits* bits, int index) noexcept nogil:
    """The first institution in `bits` at or after `index`; -1 when there is none."""
    return bits_next_in(bits, index, WORDS)
