"""Canonical: an inquiry as the journal and the institutions get it.

Writes it as the protobuf runtime would (fields ascending, defaults left out), so that equal inquiries are
equal bytes, and reads back only what it wrote. It judges nothing.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from gateway.core.inquiry cimport Inquiry
from gateway.core.wire cimport Buffer, Slice

cdef struct Admitted:
    Slice entry              # the Entry with tag and length (field 2), as a batch carries it; without kind
    Slice entry_body         # the same without tag and length
    Slice order_id
    Slice content_hash       # 16 bytes
    Slice id_number
    Slice name
    Slice case_number
    uint32_t id_type
    uint32_t reach
    uint32_t province_code
    uint32_t urgency
    uint32_t items
    uint32_t freshness_s
    uint64_t deadline_ns
    uint32_t institution_count

# Append the `inquiries` field (4) of an Admission: tag, length, Admitted; of an inquiry without faults.
# `deadline_ns` is not 0. -1: no memory.
cdef int put_admitted(Buffer* out, const Inquiry* inquiry, const uint32_t* institutions,
                      const uint8_t* content_hash, uint64_t deadline_ns) noexcept nogil

# Append what the content hash is taken over: every normalised field but order id; deadline as given in
# seconds. Two faultless inquiries have the same content exactly if they ask the same; one with a fault never
# has that of a faultless one. Call it before a fault is added that is about the order id itself. -1: no
# memory.
cdef int put_content(Buffer* out, const Inquiry* inquiry, const uint32_t* institutions) noexcept nogil

# Read the bytes of one Admitted back. `institutions` as above. -1: not an Admitted that
# put_admitted made; what its strings say is not looked at.
cdef int parse_admitted(Slice slice, Admitted* admitted, uint32_t* institutions) noexcept nogil
