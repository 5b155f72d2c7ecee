"""Deciding: the types of what every control passes. See the .py."""

cimport cython

from gateway.holds cimport follow
from gateway.holds.book cimport Book, Draft
from gateway.holds.counting cimport Counting
from gateway.holds.model cimport Claim, Control, Hold, TakenOrder
from gateway.holds.reading cimport Order, Receipt
from gateway.holds.sending cimport Sending


@cython.locals(taken=TakenOrder)
cpdef order(Book book, Counting counting, Order wanted, caller)


@cython.locals(control=Control)
cpdef receipt(Book book, Counting counting, Sending sending, int endpoint, Receipt word)


@cython.locals(hold=Hold, before=Hold)
cpdef line_up(Book book, Sending sending, Draft draft)


@cython.locals(hold=Hold, claim=Claim)
cdef _after_order(Book book, int kind, hold_id)


cpdef after(Book book, hold_id)


@cython.locals(claim=Claim)
cpdef follow_up(Book book)
