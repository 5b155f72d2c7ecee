"""Record: reading and writing. See record.pxd."""

from libc.stdint cimport uint16_t, uint64_t
from libc.string cimport memcmp, memset

from gateway.core.codec cimport ITEM_COUNT
from gateway.core.wire cimport (
    BYTES,
    VARINT,
    Reader,
    is_text,
    put_bytes,
    put_raw,
    put_uint,
    read_slice,
    read_tag,
    read_varint,
    reader_open,
    reserve,
    skip_field,
    write_raw,
    write_varint,
)

cdef extern from *:
    """
    /* Bytes allowed in a record's text, by field; 0: it is a number. */
    static const uint16_t RECORD_TEXT_MAX[12] = {0, 0, 128, 64, 0, 3, 32, 256, 512, 0, 0, 0};
    """
    const uint16_t* RECORD_TEXT_MAX

cdef enum:
    ITEM = 1
    ITEM_TAG = 0x08
    HOLDER_NUMBER = 6
    HOLDER_NAME = 7
    LAST_FIELD = 11           # available_fen


cdef void subject_read(const uint8_t* body, uint32_t size, Subject* subject) noexcept nogil:
    """Entry.subject = 2, its id_number = 2, its name = 3."""
    cdef Reader reader
    cdef Slice field
    cdef uint32_t number, wire_type
    subject.id_number.size = subject.name.size = 0
    reader_open(&reader, body, size)
    while reader.at < reader.end and read_tag(&reader, &number, &wire_type) == 0:
        if number == 2 and wire_type == BYTES:
            if read_slice(&reader, &field) != 0:
                return
            reader_open(&reader, field.data, field.size)
            break
        if wire_type != BYTES:
            if skip_field(&reader, wire_type) != 0:
                return
        elif read_slice(&reader, &field) != 0:
            return
    while reader.at < reader.end and read_tag(&reader, &number, &wire_type) == 0:
        if number == 2 and wire_type == BYTES:
            read_slice(&reader, &subject.id_number)
        elif number == 3 and wire_type == BYTES:
            read_slice(&reader, &subject.name)
        elif skip_field(&reader, wire_type) != 0:
            return


cdef inline bint same_text(Slice left, Slice right) noexcept nogil:
    return left.size and left.size == right.size and memcmp(left.data, right.data, left.size) == 0


cdef bint same_number(Slice asked, Slice said) noexcept nogil:
    """As asked, but for a small x at the end (what was asked always has a large one)."""
    if same_text(asked, said):
        return True
    if asked.size == 0 or asked.size != said.size:
        return False
    return (asked.data[asked.size - 1] == c"X" and said.data[said.size - 1] == c"x"
            and memcmp(asked.data, said.data, asked.size - 1) == 0)


cdef int record_write(Buffer* out, Slice slice, const Subject* subject, bint* fits) noexcept nogil:
    cdef uint8_t* at
    cdef bint number_fits = False
    cdef bint name_fits = False
    if not is_plain(slice, subject, &number_fits, &name_fits):
        return write_anew(out, slice, subject, fits)
    if not number_fits and not name_fits:
        return FAULT_FOREIGN_RECORD
    fits[0] = number_fits and name_fits
    if reserve(out, RECORD_HEAD_MAX + slice.size) != 0:
        return -1
    at = out.data + out.size
    at[0] = RECORD_TAG
    at = write_raw(write_varint(at + 1, slice.size), slice.data, slice.size)
    out.size = at - out.data
    return FAULT_NONE


cdef bint is_plain(Slice slice, const Subject* subject, bint* number_fits, bint* name_fits) noexcept nogil:
    """Is it sound, and as we would write it? Known fields, ascending, once each, none empty, and no byte too
    many in a tag, a length or a number."""
    cdef const uint8_t* at = slice.data
    cdef const uint8_t* end = at + slice.size
    cdef uint32_t last = ITEM_TAG
    cdef uint32_t tag
    cdef Slice text
    if slice.size < 2 or at[0] != ITEM_TAG or not 1 <= at[1] <= ITEM_COUNT:
        return False
    at += 2
    while at < end:
        tag = at[0]
        at += 1
        if tag <= last or tag > (LAST_FIELD << 3 | VARINT) or at == end:
            return False
        last = tag
        if tag & 7 == VARINT:
            at = plain_varint_end(at, end)
            if at == NULL or RECORD_TEXT_MAX[tag >> 3] != 0:
                return False
            continue
        text.size = at[0]
        at += 1
        if text.size & 0x80:
            if at == end or not 1 <= at[0] <= 0x7F:
                return False
            text.size = text.size & 0x7F | <uint32_t>at[0] << 7
            at += 1
        text.data = at
        if (tag & 7 != BYTES or text.size == 0 or text.size > RECORD_TEXT_MAX[tag >> 3]
                or text.size > end - at):
            return False
        at += text.size
        # What was asked about is text: it was checked with the inquiry.
        if tag >> 3 == HOLDER_NUMBER and same_number(subject.id_number, text):
            number_fits[0] = True
        elif tag >> 3 == HOLDER_NAME and same_text(subject.name, text):
            name_fits[0] = True
        elif not is_text(text):
            return False
    return True


cdef inline const uint8_t* plain_varint_end(const uint8_t* at, const uint8_t* end) noexcept nogil:
    """Behind a number of at most nine bytes that is not 0 and has none too many; NULL: it is not such."""
    cdef const uint8_t* start = at
    while at < end and at[0] & 0x80:
        at += 1
    if at == end or at[0] == 0 or at - start > 8:
        return NULL
    return at + 1


cdef int write_anew(Buffer* out, Slice slice, const Subject* subject, bint* fits) noexcept nogil:
    """A record's canonical form is at most as long as it came, so its length is known only after it is
    written: it is written behind room for tag and length."""
    cdef size_t size_from
    cdef int fault
    if put_raw(out, b"\x1A\0\0\0", RECORD_HEAD_MAX) != 0:
        return -1
    size_from = out.size - 3
    fault = put_fields(out, slice, subject, fits)
    if fault == FAULT_NONE:
        close_length(out, size_from)
    return fault


cdef int put_fields(Buffer* out, Slice slice, const Subject* subject, bint* fits) noexcept nogil:
    """Append a Record's known fields, ascending."""
    cdef Reader reader
    cdef Slice texts[LAST_FIELD + 1]
    cdef uint64_t numbers[LAST_FIELD + 1]
    cdef uint32_t number, wire_type
    cdef bint number_fits, name_fits
    memset(texts, 0, sizeof(texts))
    memset(numbers, 0, sizeof(numbers))
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return FAULT_GARBAGE
        if number <= LAST_FIELD and wire_type == VARINT and RECORD_TEXT_MAX[number] == 0:
            if read_varint(&reader, &numbers[number]) != 0:
                return FAULT_GARBAGE
        elif number <= LAST_FIELD and wire_type == BYTES and RECORD_TEXT_MAX[number] != 0:
            if read_slice(&reader, &texts[number]) != 0 or texts[number].size > RECORD_TEXT_MAX[number]:
                return FAULT_GARBAGE
            if not is_text(texts[number]):
                return FAULT_GARBAGE
        elif skip_field(&reader, wire_type) != 0:
            return FAULT_GARBAGE
    if not 1 <= numbers[ITEM] <= ITEM_COUNT:
        return FAULT_GARBAGE
    number_fits = same_number(subject.id_number, texts[HOLDER_NUMBER])
    name_fits = same_text(subject.name, texts[HOLDER_NAME])
    if not number_fits and not name_fits:
        return FAULT_FOREIGN_RECORD
    fits[0] = number_fits and name_fits
    for number in range(ITEM, LAST_FIELD + 1):          # each is a number or a text, and left out when empty
        if put_uint(out, number, numbers[number]) != 0:
            return -1
        if put_bytes(out, number, texts[number].data, texts[number].size) != 0:
            return -1
    return FAULT_NONE


cdef void close_length(Buffer* out, size_t size_from) noexcept nogil:
    """Put the length of what was written after `size_from` + 3 into the three bytes kept there (a padded
    varint)."""
    cdef size_t size = out.size - size_from - 3
    out.data[size_from] = <uint8_t>(size & 0x7F) | 0x80
    out.data[size_from + 1] = <uint8_t>((size >> 7) & 0x7F) | 0x80
    out.data[size_from + 2] = <uint8_t>((size >> 14) & 0x7F)
