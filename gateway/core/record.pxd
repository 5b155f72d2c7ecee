"""Record: one found item of property, as an institution sends it and as a court gets it.

A record is checked field by field and compared with the subject asked about. One that came as we would write
it (as the protobuf runtimes do) is copied as it stands; any other is written anew, with its known fields,
ascending. It knows nothing of findings, entries or institutions; reply does.
"""

from libc.stdint cimport uint8_t, uint32_t

from gateway.core.wire cimport Buffer, Slice

cdef enum:                    # Settled.fault, as in _core.pyi
    FAULT_NONE = 0
    FAULT_GARBAGE = 1
    FAULT_UNKNOWN_BATCH = 2
    FAULT_UNKNOWN_INDEX = 3
    FAULT_WRONG_INSTITUTION = 4
    FAULT_FOREIGN_RECORD = 5
    FAULT_REFUSAL = 6

cdef enum:
    RECORD_TAG = 0x1A         # gateway.Finding.records = 3
    RECORD_HEAD_MAX = 4       # its tag, and a length of up to three bytes

cdef struct Subject:          # whom an entry asks about
    Slice id_number
    Slice name

# Number and name out of a canonical Entry; empty where it has none.
cdef void subject_read(const uint8_t* body, uint32_t size, Subject* subject) noexcept nogil
# Append a Record as Finding.records; `fits`: both number and name are those asked about. A fault, or
# FAULT_NONE; -1: no memory.
cdef int record_write(Buffer* out, Slice slice, const Subject* subject, bint* fits) noexcept nogil
