"""Inquiry: the judgement on what a court sent.

All faults are found, in no order; the lowest reason is the verdict. Where one value stands in the way of
judging another (no number, no known id type), the other is left alone.
"""

from libc.string cimport memcmp, memcpy

from gateway.core.person cimport NUMBER_CHECK, NUMBER_DATE, NUMBER_FORM, RESIDENT_ID_SIZE
from gateway.core.person cimport judge_credit_code, judge_passport, judge_resident_id

cdef extern from *:
    """
    /* Paths of Field, in its order. */
    static const char *const FIELD_NAMES[] = {
        "", "order_id", "court_code",
        "mandate.court_code", "mandate.case_number", "mandate.instrument_number", "mandate.instrument_kind",
        "mandate.officer_id", "mandate.debtor_role",
        "subject.id_type", "subject.id_number", "subject.name",
        "scope.reach", "scope.province", "scope.institutions",
        "items", "urgency", "freshness_s", "deadline_s", "claim_fen", "scope",
    };
    """
    const char** FIELD_NAMES

# Limits of the .proto files; strings in bytes. An enum's highest number ends in MAX.
cdef enum:
    ORDER_ID_BYTES_MAX = 64
    COURT_CODE_BYTES_MAX = 32
    DOCUMENT_BYTES_MAX = 128     # case number, instrument number
    OFFICER_ID_BYTES_MAX = 32
    FRESHNESS_S_MAX = 604800
    DEADLINE_S_MAX = 2592000
    ID_TYPE_RESIDENT_ID = 1
    ID_TYPE_CREDIT_CODE = 2
    ID_TYPE_PASSPORT = 3
    INSTRUMENT_KIND_MAX = 2
    DEBTOR_ROLE_JUDGMENT_DEBTOR = 1
    DEBTOR_ROLE_MAX = 3
    URGENCY_NORMAL = 2
    URGENCY_MAX = 3


cdef void judge_inquiry(Inquiry* inquiry, Slice court) noexcept nogil:
    judge_text(inquiry, &inquiry.order_id, ORDER_ID_BYTES_MAX, FIELD_ORDER_ID, REASON_ORDER_ID_MISSING)
    judge_court(inquiry, court)
    judge_mandate(inquiry)
    judge_subject(inquiry)
    judge_scope(inquiry)
    judge_numbers(inquiry)


cdef void add_fault(Inquiry* inquiry, uint32_t reason, uint32_t field) noexcept nogil:
    cdef uint32_t at
    for at in range(inquiry.fault_count):
        if inquiry.faults[at].reason == reason and inquiry.faults[at].field == field:
            return
    if inquiry.fault_count < FAULTS_MAX:
        inquiry.faults[inquiry.fault_count].reason = <uint8_t>reason
        inquiry.faults[inquiry.fault_count].field = <uint8_t>field
        inquiry.fault_count += 1


cdef uint32_t first_reason(const Inquiry* inquiry) noexcept nogil:
    cdef uint32_t first = 0
    cdef uint32_t at
    for at in range(inquiry.fault_count):
        if first == 0 or inquiry.faults[at].reason < first:
            first = inquiry.faults[at].reason
    return first


cdef const char* field_name(uint32_t field) noexcept nogil:
    return FIELD_NAMES[field if field < FIELD_COUNT else FIELD_INQUIRY]


cdef void judge_text(Inquiry* inquiry, const Slice* text, uint32_t size_max, uint32_t field,
                     uint32_t missing) noexcept nogil:
    """`missing` is the reason of an empty text; 0: it may be empty."""
    if text.size == 0 and missing != 0:
        add_fault(inquiry, missing, field)
    elif text.size > size_max:
        add_fault(inquiry, REASON_TOO_LONG, field)


cdef void judge_court(Inquiry* inquiry, Slice court) noexcept nogil:
    judge_text(inquiry, &inquiry.court_code, COURT_CODE_BYTES_MAX, FIELD_COURT_CODE, 0)
    if not is_same(&inquiry.court_code, &court):
        add_fault(inquiry, REASON_FOREIGN_COURT, FIELD_COURT_CODE)
    if inquiry.mandate_court_code.size != 0:
        judge_text(inquiry, &inquiry.mandate_court_code, COURT_CODE_BYTES_MAX, FIELD_MANDATE_COURT_CODE, 0)
        if not is_same(&inquiry.mandate_court_code, &court):
            add_fault(inquiry, REASON_FOREIGN_COURT, FIELD_MANDATE_COURT_CODE)


cdef void judge_mandate(Inquiry* inquiry) noexcept nogil:
    cdef uint32_t missing = REASON_MANDATE_INCOMPLETE
    judge_text(inquiry, &inquiry.case_number, DOCUMENT_BYTES_MAX, FIELD_CASE_NUMBER, missing)
    judge_text(inquiry, &inquiry.instrument_number, DOCUMENT_BYTES_MAX, FIELD_INSTRUMENT_NUMBER, missing)
    judge_text(inquiry, &inquiry.officer_id, OFFICER_ID_BYTES_MAX, FIELD_OFFICER_ID, missing)
    if inquiry.instrument_kind == 0:
        add_fault(inquiry, missing, FIELD_INSTRUMENT_KIND)
    elif inquiry.instrument_kind > INSTRUMENT_KIND_MAX:
        add_fault(inquiry, REASON_UNKNOWN_VALUE, FIELD_INSTRUMENT_KIND)
    if inquiry.debtor_role == 0:
        add_fault(inquiry, missing, FIELD_DEBTOR_ROLE)
    elif inquiry.debtor_role != DEBTOR_ROLE_JUDGMENT_DEBTOR:
        add_fault(inquiry, REASON_NOT_THE_DEBTOR, FIELD_DEBTOR_ROLE)
        if inquiry.debtor_role > DEBTOR_ROLE_MAX:
            add_fault(inquiry, REASON_UNKNOWN_VALUE, FIELD_DEBTOR_ROLE)


cdef void judge_subject(Inquiry* inquiry) noexcept nogil:
    cdef const uint8_t* number = inquiry.id_number.data
    cdef size_t size = inquiry.id_number.size
    cdef uint32_t wrong = 0
    judge_text(inquiry, &inquiry.name, NAME_BYTES_MAX, FIELD_NAME, 0)
    if is_blank(&inquiry.name):
        add_fault(inquiry, REASON_NAME_MISSING, FIELD_NAME)
    judge_text(inquiry, &inquiry.id_number, ID_NUMBER_BYTES_MAX, FIELD_ID_NUMBER, REASON_ID_NUMBER_MISSING)
    if not 1 <= inquiry.id_type <= ID_TYPE_PASSPORT:
        add_fault(inquiry, REASON_UNKNOWN_VALUE, FIELD_ID_TYPE)
        return
    if size == 0:
        return
    if inquiry.id_type == ID_TYPE_RESIDENT_ID:
        wrong = judge_resident_id(number, size, inquiry.today)
        if wrong & NUMBER_FORM == 0 and number[RESIDENT_ID_SIZE - 1] == b"x":
            memcpy(inquiry.number, number, RESIDENT_ID_SIZE)
            inquiry.number[RESIDENT_ID_SIZE - 1] = b"X"
            inquiry.id_number.data = inquiry.number
    elif inquiry.id_type == ID_TYPE_CREDIT_CODE:
        wrong = judge_credit_code(number, size)
    else:
        wrong = judge_passport(number, size)
    if wrong & NUMBER_FORM:
        add_fault(inquiry, REASON_BAD_LENGTH, FIELD_ID_NUMBER)
    if wrong & NUMBER_DATE:
        add_fault(inquiry, REASON_BAD_BIRTH_DATE, FIELD_ID_NUMBER)
    if wrong & NUMBER_CHECK:
        add_fault(inquiry, REASON_BAD_CHECK_DIGIT, FIELD_ID_NUMBER)


cdef void judge_scope(Inquiry* inquiry) noexcept nogil:
    """Province 00 is refused here: in a directory's snapshot 0 stands for a unit."""
    cdef const uint8_t* province = inquiry.province.data
    if not REACH_ALL <= inquiry.reach <= REACH_LIST:
        add_fault(inquiry, REASON_UNKNOWN_VALUE, FIELD_REACH)
    elif inquiry.reach == REACH_PROVINCE:
        if inquiry.province.size == 2 and is_digit(province[0]) and is_digit(province[1]):
            inquiry.province_code = (province[0] - 48) * 10 + (province[1] - 48)
        if inquiry.province_code == 0:
            add_fault(inquiry, REASON_UNKNOWN_VALUE, FIELD_PROVINCE)
    elif inquiry.reach == REACH_LIST:
        if inquiry.institution_count == 0:
            add_fault(inquiry, REASON_UNKNOWN_INSTITUTION, FIELD_INSTITUTIONS)
        if inquiry.is_list_too_long:
            add_fault(inquiry, REASON_TOO_LONG, FIELD_INSTITUTIONS)
    if inquiry.has_unknown_item:
        add_fault(inquiry, REASON_UNKNOWN_VALUE, FIELD_ITEMS)


cdef void judge_numbers(Inquiry* inquiry) noexcept nogil:
    if inquiry.urgency == 0:
        inquiry.urgency = URGENCY_NORMAL
    elif inquiry.urgency > URGENCY_MAX:
        add_fault(inquiry, REASON_UNKNOWN_VALUE, FIELD_URGENCY)
    if inquiry.freshness_s > FRESHNESS_S_MAX:
        add_fault(inquiry, REASON_OUT_OF_RANGE, FIELD_FRESHNESS)
    if inquiry.deadline_s > DEADLINE_S_MAX:
        add_fault(inquiry, REASON_OUT_OF_RANGE, FIELD_DEADLINE)
    if inquiry.claim_fen < 0:
        add_fault(inquiry, REASON_OUT_OF_RANGE, FIELD_CLAIM)


cdef inline bint is_same(const Slice* one, const Slice* other) noexcept nogil:
    return one.size == other.size and (one.size == 0 or memcmp(one.data, other.data, one.size) == 0)


cdef inline bint is_blank(const Slice* text) noexcept nogil:
    """Empty or only spaces."""
    cdef uint32_t at
    for at in range(text.size):
        if text.data[at] != b" ":
            return False
    return True


cdef inline bint is_digit(uint8_t char) noexcept nogil:
    return b"0" <= char <= b"9"
