"""Admission: reading a durable frame, and taking up the inquiries in it. See chakong.journal.v1.Admission."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from gateway.core.wire cimport Slice
from gateway.core.world cimport World

cdef struct Head:             # what stands before the inquiries
    int64_t admitted_ns
    uint64_t first_inquiry_id
    Slice court
    uint64_t inquiry_count

# -1: not the form of an Admission that `check` made.
cdef int admission_read(Slice frame, Head* head) noexcept nogil
# Route every inquiry but those in `answered` (ascending) and those known already. `frame` is its number in
# the book, whose copy of the bytes `slice` is. 0, -1: no memory, -2: an inquiry that `check` did not write,
# and nothing was taken up.
cdef int admission_take(World* world, Slice slice, uint32_t frame, const Head* head,
                        const uint64_t* answered, size_t answered_count) noexcept nogil
