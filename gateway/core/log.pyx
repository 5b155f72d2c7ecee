"""Log: staging, committing, tallying. See log.pxd."""

from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memmove, memset

from gateway.core.directory cimport directory_release
from gateway.core.slab cimport NOTHING


cdef void log_open(Log* log, uint32_t set) noexcept nogil:
    memset(log, 0, sizeof(Log))
    log.set = set
    log.gone = NOTHING


cdef void segment_free(Segment* segment) noexcept nogil:
    directory_release(segment.directory)
    free(segment.entries)
    free(segment)


cdef void log_close(Log* log) noexcept nogil:
    cdef uint32_t index
    for index in range(log.count):
        segment_free(log.segments[log.first + index])
    free(log.segments)
    free(log.staged)
    log_open(log, log.set)


cdef int log_stage(Log* log, uint32_t body_at, uint32_t size, uint32_t ask, uint32_t kind,
                   int64_t notes_until_ns,
                   uint64_t* position) noexcept nogil:
    cdef LogEntry* staged
    cdef LogEntry* entry
    cdef uint32_t room
    if log.staged_count == log.staged_room:
        room = log.staged_room * 2 + 64
        staged = <LogEntry*>realloc(log.staged, room * sizeof(LogEntry))
        if staged == NULL:
            return -1
        log.staged = staged
        log.staged_room = room
    entry = &log.staged[log.staged_count]
    entry.body_at = body_at
    entry.size = <uint16_t>size
    entry.ask = ask
    entry.kind = <uint8_t>kind
    entry.wire_before = log.staged_bytes
    log.staged_bytes += entry_wire_size(size)
    position[0] = log.head + log.staged_count
    log.staged_count += 1
    if kind == KIND_ASK:
        log.staged_live += 1
    elif notes_until_ns > log.staged_notes_until_ns:
        log.staged_notes_until_ns = notes_until_ns
    return 0


cdef int window_add(Log* log, Segment* segment) noexcept nogil:
    """Append to the window; it moves to the front of its room before the room grows."""
    cdef Segment** segments
    cdef uint32_t room
    if log.first + log.count == log.room:
        if log.first > log.room // 2:
            memmove(log.segments, log.segments + log.first, log.count * sizeof(Segment*))
            log.first = 0
        else:
            room = log.room * 2 + 64
            segments = <Segment**>realloc(log.segments, room * sizeof(Segment*))
            if segments == NULL:
                return -1
            log.segments = segments
            log.room = room
    log.segments[log.first + log.count] = segment
    log.count += 1
    return 0


cdef int log_commit(Log* log, uint32_t frame, const uint8_t* bytes, Directory* directory, int64_t due_ns,
                    Segment** made) noexcept nogil:
    cdef Segment* segment
    cdef size_t count = log.staged_count
    made[0] = NULL
    if count == 0:
        return 0
    # One block: the struct, two difference arrays and their sums.
    segment = <Segment*>calloc(1, sizeof(Segment) + (4 * count + 2) * sizeof(uint16_t))
    if segment == NULL:
        return -1
    segment.entries = <LogEntry*>malloc(count * sizeof(LogEntry))
    if segment.entries == NULL or window_add(log, segment) != 0:
        free(segment.entries)
        free(segment)
        return -1
    memcpy(segment.entries, log.staged, count * sizeof(LogEntry))
    segment.answered_steps = <uint16_t*>(segment + 1)
    segment.gone_steps = segment.answered_steps + count + 1
    segment.answered = segment.gone_steps + count + 1
    segment.gone = segment.answered + count
    segment.from_position = log.head
    segment.number = log.made
    log.made += 1
    segment.count = <uint32_t>count
    segment.frame = frame
    segment.bytes = bytes
    segment.directory = directory
    directory.refs += 1
    segment.due_ns = due_ns
    segment.wire_bytes = log.staged_bytes
    segment.notes_until_ns = log.staged_notes_until_ns
    segment.live = segment.open_asks = log.staged_live
    log.head += count
    segment.some_parts = log.staged_some_parts
    log.staged_count = log.staged_live = log.staged_some_parts = 0
    log.staged_bytes = 0
    log.staged_notes_until_ns = 0
    made[0] = segment
    return 0


cdef Segment* log_segment(const Log* log, uint64_t position) noexcept nogil:
    cdef uint32_t low = log.first
    cdef uint32_t high = log.first + log.count
    cdef uint32_t middle
    if position >= log.head or low == high or position < log.segments[low].from_position:
        return NULL
    while high - low > 1:
        middle = (low + high) // 2
        if log.segments[middle].from_position <= position:
            low = middle
        else:
            high = middle
    return log.segments[low]


cdef Segment* log_after(const Log* log, const Segment* segment) noexcept nogil:
    cdef uint64_t behind = segment.number + 1 - log.segments[log.first].number
    return log.segments[log.first + behind] if behind < log.count else NULL


cdef void log_tally(Log* log, uint64_t from_position, uint64_t to_position, int32_t count,
                    bint gone) noexcept nogil:
    cdef Segment* segment
    cdef uint64_t first, last
    cdef uint16_t* steps
    if count == 0 or log.count == 0:
        return
    # Only segments in which nothing was open are dropped: what is said of them now counts for nobody.
    from_position = max(from_position, log.segments[log.first].from_position)
    segment = log_segment(log, from_position)
    while segment != NULL and from_position < to_position:
        first = from_position - segment.from_position
        last = min(to_position - segment.from_position, <uint64_t>segment.count)
        steps = segment.gone_steps if gone else segment.answered_steps
        steps[first] += <uint16_t>count
        steps[last] -= <uint16_t>count
        if not segment.touched:
            segment.touched = True
            segment.touched_next = log.touched
            log.touched = segment
        from_position = segment.from_position + segment.count
        segment = log_after(log, segment)


cdef void segment_sum(Segment* segment) noexcept nogil:
    cdef uint32_t index
    cdef uint16_t answered = 0
    cdef uint16_t gone = 0
    for index in range(segment.count):
        answered += segment.answered_steps[index]
        gone += segment.gone_steps[index]
        segment.answered[index] = answered
        segment.gone[index] = gone


cdef void log_drop_first(Log* log) noexcept nogil:
    segment_free(log.segments[log.first])
    log.first += 1
    log.count -= 1
    if log.count == 0:
        log.first = 0
