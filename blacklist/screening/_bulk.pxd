"""Bulk: a message of thousands of subjects, screened from its raw bytes; no object is made for any of them.

Reads chakong.blacklist.v1.ScreenBulkRequest and writes ScreenBulkResponse. A subject that cannot be read as a
message makes the whole message unreadable; one whose number or name is wrong is told, and harms no other.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from blacklist.screening._identity cimport Hashing
from blacklist.screening._hashes cimport Held
from blacklist.screening._look cimport CHECK_BY_HAND, Finding, Question, is_for
from blacklist.screening._wire cimport Buffer

cdef enum:
    # A hostile caller's four megabytes could name two million subjects of no bytes, each with an answer.
    SUBJECTS_MAX = 65536

cdef enum:
    READ = 0
    NOT_READABLE = -1
    TOO_MANY = -2
    NO_MEMORY = -3

# Whatever is not CLEAR.
cdef struct Hit:
    uint32_t index
    uint32_t fault
    Finding finding

cdef struct Screened:
    Buffer hits              # of Hit
    Buffer response
    uint64_t tag
    uint32_t subject_count

# One of the words above. `screened` is zeroed before, and closed by the caller whatever came.
cdef int screen_bulk(const Question* question, const Hashing* hashing, const uint8_t* message, size_t size,
                     Screened* screened) noexcept nogil
# 0, or NO_MEMORY.
cdef int write_response(const Question* question, Screened* screened, uint64_t version,
                        int64_t as_of_ns) noexcept nogil
cdef void screened_close(Screened* screened) noexcept nogil

cdef inline bint is_named(const Question* question, const Finding* finding, const Held* held) noexcept nogil:
    """Whether this entry is one that the outcome rests on."""
    return is_for(held, question) and (finding.outcome == CHECK_BY_HAND or held.name == finding.name)
