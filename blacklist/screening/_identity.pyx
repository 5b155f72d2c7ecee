"""Identity: hashing. See _identity.pxd and .pyi."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t
from libc.string cimport memcpy

from blacklist.screening._hash cimport hash64
from blacklist.screening._names cimport FOLDED_BYTES_MAX, fold_name, name_counts
from blacklist.screening._numbers cimport IDENTITY_BYTES_MAX, write_identity


@cython.final
cdef class Hasher:
    def __cinit__(self, bytes key not None, Folding folding not None):
        if PyBytes_GET_SIZE(key) != sizeof(Key):
            raise ValueError(f"key: {len(key)} bytes given, {sizeof(Key)} allowed")
        memcpy(&self.hashing.key, PyBytes_AS_STRING(key), sizeof(Key))
        self.folding = folding
        self.hashing.to = folding.to

    def identity(self, uint32_t id_type, bytes number not None, bytes name not None):
        cdef Identity identity
        cdef Slice number_slice, name_slice
        number_slice.start = <const uint8_t*>PyBytes_AS_STRING(number)
        number_slice.size = <uint32_t>PyBytes_GET_SIZE(number)
        name_slice.start = <const uint8_t*>PyBytes_AS_STRING(name)
        name_slice.size = <uint32_t>PyBytes_GET_SIZE(name)
        take_identity(&self.hashing, id_type, number_slice, name_slice, &identity)
        settle_name(&self.hashing, &identity)
        return identity.number, identity.name, identity.fault


cdef void take_identity(const Hashing* hashing, uint32_t id_type, Slice number, Slice name,
                        Identity* identity) noexcept nogil:
    cdef uint8_t written[IDENTITY_BYTES_MAX]
    cdef int size = write_identity(id_type, number.start, number.size, written)
    identity.number = 0
    identity.name = 0
    if size == 0:
        identity.fault = BAD_NUMBER
        return
    # A name of spaces and dots alone names nobody. What it folds to is only looked at after a hit.
    if name_counts(hashing.to, name.start, name.size) <= 0:
        identity.fault = BAD_NAME
        return
    identity.fault = NO_FAULT
    identity.number = hash64(written, size, hashing.key)
    identity.name_text = name


cdef void settle_name(const Hashing* hashing, Identity* identity) noexcept nogil:
    cdef uint8_t folded[FOLDED_BYTES_MAX]
    cdef int size
    if identity.fault == NO_FAULT:
        size = fold_name(hashing.to, identity.name_text.start, identity.name_text.size, folded)
        identity.name = <uint32_t>hash64(folded, size, hashing.key)
