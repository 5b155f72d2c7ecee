"""Ledger: the types of what follows from every control, and what it calls for it, as C. See the .py."""

cimport cython

from gateway.holds cimport encoding, follow
from gateway.holds.book cimport Book, Draft
from gateway.holds.model cimport Claim, Hold


@cython.locals(hold=Hold, claim=Claim)
cdef _after_order(Book book, int kind, hold_id)


cdef _after(Book book, hold_id)


@cython.locals(claim=Claim)
cdef _follow(Book book)
