"""Canonical: written in one pass over room that was measured before; read back in the one order that was
written.

A frame is vouched for by its CRC. So what is read is checked for its form (order, presence, ranges), which is
what guards memory, and not for what its strings say.
"""

from libc.string cimport memcpy, memset

from gateway.core.inquiry cimport ID_NUMBER_BYTES_MAX, ITEM_COUNT, ITEMS_ALL, NAME_BYTES_MAX
from gateway.core.inquiry cimport REACH_LIST, REACH_PROVINCE, SCOPE_LIST_MAX
from gateway.core.wire cimport Reader, put_raw, read_fixed64, read_varint, reader_open, reserve
from gateway.core.wire cimport varint_size, write_varint

cdef extern from *:
    """
    #define BIT_COUNT(bits) __builtin_popcount(bits)
    """
    uint32_t BIT_COUNT(uint32_t bits) noexcept nogil

# Tags: field number * 8 + wire type. All are one byte.
cdef enum:
    ADMISSION_INQUIRIES = 0x22
    ADMITTED_ENTRY = 0x12
    ADMITTED_ORDER_ID = 0x1A
    ADMITTED_CONTENT_HASH = 0x22
    ADMITTED_SCOPE = 0x2A
    ADMITTED_URGENCY = 0x30
    ADMITTED_DEADLINE = 0x39
    ADMITTED_FRESHNESS = 0x40
    ADMITTED_CLAIM = 0x48
    ENTRY_MANDATE = 0x0A
    ENTRY_SUBJECT = 0x12
    ENTRY_ITEMS = 0x1A
    MANDATE_COURT_CODE = 0x0A
    MANDATE_CASE_NUMBER = 0x12
    MANDATE_INSTRUMENT_NUMBER = 0x1A
    MANDATE_INSTRUMENT_KIND = 0x20
    MANDATE_OFFICER_ID = 0x2A
    MANDATE_DEBTOR_ROLE = 0x30
    SUBJECT_ID_TYPE = 0x08
    SUBJECT_ID_NUMBER = 0x12
    SUBJECT_NAME = 0x1A
    SCOPE_REACH = 0x08
    SCOPE_PROVINCE = 0x12
    SCOPE_INSTITUTIONS = 0x1A

cdef enum:
    CONTENT_HASH_SIZE = 16
    # A log keeps the size of an Entry in two bytes. Those of faultless inquiries are below 1 KiB.
    ENTRY_BYTES_MAX = 0xFFFF
    # Content: thirteen words of numbers (the claim takes two), then the length of each text.
    CONTENT_NUMBERS = 13
    CONTENT_TEXTS = 6

cdef struct Sizes:
    # Bodies, without their own tag and length.
    size_t mandate
    size_t subject
    size_t entry
    size_t institutions
    size_t scope
    size_t admitted


# -- writing

cdef int put_admitted(Buffer* out, const Inquiry* inquiry, const uint32_t* institutions,
                      const uint8_t* content_hash, uint64_t deadline_ns) noexcept nogil:
    cdef Sizes sizes
    cdef Slice hash_slice
    cdef uint8_t* at
    hash_slice.data = content_hash
    hash_slice.size = CONTENT_HASH_SIZE
    measure(&sizes, inquiry, institutions)
    if reserve(out, message_size(sizes.admitted)) != 0:
        return -1
    at = write_head(out.data + out.size, ADMISSION_INQUIRIES, sizes.admitted)
    at = write_entry(at, inquiry, &sizes)
    at = write_text(at, ADMITTED_ORDER_ID, &inquiry.order_id)
    at = write_text(at, ADMITTED_CONTENT_HASH, &hash_slice)
    at = write_scope(at, inquiry, institutions, &sizes)
    at = write_number(at, ADMITTED_URGENCY, inquiry.urgency)
    at[0] = ADMITTED_DEADLINE
    memcpy(at + 1, &deadline_ns, 8)
    at += 9
    at = write_number(at, ADMITTED_FRESHNESS, inquiry.freshness_s)
    at = write_number(at, ADMITTED_CLAIM, <uint64_t>inquiry.claim_fen)
    out.size = at - out.data
    return 0


cdef void measure(Sizes* sizes, const Inquiry* inquiry, const uint32_t* institutions) noexcept nogil:
    cdef uint32_t at
    sizes.mandate = (
        text_size(&inquiry.court_code) + text_size(&inquiry.case_number)
        + text_size(&inquiry.instrument_number) + number_size(inquiry.instrument_kind)
        + text_size(&inquiry.officer_id) + number_size(inquiry.debtor_role)
    )
    sizes.subject = (
        number_size(inquiry.id_type) + text_size(&inquiry.id_number) + text_size(&inquiry.name)
    )
    sizes.entry = message_size(sizes.mandate) + message_size(sizes.subject)
    if inquiry.items != ITEMS_ALL and inquiry.items != 0:
        sizes.entry += 2 + BIT_COUNT(inquiry.items)
    sizes.institutions = 0
    if inquiry.reach == REACH_LIST:
        for at in range(inquiry.institution_count):
            sizes.institutions += varint_size(institutions[at])
    sizes.scope = number_size(inquiry.reach)
    if inquiry.reach == REACH_PROVINCE:
        sizes.scope += text_size(&inquiry.province)
    if sizes.institutions != 0:
        sizes.scope += message_size(sizes.institutions)
    sizes.admitted = (
        message_size(sizes.entry) + text_size(&inquiry.order_id) + message_size(CONTENT_HASH_SIZE)
        + message_size(sizes.scope) + number_size(inquiry.urgency) + 9
        + number_size(inquiry.freshness_s) + number_size(<uint64_t>inquiry.claim_fen)
    )


cdef uint8_t* write_entry(uint8_t* at, const Inquiry* inquiry, const Sizes* sizes) noexcept nogil:
    cdef uint32_t code
    at = write_head(at, ADMITTED_ENTRY, sizes.entry)
    at = write_head(at, ENTRY_MANDATE, sizes.mandate)
    at = write_text(at, MANDATE_COURT_CODE, &inquiry.court_code)
    at = write_text(at, MANDATE_CASE_NUMBER, &inquiry.case_number)
    at = write_text(at, MANDATE_INSTRUMENT_NUMBER, &inquiry.instrument_number)
    at = write_number(at, MANDATE_INSTRUMENT_KIND, inquiry.instrument_kind)
    at = write_text(at, MANDATE_OFFICER_ID, &inquiry.officer_id)
    at = write_number(at, MANDATE_DEBTOR_ROLE, inquiry.debtor_role)
    at = write_head(at, ENTRY_SUBJECT, sizes.subject)
    at = write_number(at, SUBJECT_ID_TYPE, inquiry.id_type)
    at = write_text(at, SUBJECT_ID_NUMBER, &inquiry.id_number)
    at = write_text(at, SUBJECT_NAME, &inquiry.name)
    if inquiry.items != ITEMS_ALL and inquiry.items != 0:
        at = write_head(at, ENTRY_ITEMS, BIT_COUNT(inquiry.items))
        for code in range(1, <uint32_t>(ITEM_COUNT + 1)):
            if inquiry.items >> (code - 1) & 1:
                at[0] = <uint8_t>code
                at += 1
    return at


cdef uint8_t* write_scope(uint8_t* at, const Inquiry* inquiry, const uint32_t* institutions,
                          const Sizes* sizes) noexcept nogil:
    cdef uint32_t index
    at = write_head(at, ADMITTED_SCOPE, sizes.scope)
    at = write_number(at, SCOPE_REACH, inquiry.reach)
    if inquiry.reach == REACH_PROVINCE:
        at = write_text(at, SCOPE_PROVINCE, &inquiry.province)
    if sizes.institutions != 0:
        at = write_head(at, SCOPE_INSTITUTIONS, sizes.institutions)
        for index in range(inquiry.institution_count):
            at = write_varint(at, institutions[index])
    return at


cdef inline size_t number_size(uint64_t value) noexcept nogil:
    return 1 + varint_size(value) if value != 0 else 0


cdef inline size_t text_size(const Slice* text) noexcept nogil:
    return message_size(text.size) if text.size != 0 else 0


cdef inline size_t message_size(size_t size) noexcept nogil:
    """With tag and length; a message that is there is written even when it is empty."""
    return 1 + varint_size(size) + size


cdef inline uint8_t* write_head(uint8_t* at, uint8_t tag, size_t size) noexcept nogil:
    at[0] = tag
    return write_varint(at + 1, size)


cdef inline uint8_t* write_number(uint8_t* at, uint8_t tag, uint64_t value) noexcept nogil:
    return write_head(at, tag, value) if value != 0 else at


cdef inline uint8_t* write_text(uint8_t* at, uint8_t tag, const Slice* text) noexcept nogil:
    if text.size == 0:
        return at
    at = write_head(at, tag, text.size)
    memcpy(at, text.data, text.size)
    return at + text.size


cdef int put_content(Buffer* out, const Inquiry* inquiry, const uint32_t* institutions) noexcept nogil:
    """Stored hashes rest on this layout: words of 32 bits, then the texts, then the list.

    The first word is 1, and 0 where there is a fault, since a value out of range may have no place in the
    rest.
    """
    cdef uint32_t words[CONTENT_NUMBERS + CONTENT_TEXTS]
    cdef const Slice* texts[CONTENT_TEXTS]
    cdef size_t size = sizeof(words) + inquiry.institution_count * sizeof(uint32_t)
    cdef uint32_t at
    words[0] = inquiry.fault_count == 0
    words[1] = inquiry.instrument_kind
    words[2] = inquiry.debtor_role
    words[3] = inquiry.id_type
    words[4] = inquiry.reach
    words[5] = inquiry.province_code
    words[6] = inquiry.items
    words[7] = inquiry.urgency
    words[8] = inquiry.freshness_s
    words[9] = inquiry.deadline_s
    memcpy(&words[10], &inquiry.claim_fen, 8)
    words[12] = inquiry.institution_count
    texts[0] = &inquiry.court_code
    texts[1] = &inquiry.case_number
    texts[2] = &inquiry.instrument_number
    texts[3] = &inquiry.officer_id
    texts[4] = &inquiry.id_number
    texts[5] = &inquiry.name
    for at in range(<uint32_t>CONTENT_TEXTS):
        words[CONTENT_NUMBERS + at] = texts[at].size
        size += texts[at].size
    if reserve(out, size) != 0:
        return -1
    put_raw(out, <const uint8_t*>words, sizeof(words))
    for at in range(<uint32_t>CONTENT_TEXTS):
        put_raw(out, texts[at].data, texts[at].size)
    return put_raw(out, <const uint8_t*>institutions, inquiry.institution_count * sizeof(uint32_t))


# -- reading back

cdef int parse_admitted(Slice slice, Admitted* admitted, uint32_t* institutions) noexcept nogil:
    cdef Reader reader
    cdef Slice scope
    cdef uint64_t urgency, freshness, claim
    memset(admitted, 0, sizeof(Admitted))
    reader_open(&reader, slice.data, slice.size)
    if expect_text(&reader, ADMITTED_ENTRY, &admitted.entry_body) != 0:
        return -1
    if admitted.entry_body.size > ENTRY_BYTES_MAX:
        return -1
    admitted.entry.data = slice.data
    admitted.entry.size = <uint32_t>(reader.at - slice.data)
    if (
        expect_text(&reader, ADMITTED_ORDER_ID, &admitted.order_id) != 0
        or expect_text(&reader, ADMITTED_CONTENT_HASH, &admitted.content_hash) != 0
        or expect_text(&reader, ADMITTED_SCOPE, &scope) != 0
        or admitted.content_hash.size != CONTENT_HASH_SIZE
        or expect_number(&reader, ADMITTED_URGENCY, 1, 3, &urgency) != 0
    ):
        return -1
    if not is_next(&reader, ADMITTED_DEADLINE):
        return -1
    reader.at += 1
    if (
        read_fixed64(&reader, &admitted.deadline_ns) != 0
        or admitted.deadline_ns == 0
        or expect_number(&reader, ADMITTED_FRESHNESS, 0, 0xFFFFFFFF, &freshness) != 0
        or expect_number(&reader, ADMITTED_CLAIM, 0, (<uint64_t>1 << 63) - 1, &claim) != 0
        or reader.at != reader.end
    ):
        return -1
    admitted.urgency = <uint32_t>urgency
    admitted.freshness_s = <uint32_t>freshness
    if parse_entry(admitted.entry_body, admitted) != 0:
        return -1
    return parse_scope(scope, admitted, institutions)


cdef int parse_entry(Slice slice, Admitted* admitted) noexcept nogil:
    cdef Reader reader
    cdef Slice mandate, subject, text
    cdef uint64_t value
    reader_open(&reader, slice.data, slice.size)
    if (
        expect_text(&reader, ENTRY_MANDATE, &mandate) != 0
        or expect_text(&reader, ENTRY_SUBJECT, &subject) != 0
        or parse_items(&reader, admitted) != 0
    ):
        return -1
    reader_open(&reader, subject.data, subject.size)
    if (
        expect_number(&reader, SUBJECT_ID_TYPE, 1, 3, &value) != 0
        or expect_text(&reader, SUBJECT_ID_NUMBER, &admitted.id_number) != 0
        or expect_text(&reader, SUBJECT_NAME, &admitted.name) != 0
        or admitted.id_number.size > ID_NUMBER_BYTES_MAX
        or admitted.name.size > NAME_BYTES_MAX
        or reader.at != reader.end
    ):
        return -1
    admitted.id_type = <uint32_t>value
    reader_open(&reader, mandate.data, mandate.size)
    if (
        # A court without a code is the caller's business; what it was given was written.
        (is_next(&reader, MANDATE_COURT_CODE) and expect_text(&reader, MANDATE_COURT_CODE, &text) != 0)
        or expect_text(&reader, MANDATE_CASE_NUMBER, &admitted.case_number) != 0
        or expect_text(&reader, MANDATE_INSTRUMENT_NUMBER, &text) != 0
        or expect_number(&reader, MANDATE_INSTRUMENT_KIND, 1, 2, &value) != 0
        or expect_text(&reader, MANDATE_OFFICER_ID, &text) != 0
        or expect_number(&reader, MANDATE_DEBTOR_ROLE, 1, 1, &value) != 0
        or reader.at != reader.end
    ):
        return -1
    return 0


cdef int parse_items(Reader* reader, Admitted* admitted) noexcept nogil:
    """The rest of an Entry: ascending codes, or nothing for all."""
    cdef Slice codes
    cdef uint32_t at
    if reader.at == reader.end:
        admitted.items = ITEMS_ALL
        return 0
    if expect_text(reader, ENTRY_ITEMS, &codes) != 0 or reader.at != reader.end:
        return -1
    for at in range(codes.size):
        if not 1 <= codes.data[at] <= ITEM_COUNT or (at > 0 and codes.data[at] <= codes.data[at - 1]):
            return -1
        admitted.items |= <uint32_t>1 << (codes.data[at] - 1)
    return 0 if admitted.items != ITEMS_ALL else -1


cdef int parse_scope(Slice slice, Admitted* admitted, uint32_t* institutions) noexcept nogil:
    cdef Reader reader
    cdef Slice text
    cdef uint64_t reach
    reader_open(&reader, slice.data, slice.size)
    if expect_number(&reader, SCOPE_REACH, 1, REACH_LIST, &reach) != 0:
        return -1
    admitted.reach = <uint32_t>reach
    if reach == REACH_PROVINCE:
        if expect_text(&reader, SCOPE_PROVINCE, &text) != 0 or text.size != 2:
            return -1
        if not b"0" <= text.data[0] <= b"9" or not b"0" <= text.data[1] <= b"9":
            return -1
        admitted.province_code = (text.data[0] - 48) * 10 + (text.data[1] - 48)
    elif reach == REACH_LIST:
        if expect_text(&reader, SCOPE_INSTITUTIONS, &text) != 0:
            return -1
        if parse_list(text, admitted, institutions) != 0:
            return -1
    return 0 if reader.at == reader.end else -1


cdef int parse_list(Slice slice, Admitted* admitted, uint32_t* institutions) noexcept nogil:
    cdef Reader reader
    cdef uint64_t index
    cdef uint32_t count = 0
    reader_open(&reader, slice.data, slice.size)
    while reader.at < reader.end:
        if count == SCOPE_LIST_MAX or read_shortest(&reader, &index) != 0 or index >> 32 != 0:
            return -1
        if count > 0 and index <= institutions[count - 1]:
            return -1
        institutions[count] = <uint32_t>index
        count += 1
    admitted.institution_count = count
    return 0


cdef inline bint is_next(const Reader* reader, uint8_t tag) noexcept nogil:
    return reader.at < reader.end and reader.at[0] == tag


cdef inline int read_shortest(Reader* reader, uint64_t* value) noexcept nogil:
    """A varint as put_admitted writes it: no needless bytes."""
    cdef const uint8_t* start = reader.at
    if read_varint(reader, value) != 0 or varint_size(value[0]) != <uint32_t>(reader.at - start):
        return -1
    return 0


cdef inline int expect_text(Reader* reader, uint8_t tag, Slice* text) noexcept nogil:
    """A string, bytes or message that must come next and not be empty."""
    cdef uint64_t size
    if not is_next(reader, tag):
        return -1
    reader.at += 1
    if read_shortest(reader, &size) != 0 or size == 0 or size > <uint64_t>(reader.end - reader.at):
        return -1
    text.data = reader.at
    text.size = <uint32_t>size
    reader.at += size
    return 0


cdef inline int expect_number(Reader* reader, uint8_t tag, uint64_t low, uint64_t high,
                              uint64_t* value) noexcept nogil:
    """A varint field that comes next with `low` to `high`; it is left out when it is 0."""
    value[0] = 0
    if not is_next(reader, tag):
        return 0 if low == 0 else -1
    reader.at += 1
    if read_shortest(reader, value) != 0 or value[0] == 0 or not low <= value[0] <= high:
        return -1
    return 0
