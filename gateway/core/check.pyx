"""Check: judging a message. See check.pxd."""

from libc.stdint cimport uint8_t
from libc.string cimport memcpy, memset, strlen

from gateway.core.book cimport asks_make_room
from gateway.core.codec cimport (
    FIELD_INSTITUTIONS,
    FIELD_ORDER_ID,
    FIELD_PROVINCE,
    FIELD_SCOPE,
    REACH_LIST,
    REACH_PROVINCE,
    REASON_NOBODY_CONCERNED,
    REASON_ORDER_ID_REUSED,
    REASON_SAME_RECEIPT,
    REASON_MALFORMED,
    REASON_UNKNOWN_INSTITUTION,
    REASON_UNKNOWN_VALUE,
    Inquiry,
    add_fault,
    field_name,
    first_reason,
    parse_inquiry,
    put_admitted,
    put_content,
)
from gateway.core.directory cimport directory_concerns
from gateway.core.hash cimport hash128
from gateway.core.orders cimport Order, Row, orders_add, orders_find, orders_remove, row_inquiry_id
from gateway.core.table cimport table_prefetch
from gateway.core.wire cimport (
    BYTES,
    VARINT,
    Reader,
    buffer_free,
    buffer_reserve,
    put_bytes,
    put_fixed64,
    put_raw,
    put_uint,
    read_slice,
    read_tag,
    read_varint,
    reader_open,
    skip_field,
)
from gateway.core.world cimport DRAFT_COUNT, Draft

cdef enum:
    # Asks that an inquiry makes at the most in the usual case; the limit is kept by this estimate, `admit`
    # never refuses.
    ASKS_GUESSED = 20
    DAY_NS = 86400000000000
    BEIJING_NS = 28800000000000


cdef void verdicts_close(Verdicts* verdicts) noexcept nogil:
    buffer_free(&verdicts.response)
    buffer_free(&verdicts.frame)
    buffer_free(&verdicts.orders)


cdef uint32_t beijing_date(int64_t now_ns) noexcept nogil:
    """YYYYMMDD. Source: Howard Hinnant, chrono-compatible low-level date algorithms, civil_from_days."""
    cdef int64_t days = (now_ns + BEIJING_NS) // DAY_NS + 719468
    cdef int64_t era = days // 146097
    cdef int64_t day_of_era = days - era * 146097
    cdef int64_t year = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    cdef int64_t day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    cdef int64_t month = (5 * day_of_year + 2) // 153
    cdef int64_t day = day_of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year += era * 400 + (1 if month <= 2 else 0)
    return <uint32_t>(year * 10000 + month * 100 + day)


cdef int scan(Verdicts* verdicts, Slice message) noexcept nogil:
    """Is it a SubmitBulkRequest, with how many inquiries, and which tag?"""
    cdef Reader reader
    cdef Slice field
    cdef uint32_t number, wire_type
    verdicts.found = 0
    reader_open(&reader, message.data, message.size)
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return -1
        if number == 1 and wire_type == BYTES:
            if read_slice(&reader, &field) != 0:
                return -1
            verdicts.found += 1
        elif number == 2 and wire_type == VARINT:
            if read_varint(&reader, &verdicts.tag) != 0:
                return -1
        elif skip_field(&reader, wire_type) != 0:
            return -1
    return 0


cdef bint has_room(World* world, const Verdicts* verdicts, Slice message) noexcept nogil:
    """What is kept only because somebody might ask again makes room."""
    cdef uint64_t coming = world.reserved + verdicts.found
    # The canonical form is a little longer than what came: hash, deadline, lengths.
    cdef uint64_t bytes_coming = world.reserved_bytes + message.size + 64 * <uint64_t>verdicts.found
    if world.book.tickets.count + coming > world.tickets_max:
        return False
    if world.book.asks.count - world.book.fresh_count + coming * ASKS_GUESSED > world.asks_max:
        return False
    if bytes_coming > world.bytes_max:
        return False
    asks_make_room(&world.book, world.bytes_max - bytes_coming)
    return world.book.bytes + bytes_coming <= world.bytes_max


cdef int check_message(World* world, Verdicts* verdicts, Slice message, Slice court,
                       int64_t now_ns) noexcept nogil:
    cdef Reader reader
    cdef Slice field
    cdef uint32_t number, wire_type
    cdef uint32_t index = 0
    cdef uint32_t today = beijing_date(now_ns)
    cdef int failed
    cdef Buffer list
    cdef uint32_t drafted = 0
    memset(&list, 0, sizeof(Buffer))
    memset(verdicts, 0, sizeof(Verdicts))
    if message.size > MESSAGE_BYTES_MAX or scan(verdicts, message) != 0 or verdicts.found > INQUIRIES_MAX:
        return CHECK_INVALID
    if not has_room(world, verdicts, message):
        return CHECK_FULL
    verdicts.first_inquiry_id = world.next_inquiry_id
    failed = reserve(verdicts, message)
    reader_open(&reader, message.data, message.size)
    while failed == 0 and (reader.at < reader.end or drafted):
        if reader.at < reader.end:
            read_tag(&reader, &number, &wire_type)
            if number == 1 and wire_type == BYTES:
                read_slice(&reader, &field)
                failed = read_draft(world, &world.drafts[drafted], field, court, today)
                drafted += 1
            else:
                skip_field(&reader, wire_type)
        if drafted == DRAFT_COUNT or reader.at == reader.end:
            for number in range(drafted if failed == 0 else 0):
                failed = failed or judge(world, verdicts, &list, &world.drafts[number], court, index,
                                         now_ns)
                index += 1
            drafted = 0
    if verdicts.accepted == 0:
        verdicts.first_inquiry_id = 0
    failed = failed or put_response(verdicts, &list)
    buffer_free(&list)
    if failed != 0:
        check_abandon(world, verdicts)
        return -1
    world.next_inquiry_id += verdicts.accepted
    world.reserved += verdicts.accepted
    verdicts.reserved_bytes = verdicts.frame.size
    world.reserved_bytes += verdicts.reserved_bytes
    world.accepted += verdicts.accepted
    world.repeated += verdicts.repeated
    world.refused += verdicts.refused
    return CHECK_OK


cdef int reserve(Verdicts* verdicts, Slice message) noexcept nogil:
    """Room for what a message of faultless inquiries becomes: one that grows is copied."""
    if buffer_reserve(&verdicts.frame, message.size + 64 * <size_t>verdicts.found) != 0:
        return -1
    return buffer_reserve(&verdicts.orders, sizeof(Order) * <size_t>verdicts.found)


cdef int put_response(Verdicts* verdicts, const Buffer* list) noexcept nogil:
    cdef Buffer* out = &verdicts.response
    if put_uint(out, 1, verdicts.tag) != 0 or put_uint(out, 2, verdicts.accepted) != 0:
        return -1
    if put_uint(out, 3, verdicts.repeated) != 0 or put_uint(out, 4, verdicts.refused) != 0:
        return -1
    if put_uint(out, 5, verdicts.first_inquiry_id) != 0:
        return -1
    return put_raw(out, list.data, list.size)


cdef void judge_scope(World* world, Draft* draft) noexcept nogil:
    """Faults that only the directory knows."""
    cdef Inquiry* inquiry = &draft.inquiry
    cdef bint scope_known = True
    if inquiry.reach == REACH_LIST and (
            inquiry.institution_count == 0
            or draft.list[inquiry.institution_count - 1] >= world.directory.institution_count):
        add_fault(inquiry, REASON_UNKNOWN_INSTITUTION, FIELD_INSTITUTIONS)
        scope_known = False
    if inquiry.reach == REACH_PROVINCE and (
            inquiry.province_code == 0 or inquiry.province_code > 255
            or not world.directory.province_known[inquiry.province_code]):
        add_fault(inquiry, REASON_UNKNOWN_VALUE, FIELD_PROVINCE)
        scope_known = False
    if scope_known and 1 <= inquiry.reach <= REACH_LIST and inquiry.items and not directory_concerns(
            world.directory, inquiry.reach, inquiry.province_code, draft.list, inquiry.institution_count,
            inquiry.items):
        add_fault(inquiry, REASON_NOBODY_CONCERNED, FIELD_SCOPE)


cdef int read_draft(World* world, Draft* draft, Slice slice, Slice court, uint32_t today) noexcept nogil:
    """What one inquiry says by itself; its order id will be looked for when those beside it are read too.
    -1: no memory."""
    draft.inquiry.today = today
    parse_inquiry(slice, court, &draft.inquiry, draft.list)
    draft.is_readable = first_reason(&draft.inquiry) != REASON_MALFORMED
    if not draft.is_readable:
        return 0
    judge_scope(world, draft)
    if order_hashes(world, draft, court) != 0:
        return -1
    table_prefetch(&world.orders.table, draft.order.key)
    return 0


cdef int judge(World* world, Verdicts* verdicts, Buffer* list, Draft* draft, Slice court, uint32_t index,
               int64_t now_ns) noexcept nogil:
    cdef Inquiry* inquiry = &draft.inquiry
    cdef Order* order = &draft.order
    cdef const Row* known
    cdef uint32_t reason
    if draft.is_readable and inquiry.order_id.size:
        known = orders_find(&world.orders, order.key)
        if known != NULL:
            if known.content == order.content.low and inquiry.fault_count == 0:
                verdicts.repeated += 1
                return put_verdict(world, list, index, REASON_SAME_RECEIPT, row_inquiry_id(known), NULL)
            add_fault(inquiry, REASON_ORDER_ID_REUSED, FIELD_ORDER_ID)
    if inquiry.fault_count:
        reason = first_reason(inquiry)
        verdicts.refused += 1
        verdicts.by_reason[reason & (REASON_COUNT - 1)] += 1
        return put_verdict(world, list, index, reason, 0, inquiry)
    order.inquiry_id = verdicts.first_inquiry_id + verdicts.accepted
    if verdicts.accepted == 0 and (
            put_fixed64(&verdicts.frame, 1, <uint64_t>now_ns) != 0
            or put_bytes(&verdicts.frame, 2, court.data, court.size) != 0
            or put_fixed64(&verdicts.frame, 3, verdicts.first_inquiry_id) != 0):
        return -1
    if put_raw(&verdicts.orders, <const uint8_t*>order, sizeof(Order)) != 0:
        return -1
    verdicts.accepted += 1
    if orders_add(&world.orders, order) != 0:
        return -1
    return put_admitted(&verdicts.frame, inquiry, draft.list, <const uint8_t*>&order.content,
                        <uint64_t>now_ns + deadline_s(world, inquiry) * <uint64_t>1000000000)


cdef uint64_t deadline_s(const World* world, const Inquiry* inquiry) noexcept nogil:
    return inquiry.deadline_s if inquiry.deadline_s else world.deadline_default_s


cdef int order_hashes(World* world, Draft* draft, Slice court) noexcept nogil:
    """Keys of (court, order id) and of the content. The court's length comes first: no two pairs run
    together."""
    cdef const Inquiry* inquiry = &draft.inquiry
    cdef Order* order = &draft.order
    cdef Buffer* text = &world.scratch
    text.size = 0
    if put_bytes(text, 1, court.data, court.size) != 0:
        return -1
    if put_bytes(text, 2, inquiry.order_id.data, inquiry.order_id.size) != 0:
        return -1
    order.key = hash128(text.data, text.size, world.key)
    text.size = 0
    if put_content(text, inquiry, draft.list) != 0:
        return -1
    order.content = hash128(text.data, text.size, world.key)
    return 0


cdef int put_verdict(World* world, Buffer* list, uint32_t index, uint32_t reason, uint64_t inquiry_id,
                     const Inquiry* inquiry) noexcept nogil:
    """SubmitBulkResponse.verdicts (6)."""
    cdef Buffer* out = &world.scratch
    cdef Buffer* part = &world.part
    cdef uint32_t fault
    cdef const char* name
    out.size = 0
    if put_uint(out, 1, index) != 0 or put_uint(out, 2, reason) != 0 or put_uint(out, 3, inquiry_id) != 0:
        return -1
    for fault in range(inquiry.fault_count if inquiry != NULL else 0):
        part.size = 0
        name = field_name(inquiry.faults[fault].field)
        if put_uint(part, 1, inquiry.faults[fault].reason) != 0:
            return -1
        if put_bytes(part, 2, <const uint8_t*>name, strlen(name)) != 0 or put_bytes(out, 4, part.data,
                                                                                    part.size) != 0:
            return -1
    return put_bytes(list, 6, out.data, out.size)


cdef void check_abandon(World* world, const Verdicts* verdicts) noexcept nogil:
    cdef Order order
    cdef size_t at = 0
    while at < verdicts.orders.size:
        memcpy(&order, verdicts.orders.data + at, sizeof(Order))
        orders_remove(&world.orders, order.key)
        at += sizeof(Order)
