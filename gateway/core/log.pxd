"""Log: the queue of inquiries that a whole set of institutions is asked alike, and the tally of their
answers.

A log is a row of segments, one for each frame; an entry's position in the log never changes. Every endpoint
reads the log at its own pace. A tally counts, for each entry, how many institutions answered and how many
never will: a difference array per segment, so that a reply on a range costs two additions however many
entries it answers; sums are made when somebody looks. The log knows nothing of endpoints; lines do.

    segment    from ........................ from + count
    answered   +13 . . . . -13 . . +7 . . .  -7            difference array; prefix sums in `answered`
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from gateway.core.directory cimport Directory

cdef enum:
    LOG_COUNT = 9             # directory's log sets, times three urgencies
    KIND_VOID = 0             # with the numbers of chakong.institution.v1.Kind
    KIND_ASK = 1
    KIND_NOTE = 2

cdef struct LogEntry:         # 16 bytes: there is one for each inquiry
    uint32_t body_at          # its Entry, without kind, in the segment's frame
    uint32_t wire_before      # bytes that the entries of the segment before it take in a batch
    uint32_t ask              # NOTHING: a note, or an ask that has ended
    uint16_t size             # parse_admitted takes none that is longer
    uint8_t kind

cdef struct Segment:
    uint64_t from_position
    uint64_t number           # counts up within its log
    uint32_t count
    uint32_t frame
    Directory* directory
    Segment* touched_next
    LogEntry* entries
    const uint8_t* bytes      # of the frame
    uint16_t* answered_steps  # difference arrays, count + 1 long, modulo 2 ** 16 like their sums
    uint16_t* gone_steps
    uint16_t* answered        # their sums, count long; right unless `touched`
    uint16_t* gone
    uint32_t wire_bytes
    int64_t due_ns
    int64_t notes_until_ns    # until when its notes are worth sending; 0: it has none
    uint32_t live             # asks that somebody waits for
    uint32_t open_asks        # asks with a query open
    # parts that wait for some institutions of its asks: looked at whenever it is touched
    uint32_t some_parts
    uint8_t touched

cdef struct Log:
    Segment** segments        # a window on the last ones: first .. first + count of room
    uint32_t first
    uint32_t count
    uint32_t room
    uint32_t set              # directory's log set
    uint64_t head             # position of the next entry
    uint64_t made             # segments so far
    Segment* touched          # segments whose sums are out of date
    LogEntry* staged          # entries of the frame that is being admitted
    uint32_t staged_count
    uint32_t staged_room
    uint32_t staged_bytes
    int64_t staged_notes_until_ns
    uint32_t staged_live
    uint32_t staged_some_parts
    uint32_t gone             # pieces given up, first of the list
    uint64_t lift_to          # a more urgent joiner waits on an entry before this position,
    int64_t lift_due_ns       # due then

cdef void log_open(Log* log, uint32_t set) noexcept nogil
cdef void log_close(Log* log) noexcept nogil
# Add an entry to the frame being admitted, its body `body_at` bytes into it; `position` gets its place.
# `notes_until_ns` with KIND_NOTE.
cdef int log_stage(Log* log, uint32_t body_at, uint32_t size, uint32_t ask, uint32_t kind,
                   int64_t notes_until_ns,
                   uint64_t* position) noexcept nogil
# Make a segment of what was staged from a frame with these bytes (NULL and 0: nothing was; NULL and -1: no
# memory).
cdef int log_commit(Log* log, uint32_t frame, const uint8_t* bytes, Directory* directory, int64_t due_ns,
                    Segment** made) noexcept nogil
# The segment that holds `position`; NULL: none does any more.
cdef Segment* log_segment(const Log* log, uint64_t position) noexcept nogil
# The one behind it; NULL: it is the last.
cdef Segment* log_after(const Log* log, const Segment* segment) noexcept nogil
# `count` institutions answered (or will never answer) the entries from .. to.
cdef void log_tally(Log* log, uint64_t from_position, uint64_t to_position, int32_t count,
                    bint gone) noexcept nogil
cdef void segment_sum(Segment* segment) noexcept nogil
# Let go of the oldest segment; the caller has made sure that nobody needs it, and releases its frame.
cdef void log_drop_first(Log* log) noexcept nogil

cdef inline uint32_t entry_wire_size(uint32_t body_size) noexcept nogil:
    """Bytes of an entry in a batch: tag, length, body and the two bytes of its kind."""
    cdef uint32_t inner = body_size + 2
    return 1 + (1 if inner < 128 else 2 if inner < 16384 else 3) + inner
