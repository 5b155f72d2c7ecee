"""Follow: the types of what is looked at after every input. See the .py."""

cimport cython

from gateway.holds.book cimport Book
from gateway.holds.cover cimport due, gap_of, projected
from gateway.holds.model cimport Claim, Control, Hold, Origin


@cython.locals(hold=Hold)
cpdef after_hold(Book book, hold_id)


@cython.locals(claim=Claim)
cpdef after_claim(Book book, number)


cpdef note_gap(Book book, Claim claim)


@cython.locals(hold=Hold)
cpdef bound_hold(Book book, hold_id)


cdef _bound(Book book, Claim claim, Hold hold)


@cython.locals(older=Hold)
cdef _room(Book book, Hold hold)
