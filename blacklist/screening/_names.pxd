"""Names: what of a name counts when two are compared.

Two names are one when they fold to the same bytes: width, large and small letters, traditional and simplified
characters, and the spaces and middle dots that one clerk writes and the other leaves out make no difference.
Everything else does: nothing is guessed from likeness. The table is made by folding.py; characters beyond
U+FFFF stay.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

cdef enum:
    NAME_BYTES_MAX = 256          # of the contract
    # A letter of two bytes may fold to one of three.
    FOLDED_BYTES_MAX = 400
    CHARACTERS = 0x10000
    DROPPED = 0                   # in the table: does not count

cdef class Folding:
    cdef uint16_t to[CHARACTERS]

# Whether there is anything in it that counts; -1: not UTF-8, or too long.
cdef int name_counts(const uint16_t* to, const uint8_t* name, uint32_t size) noexcept nogil

# Size of what is written to `out`, which has room for FOLDED_BYTES_MAX; -1: not UTF-8, or too long. `to` is a
# Folding's.
cdef int fold_name(const uint16_t* to, const uint8_t* name, uint32_t size, uint8_t* out) noexcept nogil
