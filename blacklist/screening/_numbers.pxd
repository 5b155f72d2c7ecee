"""Numbers: whether a number can be one of its type, and the bytes that stand for it.

A number that cannot exist is on no list, and to say so of it would be a guess about whoever was meant: it is
told as a fault. Whether a number was ever given out is not asked.
Sources: GB 11643-1999 (resident identity number), GB 32100-2015 (unified social credit code).
"""

from libc.stdint cimport uint8_t, uint32_t

cdef enum:
    RESIDENT_ID = 1          # of chakong.type.v1.IdType
    CREDIT_CODE = 2
    PASSPORT = 3
    NUMBER_BYTES_MAX = 20
    # Type and number.
    IDENTITY_BYTES_MAX = 1 + NUMBER_BYTES_MAX

# Writes the type and the number in capitals to `identity`; its size, or 0 for what can be no number of this
# type.
cdef int write_identity(uint32_t id_type, const uint8_t* number, uint32_t size,
                        uint8_t* identity) noexcept nogil
