"""Message: the bytes of a batch, encoded once from a range of a log or a lane.
See chakong.institution.v1.Batch."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from gateway.core.bits cimport Mask
from gateway.core.book cimport Book
from gateway.core.directory cimport Behind
from gateway.core.lane cimport Lane
from gateway.core.log cimport Log
from gateway.core.wire cimport Buffer

cdef enum:                    # Batch.reason, as in _core.pyi
    CUT_DRAINED = 1
    CUT_ENTRIES = 2
    CUT_BYTES = 3
    CUT_SEGMENT = 4
    CUT_AGAIN = 5
    CUT_HALF = 6
    CUT_REST = 7

# is a piece of a log for all who read it, or only for some, named in every entry?
cdef enum Partial:
    WHOLE_SET = 0
    ASKS_ALONE = 1            # for some, who had its notes with the first try
    ASKS_AND_NOTES = 2        # for some

cdef struct Message:
    uint64_t batch_id
    uint32_t refs             # pieces and remembered cuts
    uint32_t entry_count
    uint32_t ask_count        # of a log: entries that ask; of a lane: (entry, institution) pairs asked
    uint32_t note_count       # likewise
    uint8_t reason

# The entries from .. to of a log into `out`, which is emptied first. `mask`: for whom, unless `partial` is
# WHOLE_SET.
cdef int write_log_message(Buffer* out, const Log* log, uint64_t from_position, uint64_t to_position,
                           uint32_t partial,
                           Mask mask, const Behind* behind, Message* message) noexcept nogil
# The entries of a lane from .. to, as far as the limits of `behind` allow; `to_position` gets how far that
# was, and message.reason why. Only what is still open is asked.
cdef int write_lane_message(Buffer* out, const Lane* lane, const Book* book, uint64_t from_position,
                            uint64_t* to_position, const Behind* behind, int64_t now_ns,
                            Message* message) noexcept nogil
