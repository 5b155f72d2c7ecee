"""Reply: reading what an endpoint said, and whether it may be believed. Nothing is changed here.

First `reply_read` (is it a Reply, and of institutions behind this endpoint?), then, when the batch is known,
the caller checks each finding against its entry, and `finding_write` checks its records against the subject
and writes what a court will see.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from gateway.core.directory cimport Directory
from gateway.core.record cimport (
    FAULT_FOREIGN_RECORD,
    FAULT_GARBAGE,
    FAULT_NONE,
    FAULT_REFUSAL,
    FAULT_UNKNOWN_BATCH,
    FAULT_UNKNOWN_INDEX,
    FAULT_WRONG_INSTITUTION,
)
from gateway.core.wire cimport Buffer, Slice

cdef enum:
    UNANSWERED = 0xFFFFFFFF   # Reply.counts: not named
    RECORDS_MAX = 256         # of a finding
    FINDINGS_MAX = 65536      # of a reply: 8,192 entries rarely find anything; more is a flood
    REASON_BYTES_MAX = 256

cdef enum:                    # chakong.institution.v1.Outcome
    OUTCOME_FOUND = 1
    OUTCOME_AMBIGUOUS = 2
    OUTCOME_REFUSED = 3
    OUTCOME_UNAVAILABLE = 4

cdef struct Said:             # one finding, as it came
    uint32_t entry
    uint16_t institution
    uint8_t place
    uint8_t outcome
    uint8_t state             # set by the caller from finding_write
    uint32_t records
    Slice records_from        # the Finding from its first record on; empty: it has none
    Slice reason
    uint64_t ask              # set by the caller
    size_t body_from          # its written form, in the caller's buffer
    size_t body_size

cdef struct Reply:
    uint64_t batch_id
    uint32_t counts[128]      # by place behind the endpoint: entries answered
    Said* said                # ascending by entry and place
    uint32_t said_count
    uint32_t said_room

# fault
cdef uint32_t reply_read(Reply* reply, Slice slice, const Directory* directory,
                         uint32_t endpoint) noexcept nogil
cdef void reply_close(Reply* reply) noexcept nogil
# Append the gateway.Finding of `said` about the subject of `entry_body`; sets said.state and said.records. A
# fault, or FAULT_NONE;
# -1: no memory.
cdef int finding_write(Buffer* out, Said* said, const uint8_t* entry_body, uint32_t entry_size) noexcept nogil
