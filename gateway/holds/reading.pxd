"""Reading: what is told of a control, without message objects.

Of bytes that protobuf has written, or would write: they are a message, each field stands in it once, and
texts are UTF-8. What is not known, or of another kind, is passed over.
"""

cimport cython


cdef class Order:
    cdef readonly bytes content
    cdef readonly str order_id
    cdef readonly str court_code
    cdef readonly bytes mandate
    cdef readonly str notice_number
    cdef readonly int kind
    cdef readonly str claim_id
    cdef readonly cython.py_int hold_id
    cdef readonly int id_type
    cdef readonly str id_number
    cdef readonly str name
    cdef readonly long long institution
    cdef readonly long long item
    cdef readonly str locator
    cdef readonly str property_kind
    cdef readonly str currency
    cdef readonly bint has_available
    cdef readonly long long available_fen
    cdef readonly long long ceiling_fen
    cdef readonly bint whole
    cdef readonly long long amount_fen
    cdef readonly long long months
    cdef readonly cython.py_int replaces_hold_id
    cdef readonly bint urgent
    cdef readonly str reason
    cdef readonly bint has_more

cdef class Said:
    cdef readonly cython.py_int hold_id
    cdef readonly long long institution
    cdef readonly long long version
    cdef readonly int life
    cdef readonly int end
    cdef readonly long long ceiling
    cdef readonly bint whole
    cdef readonly long long controlled
    cdef readonly long long deducted
    cdef readonly long long position
    cdef readonly long long since
    cdef readonly long long until
    cdef readonly long long available
    cdef readonly long long stated_ns
    cdef readonly tuple ahead

cdef class Receipt:
    cdef readonly bytes content
    cdef readonly cython.py_int control_id
    cdef readonly int outcome
    cdef readonly int refusal
    cdef readonly str text
    cdef readonly long long deducted_fen
    cdef readonly Said said

cpdef Order read_order(bytes message)
cpdef Said read_statement(bytes message)
cpdef Receipt read_receipt(bytes message)
