"""Codec: an inquiry, from a court's bytes to its canonical form.

Parses one Inquiry in place (nothing is copied or allocated), finds every fault in it, and writes it as an Admitted of the
journal. Pure C; it does not know institutions: whether a scope reaches anybody is the directory's business.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from gateway.core.wire cimport Buffer, Slice

cdef enum:
    FAULTS_MAX = 32          # faults reported of one inquiry
    SCOPE_LIST_MAX = 4096    # institutions named by one inquiry; more would only repeat some
    ITEM_COUNT = 25
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
    FIELD_MANDATE_COURT_CODE, FIELD_CASE_NUMBER, FIELD_INSTRUMENT_NUMBER, FIELD_INSTRUMENT_KIND, FIELD_OFFICER_ID
    FIELD_DEBTOR_ROLE
    FIELD_ID_TYPE, FIELD_ID_NUMBER, FIELD_NAME
    FIELD_REACH, FIELD_PROVINCE, FIELD_INSTITUTIONS
    FIELD_ITEMS, FIELD_URGENCY, FIELD_FRESHNESS, FIELD_DEADLINE, FIELD_CLAIM

cdef struct Fault:
    uint8_t reason
    uint8_t field

cdef struct Inquiry:
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
    uint32_t fault_count
    Fault faults[FAULTS_MAX]

cdef struct Admitted:
    Slice entry              # the Entry with its tag and length (field 2), as a batch carries it; without kind
    Slice entry_body         # the same without tag and length
    Slice order_id
    Slice content_hash       # 16 bytes
    Slice id_number
    Slice name
    Slice case_number
    uint32_t id_type
    uint32_t reach
    uint32_t province_code
    uint32_t urgency
    uint32_t items
    uint32_t freshness_s
    uint64_t deadline_ns
    uint32_t institution_count

# Parse `slice` (the bytes of one Inquiry) sent by `court`; faults are collected in inquiry.faults, not returned.
# `institutions` (room for SCOPE_LIST_MAX) gets the list of a LIST scope as it came, ascending, repetitions removed.
cdef void parse_inquiry(Slice slice, Slice court, Inquiry* inquiry, uint32_t* institutions) noexcept nogil

# Add a fault unless it is there already or the list is full.
cdef void add_fault(Inquiry* inquiry, uint32_t reason, uint32_t field) noexcept nogil

# Lowest reason of the faults, 0 when there are none.
cdef uint32_t first_reason(const Inquiry* inquiry) noexcept nogil

# Append the `inquiries` field (4) of an Admission: tag, length, Admitted. -1: no memory.
cdef int put_admitted(Buffer* out, const Inquiry* inquiry, const uint32_t* institutions, const uint8_t* content_hash,
                      uint64_t deadline_ns) noexcept nogil

# Write what the content hash is taken over: every normalised field but order id; deadline as given in seconds.
cdef int put_content(Buffer* out, const Inquiry* inquiry, const uint32_t* institutions) noexcept nogil

# Read the bytes of one Admitted back. `institutions` as above. -1: not an Admitted that put_admitted made.
cdef int parse_admitted(Slice slice, Admitted* admitted, uint32_t* institutions) noexcept nogil

cdef const char* field_name(uint32_t field) noexcept nogil
