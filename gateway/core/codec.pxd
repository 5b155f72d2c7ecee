"""Codec: an inquiry, from a court's bytes to its canonical form and back.

Parses one Inquiry in place (nothing is copied or allocated). What an inquiry is and what may be wrong with it
stands in inquiry.pxd, its canonical form in canonical.pxd; both are passed on here. Pure C; it does not know
institutions.
"""

from libc.stdint cimport uint32_t

from gateway.core.canonical cimport Admitted, parse_admitted, put_admitted, put_content
from gateway.core.inquiry cimport FAULTS_MAX, SCOPE_LIST_MAX, ITEM_COUNT, ITEMS_ALL, REACH_ALL, REACH_BANKS
from gateway.core.inquiry cimport REACH_UNITS, REACH_PROVINCE, REACH_LIST, REASON_MALFORMED
from gateway.core.inquiry cimport REASON_FOREIGN_COURT, REASON_SAME_RECEIPT, REASON_ORDER_ID_REUSED
from gateway.core.inquiry cimport REASON_ID_NUMBER_MISSING, REASON_BAD_LENGTH, REASON_BAD_BIRTH_DATE
from gateway.core.inquiry cimport REASON_BAD_CHECK_DIGIT, REASON_NAME_MISSING, REASON_MANDATE_INCOMPLETE
from gateway.core.inquiry cimport REASON_NOT_THE_DEBTOR, REASON_UNKNOWN_INSTITUTION, REASON_NOBODY_CONCERNED
from gateway.core.inquiry cimport REASON_ORDER_ID_MISSING, REASON_UNKNOWN_VALUE, REASON_TOO_LONG
from gateway.core.inquiry cimport REASON_OUT_OF_RANGE
from gateway.core.inquiry cimport FIELD_INQUIRY, FIELD_ORDER_ID, FIELD_COURT_CODE, FIELD_MANDATE_COURT_CODE
from gateway.core.inquiry cimport FIELD_CASE_NUMBER, FIELD_INSTRUMENT_NUMBER, FIELD_INSTRUMENT_KIND
from gateway.core.inquiry cimport FIELD_OFFICER_ID, FIELD_DEBTOR_ROLE, FIELD_ID_TYPE, FIELD_ID_NUMBER
from gateway.core.inquiry cimport FIELD_NAME, FIELD_REACH, FIELD_PROVINCE, FIELD_INSTITUTIONS, FIELD_ITEMS
from gateway.core.inquiry cimport FIELD_URGENCY, FIELD_FRESHNESS, FIELD_DEADLINE, FIELD_CLAIM, FIELD_SCOPE
from gateway.core.inquiry cimport FIELD_COUNT
from gateway.core.inquiry cimport Fault, Field, Inquiry, add_fault, field_name, first_reason
from gateway.core.wire cimport Slice

# Parse `slice` (the bytes of one Inquiry) sent by `court`; the faults stand in inquiry.faults.
# `institutions` (room for SCOPE_LIST_MAX) gets the list of a LIST scope as it came, ascending, repetitions
# removed. Of a list that cannot be right it may get a part: the first SCOPE_LIST_MAX of a longer one
# (TOO_LONG), and of several indexes from SCOPE_LIST_MAX on, which no directory has, the highest. `items` is 0
# where only unknown codes came. The inquiry must stay where it is: id_number may point into it.
cdef void parse_inquiry(Slice slice, Slice court, Inquiry* inquiry, uint32_t* institutions) noexcept nogil
