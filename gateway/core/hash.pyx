"""Hash: SipHash-2-4 with 128 bits of output, keyed.

Two rounds for each eight bytes, four and four at the end. It reads words as the machine holds them, which is
the reference's order on the little-endian machines that this is built for. It does not choose the key.
"""

from libc.string cimport memcpy

cdef struct State:
    uint64_t v0
    uint64_t v1
    uint64_t v2
    uint64_t v3


cdef inline uint64_t turn_left(uint64_t value, int bits) noexcept nogil:
    return (value << bits) | (value >> (64 - bits))


cdef inline void mix(State* state) noexcept nogil:
    """One SipRound."""
    state.v0 += state.v1
    state.v1 = turn_left(state.v1, 13) ^ state.v0
    state.v0 = turn_left(state.v0, 32)
    state.v2 += state.v3
    state.v3 = turn_left(state.v3, 16) ^ state.v2
    state.v0 += state.v3
    state.v3 = turn_left(state.v3, 21) ^ state.v0
    state.v2 += state.v1
    state.v1 = turn_left(state.v1, 17) ^ state.v2
    state.v2 = turn_left(state.v2, 32)


cdef inline void absorb(State* state, uint64_t word) noexcept nogil:
    state.v3 ^= word
    mix(state)
    mix(state)
    state.v0 ^= word


cdef inline uint64_t squeeze(State* state) noexcept nogil:
    mix(state)
    mix(state)
    mix(state)
    mix(state)
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3


cdef Hash128 hash128(const uint8_t* data, size_t size, Key key) noexcept nogil:
    """The hash of `size` bytes; `data` may be NULL when there are none."""
    cdef State state
    cdef Hash128 result
    cdef uint64_t word
    cdef size_t at = 0
    state.v0 = key.low ^ <uint64_t>0x736F6D6570736575
    state.v1 = key.high ^ <uint64_t>0x646F72616E646F6D ^ 0xEE
    state.v2 = key.low ^ <uint64_t>0x6C7967656E657261
    state.v3 = key.high ^ <uint64_t>0x7465646279746573
    while size - at >= 8:
        memcpy(&word, data + at, 8)
        absorb(&state, word)
        at += 8
    word = 0
    if at < size:
        memcpy(&word, data + at, size - at)
    absorb(&state, word | (<uint64_t>size << 56))
    state.v2 ^= 0xEE
    result.low = squeeze(&state)
    state.v1 ^= 0xDD
    result.high = squeeze(&state)
    return result
