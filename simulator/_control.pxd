"""Control: what an institution has to know of a control, read from the bytes of its batch.

It takes the fields that decide and steps over the rest of the mandate, which is the institution's to file.
Texts are decoded, and must be UTF-8. It judges nothing; orders does.
"""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t


@cython.final
cdef class Control:
    cdef readonly uint64_t control_id
    cdef readonly int32_t kind
    cdef readonly uint64_t hold_id
    # Of the mandate.
    cdef readonly str court_code
    cdef readonly bint has_case
    cdef readonly int32_t instrument_kind
    cdef readonly bint has_notice
    # Of the subject.
    cdef readonly int32_t id_type
    cdef readonly str id_number
    cdef readonly str name
    # Of the property; `has_property`: it was sent, if only with its defaults.
    cdef readonly bint has_property
    cdef readonly uint32_t institution
    cdef readonly uint32_t item
    cdef readonly str locator
    cdef readonly int64_t ceiling_fen
    cdef readonly bint whole
    cdef readonly int64_t amount_fen
    cdef readonly uint32_t months
    cdef readonly str payee_account
    # A hash of all that was sent, compared within this process only.
    cdef readonly bytes content
