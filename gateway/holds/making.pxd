"""Making: the types of what every control passes. See the .py."""

cimport cython

from gateway.holds cimport apply, encoding
from gateway.holds.book cimport Basis, Book
from gateway.holds.model cimport Claim, Control, Deed, Hold, Origin


cdef class Signature:
    cdef readonly str court
    cdef readonly str order_id
    cdef readonly bytes content_hash
    cdef readonly str ordered_by
    cdef readonly str cause
    cdef readonly Basis basis
    cdef readonly str notice


cdef class Target:
    cdef readonly int debtor
    cdef readonly object subject
    cdef readonly object place
    cdef readonly long long ceiling
    cdef readonly long long available
    cdef readonly long long months
    cdef readonly object replaces


@cython.locals(basis=Basis, deed=Deed, origin=Origin, control=Control)
cpdef freeze(Book book, Claim claim, Target target, Signature signature)


@cython.locals(basis=Basis, origin=Origin, control=Control)
cpdef Control on_hold(Book book, Hold hold, Deed deed, Signature signature)
