"""Outcome: the types of what every receipt passes. See the .py."""

cimport cython

from gateway.holds cimport apply, encoding
from gateway.holds.book cimport Book
from gateway.holds.model cimport Control, Hold, Origin
from gateway.holds.reading cimport Receipt, Said, read_receipt


@cython.locals(control=Control, hold=Hold, outcome=int)
cpdef receipt(Book book, int endpoint, Receipt word)


@cython.locals(stated=Said, deducted="long long", ordered="long long")
cdef _receipt_fault(Book book, Hold hold, Control control, Receipt receipt)


@cython.locals(origin=Origin, life=int)
cpdef statement_fault(Book book, Hold hold, Said stated)


@cython.locals(since="long long", until="long long")
cdef bint _are_dates_right(Book book, Said stated) except -1


cdef _excess_fault(Book book, Hold hold, Said stated)


@cython.locals(control=Control)
cdef _deducting(Book book, Hold hold)


@cython.locals(control=Control)
cdef _until_max(Book book, Hold hold, long long since)
