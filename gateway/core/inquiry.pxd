"""Inquiry: one inquiry as the core holds it, and every fault in it.

The struct, its constants, and the judgement on what was read. Pure C. It does not parse (codec), and it does
not know institutions: whether a scope reaches anybody is the directory's business.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t

from gateway.core.wire cimport Slice

cdef enum:
    FAULTS_MAX = 32          # faults reported of one inquiry
    SCOPE_LIST_MAX = 4096    # institutions named by one inquiry; more would only repeat some
    ITEM_COUNT = 25
    ID_NUMBER_BYTES_MAX = 20
    NAME_BYTES_MAX = 256
    ITEMS_ALL = (1 << 25) - 1

# Reach of a scope and urgency, with the numbers of chakong.gateway.v1.
cdef enum:
    REACH_ALL = 1
    REACH_BANKS = 2
    REACH_UNITS = 3
    REACH_PROVINCE = 4
    REACH_LIST = 5

# Reasons, with the numbers of chakong.gateway.v1.Reason.
cdef enum:
    REASON_MALFORMED = 1
    REASON_FOREIGN_COURT = 2
    REASON_SAME_RECEIPT = 3
    REASON_ORDER_ID_REUSED = 4
    REASON_ID_NUMBER_MISSING = 5
    REASON_BAD_LENGTH = 6
    REASON_BAD_BIRTH_DATE = 7
    REASON_BAD_CHECK_DIGIT = 8
    REASON_NAME_MISSING = 9
    REASON_MANDATE_INCOMPLETE = 10
    REASON_NOT_THE_DEBTOR = 11
    REASON_UNKNOWN_INSTITUTION = 12
    REASON_NOBODY_CONCERNED = 13
    REASON_ORDER_ID_MISSING = 14
    REASON_UNKNOWN_VALUE = 15
    REASON_TOO_LONG = 16
    REASON_OUT_OF_RANGE = 17

# Which field a fault is about; field_name() gives its path.
cdef enum Field:
    FIELD_INQUIRY, FIELD_ORDER_ID, FIELD_COURT_CODE
    FIELD_MANDATE_COURT_CODE, FIELD_CASE_NUMBER, FIELD_INSTRUMENT_NUMBER, FIELD_INSTRUMENT_KIND
    FIELD_OFFICER_ID, FIELD_DEBTOR_ROLE
    FIELD_ID_TYPE, FIELD_ID_NUMBER, FIELD_NAME
    FIELD_REACH, FIELD_PROVINCE, FIELD_INSTITUTIONS
    FIELD_ITEMS, FIELD_URGENCY, FIELD_FRESHNESS, FIELD_DEADLINE, FIELD_CLAIM
    FIELD_SCOPE              # the scope as a whole: nobody concerned
    FIELD_COUNT

cdef struct Fault:
    uint8_t reason
    uint8_t field

cdef struct Inquiry:
    # The caller sets it, parse_inquiry keeps it: the Beijing date as the number YYYYMMDD. Nobody is born
    # after it.
    uint32_t today
    # Slices point into the message; they live as long as it does.
    Slice order_id
    Slice court_code
    Slice case_number
    Slice instrument_number
    Slice officer_id
    Slice id_number          # upper-cased copy in number[] when it came with a small x
    Slice name
    Slice province
    uint8_t number[24]
    uint32_t instrument_kind
    uint32_t debtor_role
    uint32_t id_type
    uint32_t reach
    uint32_t province_code   # 0 unless reach is PROVINCE
    uint32_t urgency         # 1 URGENT, 2 NORMAL, 3 PATROL; unspecified is read as NORMAL
    uint32_t items           # bit code-1; ITEMS_ALL when none was named
    uint32_t freshness_s     # absent: 86,400
    uint32_t deadline_s      # 0: the default
    int64_t claim_fen
    uint32_t institution_count
    # What came, but has no place in the canonical form.
    Slice mandate_court_code  # empty, or the court's own
    uint8_t is_list_too_long  # more than SCOPE_LIST_MAX institutions came
    uint8_t has_unknown_item  # an item code outside 1 to ITEM_COUNT came
    uint32_t fault_count
    Fault faults[FAULTS_MAX]

# Every fault that the inquiry has by itself, as read from what `court` sent. Puts its number, province and
# urgency into canonical form on the way.
cdef void judge_inquiry(Inquiry* inquiry, Slice court) noexcept nogil

# Add a fault unless it is there already or the list is full.
cdef void add_fault(Inquiry* inquiry, uint32_t reason, uint32_t field) noexcept nogil

# Lowest reason of the faults, 0 when there are none.
cdef uint32_t first_reason(const Inquiry* inquiry) noexcept nogil

cdef const char* field_name(uint32_t field) noexcept nogil
