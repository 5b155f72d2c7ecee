"""Reply: reading and checking. See reply.pxd."""

from libc.stdlib cimport free, qsort, realloc
from libc.string cimport memset

from gateway.core.book cimport AMBIGUOUS, FOUND, REFUSED
from gateway.core.record cimport Subject, record_write, subject_read
from gateway.core.wire cimport (
    BYTES,
    VARINT,
    Reader,
    is_text,
    is_utf8,
    read_slice,
    read_tag,
    read_varint,
    reader_open,
    reserve,
    skip_field,
    write_raw,
    write_varint,
)

cdef enum:
    INSTITUTION_TAG = 0x08    # gateway.Finding.institution = 1
    STATE_TAG = 0x10          # state = 2
    RECORDS_TAG = 0x22        # institution.Finding.records = 4
    REASON_TAG = 0x22         # gateway.Finding.reason = 4
    # Of a finding without records and reason: two tags, an index below 4,096 and a state; and of its reason:
    # tag and length.
    FINDING_HEAD_MAX = 8


cdef void reply_close(Reply* reply) noexcept nogil:
    free(reply.said)
    memset(reply, 0, sizeof(Reply))


cdef uint32_t reply_read(Reply* reply, Slice slice, const Directory* directory,
                         uint32_t endpoint) noexcept nogil:
    cdef Reader reader
    cdef Slice field
    cdef Slice refusal
    cdef uint32_t number, wire_type
    cdef uint32_t fault = FAULT_NONE
    cdef uint32_t found
    refusal.size = 0
    reply.batch_id = 0
    reply.said_count = 0
    memset(reply.counts, 0xFF, sizeof(reply.counts))
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return FAULT_GARBAGE
        found = FAULT_NONE
        if number == 1 and wire_type == VARINT:
            if read_varint(&reader, &reply.batch_id) != 0:
                return FAULT_GARBAGE
        elif 2 <= number <= 4 and wire_type == BYTES:
            if read_slice(&reader, &field) != 0:
                return FAULT_GARBAGE
            if number == 2:
                found = read_answered(reply, field, directory, endpoint)
            elif number == 3:
                found = read_said(reply, field, directory, endpoint)
            else:
                refusal = field
        elif skip_field(&reader, wire_type) != 0:
            return FAULT_GARBAGE
        if found == FAULT_GARBAGE:
            return FAULT_GARBAGE
        if fault == FAULT_NONE:
            fault = found
    if refusal.size:
        return FAULT_REFUSAL if is_utf8(refusal.data, refusal.size) else FAULT_GARBAGE
    if fault == FAULT_NONE:
        fault = order_said(reply)
    return fault


cdef uint32_t note_answered(Reply* reply, uint64_t institution, const Directory* directory,
                            uint32_t endpoint) noexcept nogil:
    """Mark it named; its count comes with the end of the message."""
    cdef uint32_t place
    if institution >= directory.institution_count or directory.endpoint[institution] != endpoint:
        return FAULT_WRONG_INSTITUTION
    place = directory.place[institution]
    if reply.counts[place] != UNANSWERED:
        return FAULT_GARBAGE
    reply.counts[place] = UNANSWERED - 1
    return FAULT_NONE


cdef uint32_t read_answered(Reply* reply, Slice slice, const Directory* directory,
                            uint32_t endpoint) noexcept nogil:
    cdef Reader reader, packed
    cdef Slice field
    cdef uint32_t number, wire_type, place
    cdef uint32_t fault = FAULT_NONE
    cdef uint32_t found
    cdef uint64_t value
    cdef uint64_t count = 0
    cdef bint names_some = False
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return FAULT_GARBAGE
        if number == 1 and (wire_type == BYTES or wire_type == VARINT):
            if wire_type == BYTES:
                if read_slice(&reader, &field) != 0:
                    return FAULT_GARBAGE
                reader_open(&packed, field.data, field.size)
            else:
                packed = reader
            while packed.at < packed.end:
                if read_varint(&packed, &value) != 0:
                    return FAULT_GARBAGE
                found = note_answered(reply, value, directory, endpoint)
                if found == FAULT_GARBAGE:
                    return FAULT_GARBAGE
                fault = fault if fault else found
                names_some = names_some or found == FAULT_NONE
                if wire_type == VARINT:
                    reader.at = packed.at
                    break
        elif number == 2 and wire_type == VARINT:
            if read_varint(&reader, &count) != 0:
                return FAULT_GARBAGE
        elif skip_field(&reader, wire_type) != 0:
            return FAULT_GARBAGE
    if count >= UNANSWERED - 1:
        return FAULT_UNKNOWN_INDEX
    # Only then, which is 128 times at most: a hostile reply may hold a million empty ones.
    for place in range(128 if names_some else 0):
        if reply.counts[place] == UNANSWERED - 1:
            reply.counts[place] = <uint32_t>count
    return fault


cdef int make_room(Reply* reply) noexcept nogil:
    """For more findings, FINDINGS_MAX at most."""
    cdef uint32_t room = min(reply.said_room * 2 + 64, <uint32_t>FINDINGS_MAX)
    cdef Said* said
    if reply.said_count == <uint32_t>FINDINGS_MAX:
        return -1
    said = <Said*>realloc(reply.said, room * sizeof(Said))
    if said == NULL:
        return -1
    reply.said = said
    reply.said_room = room
    return 0


cdef uint32_t read_said(Reply* reply, Slice slice, const Directory* directory,
                        uint32_t endpoint) noexcept nogil:
    cdef Reader reader
    cdef Slice field
    cdef Said* said
    cdef const uint8_t* field_at
    cdef uint32_t number, wire_type
    cdef uint64_t value
    cdef uint64_t entry = 0
    cdef uint64_t institution = 0
    cdef uint64_t outcome = 0
    if reply.said_count == reply.said_room and make_room(reply) != 0:
        return FAULT_GARBAGE                  # too many; or no memory: asked again when there may be some
    said = &reply.said[reply.said_count]
    memset(said, 0, sizeof(Said))
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        field_at = reader.at
        if read_tag(&reader, &number, &wire_type) != 0:
            return FAULT_GARBAGE
        if 1 <= number <= 3 and wire_type == VARINT:
            if read_varint(&reader, &value) != 0:
                return FAULT_GARBAGE
            if number == 1:
                entry = value
            elif number == 2:
                institution = value
            else:
                outcome = value
        elif number == 4 and wire_type == BYTES:
            if read_slice(&reader, &field) != 0:
                return FAULT_GARBAGE
            if said.records == 0:
                said.records_from.data = field_at
                said.records_from.size = <uint32_t>(reader.end - field_at)
            said.records += 1
        elif number == 5 and wire_type == BYTES:
            if read_slice(&reader, &said.reason) != 0:
                return FAULT_GARBAGE
        elif skip_field(&reader, wire_type) != 0:
            return FAULT_GARBAGE
    if not OUTCOME_FOUND <= outcome <= OUTCOME_UNAVAILABLE or said.records > RECORDS_MAX:
        return FAULT_GARBAGE
    if said.reason.size > REASON_BYTES_MAX or not is_text(said.reason):
        return FAULT_GARBAGE
    if outcome == OUTCOME_FOUND and said.records == 0:
        return FAULT_GARBAGE
    if institution >= directory.institution_count or directory.endpoint[institution] != endpoint:
        return FAULT_WRONG_INSTITUTION
    if entry >> 31:
        return FAULT_UNKNOWN_INDEX
    said.entry = <uint32_t>entry
    said.institution = <uint16_t>institution
    said.place = directory.place[institution]
    said.outcome = <uint8_t>outcome
    reply.said_count += 1
    return FAULT_NONE


cdef int compare_said(const void* left, const void* right) noexcept nogil:
    cdef const Said* one = <const Said*>left
    cdef const Said* other = <const Said*>right
    if one.entry != other.entry:
        return -1 if one.entry < other.entry else 1
    return <int>one.place - <int>other.place


cdef uint32_t order_said(Reply* reply) noexcept nogil:
    """Ascending; two findings of one institution on one entry contradict each other."""
    cdef uint32_t index
    cdef int order
    cdef bint sorted = True
    for index in range(1, reply.said_count):
        order = compare_said(&reply.said[index - 1], &reply.said[index])
        sorted = sorted and order < 0
    if sorted:
        return FAULT_NONE
    qsort(reply.said, reply.said_count, sizeof(Said), compare_said)
    for index in range(1, reply.said_count):
        if compare_said(&reply.said[index - 1], &reply.said[index]) == 0:
            return FAULT_GARBAGE
    return FAULT_NONE


cdef int put_records(Buffer* out, Said* said, const Subject* subject, bint* fit) noexcept nogil:
    """Append the records of a finding; `fit`: all of them fit number and name."""
    cdef Reader reader
    cdef Slice field
    cdef uint32_t number, wire_type
    cdef int fault
    cdef bint fits = False
    fit[0] = True
    reader_open(&reader, said.records_from.data, said.records_from.size)
    while reader.at < reader.end:
        read_tag(&reader, &number, &wire_type)               # read_said has been over it
        if number != RECORDS_TAG >> 3 or wire_type != BYTES:
            skip_field(&reader, wire_type)
            continue
        read_slice(&reader, &field)
        fault = record_write(out, field, subject, &fits)
        if fault != FAULT_NONE:
            return fault
        fit[0] = fit[0] and fits
    return FAULT_NONE


cdef int finding_write(Buffer* out, Said* said, const uint8_t* entry_body,
                       uint32_t entry_size) noexcept nogil:
    cdef Subject subject
    cdef uint8_t* at
    cdef bint fit = True
    cdef int fault
    cdef size_t state_at, records_from
    said.body_from = out.size
    said.body_size = 0
    if said.outcome == OUTCOME_UNAVAILABLE:
        return FAULT_NONE
    if reserve(out, FINDING_HEAD_MAX) != 0:
        return -1
    at = out.data + out.size
    if said.institution:
        at[0] = INSTITUTION_TAG
        at = write_varint(at + 1, said.institution)
    at[0] = STATE_TAG
    at[1] = FOUND
    records_from = out.size = at + 2 - out.data
    state_at = records_from - 1
    if said.outcome != OUTCOME_REFUSED and said.records:
        subject_read(entry_body, entry_size, &subject)
        fault = put_records(out, said, &subject, &fit)
        if fault != FAULT_NONE:
            return fault
    if said.outcome == OUTCOME_FOUND and fit:
        said.state = FOUND
    else:
        # What fits only the name may be another person's; a court gets the fact, not the property.
        said.state = REFUSED if said.outcome == OUTCOME_REFUSED else AMBIGUOUS
        out.data[state_at] = said.state
        out.size = records_from
        said.records = 0
    if said.reason.size:
        if reserve(out, FINDING_HEAD_MAX + said.reason.size) != 0:
            return -1
        at = out.data + out.size
        at[0] = REASON_TAG
        at = write_raw(write_varint(at + 1, said.reason.size), said.reason.data, said.reason.size)
        out.size = at - out.data
    said.body_size = out.size - said.body_from
    return FAULT_NONE
