"""Orders: the types of what every order passes. See the .py."""

cimport cython

from gateway.holds cimport guard, making
from gateway.holds.book cimport Basis, Book
from gateway.holds.cover cimport gap_of
from gateway.holds.making cimport Signature, Target
from gateway.holds.model cimport Claim, Control, Deed, Hold, Origin, TakenOrder
from gateway.holds.reading cimport Order, read_order


@cython.locals(court=str, basis=Basis, signature=Signature)
cpdef take(Book book, Order order, caller)


@cython.locals(claim=Claim, replaced=Hold, hold=Hold, target=Target, control=Control)
cdef _on_property(Book book, Order order, Signature signature)


cdef _ceiling(Book book, Claim claim, int debtor, Order order, item, long long available, Hold replaced)


@cython.locals(hold=Hold, claim=Claim, deed=Deed, control=Control)
cdef _on_hold(Book book, Order order, hold_id, Signature signature)


@cython.locals(origin=Origin)
cdef _hold_fault(Book book, Claim claim, Hold hold, Order order)


cdef Deed _deed(Book book, Claim claim, Hold hold, Order order)
