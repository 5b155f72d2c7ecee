"""Entries: reading rows. See _entries.pxd."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from blacklist.screening._hashes cimport (
    BOUNDS_MAX,
    DERIVED,
    FOREVER,
    LISTED,
    LISTING_ID_BITS,
    RESTRICTED,
    Said,
    held_of,
)
from blacklist.screening._identity cimport NO_FAULT, Identity, settle_name, take_identity
from blacklist.screening._wire cimport Slice, room_for

cdef enum:
    KINDS_MAX = LISTED | RESTRICTED | DERIVED


cdef int collect(const Hashing* hashing, object rows, Buffer* unsorted, list refused) except -1:
    for row in rows:
        if room_for(unsorted, sizeof(Unsorted)) != 0:
            raise MemoryError
        if read_row(hashing, row, <Unsorted*>(unsorted.start + unsorted.size)):
            unsorted.size += sizeof(Unsorted)
        else:
            refused.append(row[3])
    return 0


cdef bint read_row(const Hashing* hashing, object row, Unsorted* unsorted) except -1:
    cdef Identity identity
    cdef Said said
    cdef Slice number_slice, name_slice
    cdef Py_ssize_t name_size = 0
    cdef uint32_t id_type
    cdef bytes number
    cdef str name
    cdef uint64_t listing_id
    cdef uint32_t kinds, bound, since_day, until_day
    id_type, number, name, listing_id, kinds, bound, since_day, until = row
    until_day = FOREVER if until is None else until
    if listing_id >> LISTING_ID_BITS:
        raise ValueError(f"listing id: {listing_id} given, below 2**{<int>LISTING_ID_BITS} allowed")
    if not 0 < kinds <= KINDS_MAX or bound >= BOUNDS_MAX:
        raise ValueError(
            f"listing {listing_id}: kinds {kinds}, bound {bound} given; kinds 1 to {<int>KINDS_MAX}, "
            f"bound below {<int>BOUNDS_MAX} allowed")
    if since_day >= FOREVER or until_day > FOREVER:
        raise ValueError(
            f"listing {listing_id}: day {max(since_day, until_day)} given, below {<int>FOREVER} allowed")
    number_slice.start = <const uint8_t*>PyBytes_AS_STRING(number)
    number_slice.size = <uint32_t>PyBytes_GET_SIZE(number)
    name_slice.start = <const uint8_t*>PyUnicode_AsUTF8AndSize(name, &name_size)
    name_slice.size = <uint32_t>name_size
    take_identity(hashing, id_type, number_slice, name_slice, &identity)
    settle_name(hashing, &identity)
    if identity.fault != NO_FAULT:
        return False
    said.listing_id = listing_id
    said.name = identity.name
    said.kinds = <uint8_t>kinds
    said.bound = <uint8_t>bound
    said.since_day = <uint16_t>since_day
    said.until_day = <uint16_t>until_day
    unsorted.number = identity.number
    unsorted.held = held_of(identity.number, said)
    return True
