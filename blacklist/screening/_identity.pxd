"""Identity: a person or organisation as hashes of type, number and name; nothing of either is kept.

The number alone makes 64 bits, the name 32; both together make 96 for a proof that leaves the house. The key
is the deployment's: whoever has no key cannot even tell whose hash one is.
"""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from blacklist.screening._hash cimport Key
from blacklist.screening._names cimport Folding
from blacklist.screening._wire cimport Slice

cdef enum:                   # with the numbers of chakong.blacklist.v1.SubjectFault
    NO_FAULT = 0
    BAD_NUMBER = 1
    BAD_NAME = 2

cdef struct Identity:
    uint64_t number
    Slice name_text
    uint32_t name            # settle_name's
    uint32_t fault           # what is wrong with it; then the rest says nothing

cdef struct Hashing:
    Key key
    const uint16_t* to       # a Folding's table

# All but the hash of the name, which few are asked for.
cdef void take_identity(const Hashing* hashing, uint32_t id_type, Slice number, Slice name,
                        Identity* identity) noexcept nogil
# The rest; the bytes of the name must still be there.
cdef void settle_name(const Hashing* hashing, Identity* identity) noexcept nogil

cdef class Hasher:
    cdef Hashing hashing
    cdef readonly Folding folding      # keeps the table
