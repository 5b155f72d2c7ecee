"""Entry: one question of a batch, read in place.

Pure C. It takes from an entry what decides its answer (subject, items, institutions, kind) and steps over
the rest; the mandate is the institution's to book, not to judge.
"""

from libc.stdint cimport uint8_t, uint32_t

from simulator._draw cimport Subject
from simulator._wire cimport Reader, Slice

cdef enum:
    BITMAP_BYTES = 512       # a bit for each of INSTITUTIONS_MAX
    KIND_ASK = 1
    ITEMS_ALL = (1 << 25) - 1

cdef struct Entry:
    Subject subject
    uint32_t items           # bit code-1; ITEMS_ALL when it names none
    uint32_t kind
    bint is_listed           # it names its institutions; else it goes to those of the stream
    uint8_t institutions[BITMAP_BYTES]    # meaningless unless is_listed

cdef inline bint has_bit(const uint8_t* bits, uint32_t index) noexcept nogil:
    return bits[index >> 3] >> (index & 7) & 1

# Set the bits of a repeated uint32, packed or not, at `reader`; numbers that no bit stands for are left out.
# -1: unreadable.
cdef int read_bits(Reader* reader, uint32_t wire_type, uint8_t* bits, uint32_t bit_count) noexcept nogil

# Read the bytes of one Entry, but for what settle_subject adds. -1: unreadable.
cdef int read_entry(Slice body, Entry* entry) noexcept nogil
