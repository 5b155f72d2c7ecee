"""Message: writing the bytes of a batch. See message.pxd."""

from gateway.core.bits cimport BEHIND_MAX, mask_and, mask_count, mask_empty, mask_next
from gateway.core.book cimport ask_at, laned_at
from gateway.core.lane cimport LaneEntry, lane_at
from gateway.core.log cimport KIND_ASK, KIND_NOTE, KIND_VOID, LogEntry, Segment, entry_wire_size
from gateway.core.log cimport log_after, log_segment
from gateway.core.slab cimport prefetch, slab_prefetch
from gateway.core.wire cimport put_uint, reserve, varint_size, write_varint

from libc.string cimport memcpy

cdef enum:
    ENTRY_TAG = 0x12          # Batch.entries = 2
    INSTITUTIONS_TAG = 0x22   # Entry.institutions = 4
    KIND_TAG = 0x28           # Entry.kind = 5
    NAMES_MAX = 4 + 3 * BEHIND_MAX


cdef int put_void(Buffer* out) noexcept nogil:
    """An entry with nothing in it keeps the numbering."""
    if reserve(out, 2) != 0:
        return -1
    out.data[out.size] = ENTRY_TAG
    out.data[out.size + 1] = 0
    out.size += 2
    return 0


cdef int put_entry(Buffer* out, const uint8_t* body, uint32_t size, uint32_t kind) noexcept nogil:
    cdef uint8_t* at
    if reserve(out, entry_wire_size(size) + 8) != 0:
        return -1
    at = out.data + out.size
    at[0] = ENTRY_TAG
    at = write_varint(at + 1, size + 2)
    memcpy(at, body, size)
    at += size
    at[0] = KIND_TAG
    at[1] = <uint8_t>kind
    out.size = at + 2 - out.data
    return 0


cdef int put_named_entry(Buffer* out, const uint8_t* body, uint32_t size, uint32_t kind, Mask mask,
                         const Behind* behind) noexcept nogil:
    """An entry for the institutions of `mask` alone."""
    cdef uint8_t names[NAMES_MAX]
    cdef uint8_t* end = names
    cdef uint8_t* at
    cdef uint32_t names_size, inner
    cdef int place = mask_next(mask, 0)
    while place >= 0:
        end = write_varint(end, behind.institutions[place])
        place = mask_next(mask, place + 1)
    names_size = <uint32_t>(end - names)
    inner = size + 1 + varint_size(names_size) + names_size + 2
    if reserve(out, inner + 16) != 0:
        return -1
    at = out.data + out.size
    at[0] = ENTRY_TAG
    at = write_varint(at + 1, inner)
    memcpy(at, body, size)
    at += size
    at[0] = INSTITUTIONS_TAG
    at = write_varint(at + 1, names_size)
    memcpy(at, names, names_size)
    at += names_size
    at[0] = KIND_TAG
    at[1] = <uint8_t>kind
    out.size = at + 2 - out.data
    return 0


cdef int write_log_message(Buffer* out, const Log* log, uint64_t from_position, uint64_t to_position,
                           uint32_t partial,
                           Mask mask, const Behind* behind, Message* message) noexcept nogil:
    cdef Segment* segment = NULL
    cdef LogEntry* entry
    cdef uint64_t position
    cdef int written
    out.size = 0
    message.entry_count = <uint32_t>(to_position - from_position)
    if put_uint(out, 1, message.batch_id) != 0:
        return -1
    for position in range(from_position, to_position):
        if segment == NULL:
            segment = log_segment(log, position)
        elif position >= segment.from_position + segment.count:
            segment = log_after(log, segment)
        if segment == NULL:
            written = put_void(out)           # dropped: everything in it has ended
        else:
            entry = &segment.entries[position - segment.from_position]
            if entry.kind == KIND_VOID or (partial == ASKS_ALONE and entry.kind == KIND_NOTE):
                written = put_void(out)
            elif partial != WHOLE_SET:
                written = put_named_entry(out, segment.bytes + entry.body_at, entry.size, entry.kind, mask,
                                          behind)
            else:
                written = put_entry(out, segment.bytes + entry.body_at, entry.size, entry.kind)
            message.ask_count += entry.kind == KIND_ASK
            message.note_count += entry.kind == KIND_NOTE and partial != ASKS_ALONE
        if written != 0:
            return -1
    return 0


cdef int write_lane_message(Buffer* out, const Lane* lane, const Book* book, uint64_t from_position,
                            uint64_t* to_position, const Behind* behind, int64_t now_ns,
                            Message* message) noexcept nogil:
    cdef uint64_t position = from_position
    cdef size_t size_before
    cdef LaneEntry* entry
    cdef Mask mask
    cdef int written
    out.size = 0
    message.reason = CUT_DRAINED
    if put_uint(out, 1, message.batch_id) != 0:
        return -1
    while position < to_position[0]:
        if message.entry_count == behind.entries_max:
            message.reason = CUT_ENTRIES
            break
        size_before = out.size
        entry = lane_at(lane, position)
        if position + 8 < to_position[0]:
            slab_prefetch(&book.asks, lane_at(lane, position + 8).ask)
            prefetch(lane_at(lane, position + 8).body)
        mask = entry.mask
        if entry.kind == KIND_ASK and not entry.ended:
            mask = mask_and(mask, laned_at(book, ask_at(book, entry.ask)).open)
        if entry.ended or mask_empty(mask) or (entry.kind == KIND_NOTE and entry.until_ns < now_ns):
            written = put_void(out)
            mask.low = mask.high = 0
        else:
            written = put_named_entry(out, entry.body, entry.size, entry.kind, mask, behind)
        if written != 0:
            return -1
        if out.size > behind.bytes_max and position > from_position:
            out.size = size_before
            message.reason = CUT_BYTES
            break
        if entry.kind == KIND_ASK:
            message.ask_count += mask_count(mask)
        else:
            message.note_count += mask_count(mask)
        message.entry_count += 1
        position += 1
    to_position[0] = position
    return 0
