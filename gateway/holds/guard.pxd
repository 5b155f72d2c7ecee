"""Guard: the types of what every order passes. See the .py."""

cimport cython

from gateway.holds.book cimport Basis, Book
from gateway.holds.cover cimport due, gap_of, projected
from gateway.holds.model cimport Claim, Control, Hold, Origin
from gateway.holds.reading cimport Order


@cython.locals(kind=int, ceiling="long long", amount="long long", available="long long", order_id=str)
cpdef message_fault(Order order)


cpdef bint is_over(str text, int bytes_max) except -1


cdef _kind_of_order_fault(Order order, int kind, long long ceiling, long long amount)


cpdef Basis basis_of(Book book, bytes encoded, str court)


cpdef notice_fault(str notice)


cpdef court_fault(Book book, Claim claim, str court, int kind)


cpdef case_number_fault(Claim claim, Basis basis)


cpdef int debtor_of(Claim claim, person) except? -1


cpdef case_fault(Claim claim, int debtor, int kind)


cpdef property_fault(Book book, Claim claim, int debtor, place, int kind)


cpdef living_fault(Hold hold)


cpdef in_force_fault(Hold hold)


cpdef months_fault(Book book, item, long long months)


cpdef deduct_amount_fault(Book book, Claim claim, Hold hold, long long amount)


cpdef owed_fault(Book book, Claim claim, long long amount)


@cython.locals(control=Control, hold=Hold)
cpdef pending_deductions(Book book, Claim claim)
