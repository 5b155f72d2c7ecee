"""Reply: reading and checking. See reply.pxd."""

from libc.stdlib cimport free, qsort, realloc
from libc.string cimport memcmp, memset

from gateway.core.book cimport AMBIGUOUS, FOUND, REFUSED
from gateway.core.codec cimport ITEM_COUNT
from gateway.core.wire cimport (
    BYTES,
    VARINT,
    Reader,
    is_utf8,
    put_bytes,
    put_raw,
    put_tag,
    put_uint,
    put_varint,
    read_slice,
    read_tag,
    read_varint,
    reader_open,
    skip_field,
    slice_has_nul,
)


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


cdef inline bint is_text(Slice text) noexcept nogil:
    return is_utf8(text.data, text.size) and not slice_has_nul(text)


cdef uint32_t read_said(Reply* reply, Slice slice, const Directory* directory,
                        uint32_t endpoint) noexcept nogil:
    cdef Reader reader
    cdef Slice field
    cdef Said* said
    cdef uint32_t number, wire_type, room
    cdef uint64_t value
    cdef uint64_t entry = 0
    cdef uint64_t institution = 0
    cdef uint64_t outcome = 0
    if reply.said_count == FINDINGS_MAX:
        return FAULT_GARBAGE
    if reply.said_count == reply.said_room:
        room = reply.said_room * 2 + 64
        said = <Said*>realloc(reply.said, room * sizeof(Said))
        if said == NULL:
            return FAULT_GARBAGE              # asked again when there may be memory
        reply.said = said
        reply.said_room = room
    said = &reply.said[reply.said_count]
    memset(said, 0, sizeof(Said))
    said.slice = slice
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
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


cdef void read_subject(const uint8_t* body, uint32_t size, Slice* id_number, Slice* name) noexcept nogil:
    """Number and name out of a canonical Entry (Entry.subject = 2, id_number = 2, name = 3)."""
    cdef Reader reader
    cdef Slice field
    cdef uint32_t number, wire_type
    id_number.size = name.size = 0
    reader_open(&reader, body, size)
    while reader.at < reader.end and read_tag(&reader, &number, &wire_type) == 0:
        if number == 2 and wire_type == BYTES:
            if read_slice(&reader, &field) != 0:
                return
            reader_open(&reader, field.data, field.size)
            break
        if skip_field(&reader, wire_type) != 0:
            return
    while reader.at < reader.end and read_tag(&reader, &number, &wire_type) == 0:
        if number == 2 and wire_type == BYTES:
            read_slice(&reader, id_number)
        elif number == 3 and wire_type == BYTES:
            read_slice(&reader, name)
        elif skip_field(&reader, wire_type) != 0:
            return


cdef bint same_text(Slice left, Slice right) noexcept nogil:
    return left.size and left.size == right.size and memcmp(left.data, right.data, left.size) == 0


cdef bint same_number(Slice asked, Slice said) noexcept nogil:
    """As asked, but for a small x at the end (what was asked always has a large one)."""
    if same_text(asked, said):
        return True
    if asked.size == 0 or asked.size != said.size:
        return False
    return (asked.data[asked.size - 1] == c"X" and said.data[said.size - 1] == c"x"
            and memcmp(asked.data, said.data, asked.size - 1) == 0)


cdef int put_record(Buffer* out, Slice slice, Slice id_number, Slice name, bint* fits) noexcept nogil:
    """Append a Record's known fields, ascending; `fits`: both number and name are those asked about."""
    cdef Reader reader
    cdef Slice texts[9]
    cdef uint32_t limits[9]
    cdef uint32_t number, wire_type
    cdef uint64_t item = 0
    cdef uint64_t amount = 0
    cdef bint number_fits, name_fits
    memset(texts, 0, sizeof(texts))
    limits[2], limits[3], limits[5], limits[6], limits[7], limits[8] = 128, 64, 3, 32, 256, 512
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return FAULT_GARBAGE
        if number == 1 and wire_type == VARINT:
            if read_varint(&reader, &item) != 0:
                return FAULT_GARBAGE
        elif number == 4 and wire_type == VARINT:
            if read_varint(&reader, &amount) != 0:
                return FAULT_GARBAGE
        elif 2 <= number <= 8 and number != 4 and wire_type == BYTES:
            if read_slice(&reader, &texts[number]) != 0 or texts[number].size > limits[number]:
                return FAULT_GARBAGE
            if not is_text(texts[number]):
                return FAULT_GARBAGE
        elif skip_field(&reader, wire_type) != 0:
            return FAULT_GARBAGE
    if not 1 <= item <= ITEM_COUNT:
        return FAULT_GARBAGE
    number_fits = same_number(id_number, texts[6])
    name_fits = same_text(name, texts[7])
    if not number_fits and not name_fits:
        return FAULT_FOREIGN_RECORD
    fits[0] = number_fits and name_fits
    if put_uint(out, 1, item) != 0 or put_bytes(out, 2, texts[2].data, texts[2].size) != 0:
        return -1
    if put_bytes(out, 3, texts[3].data, texts[3].size) != 0 or put_uint(out, 4, amount) != 0:
        return -1
    for number in range(5, 9):
        if put_bytes(out, number, texts[number].data, texts[number].size) != 0:
            return -1
    return FAULT_NONE


cdef int put_records(Buffer* out, Said* said, Slice id_number, Slice name, bint* fit) noexcept nogil:
    """Append the records of a finding as Finding.records (3); `fit`: all of them fit number and name."""
    cdef Reader reader
    cdef Slice field
    cdef uint32_t number, wire_type
    cdef size_t size_from
    cdef int fault
    cdef bint fits = False
    fit[0] = True
    reader_open(&reader, said.slice.data, said.slice.size)
    while reader.at < reader.end:
        read_tag(&reader, &number, &wire_type)               # read_said has been over it
        if number != 4 or wire_type != BYTES:
            skip_field(&reader, wire_type)
            continue
        read_slice(&reader, &field)
        # A record's canonical form is at most as long as it came, so its length is known only after it is
        # written: write it behind room for tag and length.
        if put_tag(out, 3, BYTES) != 0:
            return -1
        size_from = out.size
        if put_raw(out, b"\0\0\0", 3) != 0:
            return -1
        fault = put_record(out, field, id_number, name, &fits)
        if fault != FAULT_NONE:
            return fault
        close_length(out, size_from)
        fit[0] = fit[0] and fits
    return FAULT_NONE


cdef void close_length(Buffer* out, size_t size_from) noexcept nogil:
    """Put the length of what was written after `size_from` + 3 into the three bytes kept there (a padded
    varint)."""
    cdef size_t size = out.size - size_from - 3
    out.data[size_from] = <uint8_t>(size & 0x7F) | 0x80
    out.data[size_from + 1] = <uint8_t>((size >> 7) & 0x7F) | 0x80
    out.data[size_from + 2] = <uint8_t>((size >> 14) & 0x7F)


cdef int finding_write(Buffer* out, Said* said, const uint8_t* entry_body,
                       uint32_t entry_size) noexcept nogil:
    cdef Slice id_number, name
    cdef bint fit = True
    cdef int fault
    cdef size_t state_at, records_from
    said.body_from = out.size
    said.body_size = 0
    if said.outcome == OUTCOME_UNAVAILABLE:
        return FAULT_NONE
    if put_uint(out, 1, said.institution) != 0 or put_tag(out, 2, VARINT) != 0 or put_varint(out, FOUND) != 0:
        return -1
    state_at = out.size - 1
    records_from = out.size
    if said.outcome != OUTCOME_REFUSED:
        read_subject(entry_body, entry_size, &id_number, &name)
        fault = put_records(out, said, id_number, name, &fit)
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
    if put_bytes(out, 4, said.reason.data, said.reason.size) != 0:
        return -1
    said.body_size = out.size - said.body_from
    return FAULT_NONE
