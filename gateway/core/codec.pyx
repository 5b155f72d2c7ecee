"""Codec: an inquiry, from a court's bytes to its canonical form.

Reads as the protobuf runtime reads (the last scalar wins, repeated messages merge, packed or not, unknown
fields are stepped over), but takes no groups. Writes as the runtime writes deterministically. It looks at one
inquiry alone: what order ids were used and which institutions exist is not its business.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memchr, memset

from gateway.core.inquiry cimport judge_inquiry
from gateway.core.wire cimport BYTES, VARINT, Reader, is_utf8, read_slice, read_tag, read_varint, reader_open
from gateway.core.wire cimport skip_field, slice_has_nul

cdef extern from *:
    """
    #define LOWEST_BIT(bits) __builtin_ctzll(bits)
    """
    uint32_t LOWEST_BIT(uint64_t bits) noexcept nogil

cdef enum:
    FRESHNESS_S_DEFAULT = 86400
    SEEN_WORDS = SCOPE_LIST_MAX >> 6     # a bit for each index that a directory can have

cdef struct Draft:
    Inquiry* inquiry
    uint32_t* institutions
    bint is_unsorted         # the list of institutions does not rise

ctypedef void (*add_number)(Draft* draft, uint32_t number) noexcept nogil


cdef void parse_inquiry(Slice slice, Slice court, Inquiry* inquiry, uint32_t* institutions) noexcept nogil:
    """Bytes that are no Inquiry leave it empty, with the one fault MALFORMED."""
    cdef Draft draft
    draft.inquiry = inquiry
    draft.institutions = institutions
    draft.is_unsorted = False
    clear(inquiry)
    if read_inquiry(slice, &draft) != 0 or has_nul(slice, inquiry):
        clear(inquiry)
        add_fault(inquiry, REASON_MALFORMED, FIELD_INQUIRY)
        return
    if inquiry.items == 0 and not inquiry.has_unknown_item:
        inquiry.items = ITEMS_ALL
    if inquiry.reach != REACH_LIST:
        inquiry.institution_count = 0
    elif draft.is_unsorted:
        inquiry.institution_count = sort_institutions(institutions, inquiry.institution_count)
    judge_inquiry(inquiry, court)


cdef bint has_nul(Slice slice, const Inquiry* inquiry) noexcept nogil:
    """Is there a character NUL in a string? Databases behind us could not keep it."""
    if memchr(slice.data, 0, slice.size) == NULL:
        return False
    return (slice_has_nul(inquiry.order_id) or slice_has_nul(inquiry.court_code)
            or slice_has_nul(inquiry.case_number) or slice_has_nul(inquiry.instrument_number)
            or slice_has_nul(inquiry.officer_id) or slice_has_nul(inquiry.id_number)
            or slice_has_nul(inquiry.name) or slice_has_nul(inquiry.province)
            or slice_has_nul(inquiry.mandate_court_code))


cdef void clear(Inquiry* inquiry) noexcept nogil:
    cdef uint32_t today = inquiry.today
    memset(inquiry, 0, sizeof(Inquiry))
    inquiry.today = today
    inquiry.freshness_s = FRESHNESS_S_DEFAULT


cdef int read_inquiry(Slice slice, Draft* draft) noexcept nogil:
    cdef Inquiry* inquiry = draft.inquiry
    cdef Reader reader
    cdef uint32_t number, wire_type
    cdef uint64_t value = 0
    cdef int failed
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return -1
        if wire_type == BYTES and number <= 6:
            failed = read_part(&reader, number, draft)
        elif wire_type == VARINT and 6 <= number <= 10:
            failed = read_varint(&reader, &value)
            if number == 6:
                add_item(draft, <uint32_t>value)
            elif number == 7:
                inquiry.urgency = <uint32_t>value
            elif number == 8:
                inquiry.freshness_s = <uint32_t>value
            elif number == 9:
                inquiry.deadline_s = <uint32_t>value
            else:
                inquiry.claim_fen = <int64_t>value
        else:
            failed = skip_field(&reader, wire_type)
        if failed != 0:
            return -1
    return 0


cdef int read_part(Reader* reader, uint32_t number, Draft* draft) noexcept nogil:
    """A field of Inquiry that has a length: 1 to 6."""
    cdef Slice part
    if number == 1:
        return read_text(reader, &draft.inquiry.order_id)
    if number == 2:
        return read_text(reader, &draft.inquiry.court_code)
    if read_slice(reader, &part) != 0:
        return -1
    if number == 3:
        return read_mandate(part, draft)
    if number == 4:
        return read_subject(part, draft.inquiry)
    if number == 5:
        return read_scope(part, draft)
    return read_packed(part, draft, add_item)


cdef inline int read_text(Reader* reader, Slice* text) noexcept nogil:
    """A string; one that is not UTF-8 makes the message unreadable, even if another one follows."""
    if read_slice(reader, text) != 0:
        return -1
    return 0 if is_utf8(text.data, text.size) else -1


cdef int read_mandate(Slice slice, Draft* draft) noexcept nogil:
    cdef Inquiry* inquiry = draft.inquiry
    cdef Reader reader
    cdef uint32_t number, wire_type
    cdef uint64_t value = 0
    cdef int failed
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return -1
        if wire_type == BYTES and number == 1:
            failed = read_text(&reader, &inquiry.mandate_court_code)
        elif wire_type == BYTES and number == 2:
            failed = read_text(&reader, &inquiry.case_number)
        elif wire_type == BYTES and number == 3:
            failed = read_text(&reader, &inquiry.instrument_number)
        elif wire_type == BYTES and number == 5:
            failed = read_text(&reader, &inquiry.officer_id)
        elif wire_type == VARINT and number == 4:
            failed = read_varint(&reader, &value)
            inquiry.instrument_kind = <uint32_t>value
        elif wire_type == VARINT and number == 6:
            failed = read_varint(&reader, &value)
            inquiry.debtor_role = <uint32_t>value
        else:
            failed = skip_field(&reader, wire_type)
        if failed != 0:
            return -1
    return 0


cdef int read_subject(Slice slice, Inquiry* inquiry) noexcept nogil:
    cdef Reader reader
    cdef uint32_t number, wire_type
    cdef uint64_t value = 0
    cdef int failed
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return -1
        if wire_type == VARINT and number == 1:
            failed = read_varint(&reader, &value)
            inquiry.id_type = <uint32_t>value
        elif wire_type == BYTES and number == 2:
            failed = read_text(&reader, &inquiry.id_number)
        elif wire_type == BYTES and number == 3:
            failed = read_text(&reader, &inquiry.name)
        else:
            failed = skip_field(&reader, wire_type)
        if failed != 0:
            return -1
    return 0


cdef int read_scope(Slice slice, Draft* draft) noexcept nogil:
    cdef Reader reader
    cdef Slice packed
    cdef uint32_t number, wire_type
    cdef uint64_t value = 0
    cdef int failed
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return -1
        if wire_type == VARINT and number == 1:
            failed = read_varint(&reader, &value)
            draft.inquiry.reach = <uint32_t>value
        elif wire_type == BYTES and number == 2:
            failed = read_text(&reader, &draft.inquiry.province)
        elif wire_type == BYTES and number == 3:
            failed = read_slice(&reader, &packed)
            if failed == 0:
                failed = read_packed(packed, draft, add_institution)
        elif wire_type == VARINT and number == 3:
            failed = read_varint(&reader, &value)
            add_institution(draft, <uint32_t>value)
        else:
            failed = skip_field(&reader, wire_type)
        if failed != 0:
            return -1
    return 0


cdef int read_packed(Slice packed, Draft* draft, add_number add) noexcept nogil:
    cdef Reader reader
    cdef uint64_t value
    reader_open(&reader, packed.data, packed.size)
    while reader.at < reader.end:
        if read_varint(&reader, &value) != 0:
            return -1
        add(draft, <uint32_t>value)
    return 0


cdef void add_item(Draft* draft, uint32_t code) noexcept nogil:
    if 1 <= code <= ITEM_COUNT:
        draft.inquiry.items |= <uint32_t>1 << (code - 1)
    else:
        draft.inquiry.has_unknown_item = True


cdef void add_institution(Draft* draft, uint32_t index) noexcept nogil:
    cdef uint32_t count = draft.inquiry.institution_count
    if count == SCOPE_LIST_MAX:
        draft.inquiry.is_list_too_long = True
        return
    if count != 0 and index <= draft.institutions[count - 1]:
        draft.is_unsorted = True
    draft.institutions[count] = index
    draft.inquiry.institution_count = count + 1


cdef uint32_t sort_institutions(uint32_t* institutions, uint32_t count) noexcept nogil:
    """Ascending and once each, in place and in linear time, whatever a hostile court sends; the count left.

    Of the indexes from SCOPE_LIST_MAX on, which no directory has, only the highest is kept: one is enough to
    be refused.
    """
    cdef uint64_t seen[SEEN_WORDS]
    cdef uint64_t bits
    cdef uint32_t highest = 0, kept = 0
    cdef uint32_t at, index
    memset(seen, 0, sizeof(seen))
    for at in range(count):
        index = institutions[at]
        if index < SCOPE_LIST_MAX:
            seen[index >> 6] |= <uint64_t>1 << (index & 63)
        elif index > highest:
            highest = index
    for at in range(<uint32_t>SEEN_WORDS):
        bits = seen[at]
        while bits != 0:
            institutions[kept] = at * 64 + LOWEST_BIT(bits)
            kept += 1
            bits &= bits - 1
    if highest != 0:
        institutions[kept] = highest
        kept += 1
    return kept
