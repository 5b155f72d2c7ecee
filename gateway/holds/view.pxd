"""View: the types of what is told of every change. See the .py."""

cimport cython

from gateway.holds cimport encoding
from gateway.holds.book cimport Book
from gateway.holds.model cimport Claim, Control, Hold, Origin, Outcome


cdef class Views:
    cdef Book _book
    cdef bint _is_drafted

    cpdef Hold hold(self, hold_id)
    cpdef Claim claim(self, number)
    cpdef Outcome outcome(self, control_id)

    @cython.locals(hold=Hold, claim=Claim, view=bytes, found=list, size_bytes="long long", count=int)
    cpdef tuple told(self, str court, str case_number, hold_ids, int first, long long today)

    @cython.locals(hold=Hold, claim=Claim, found=dict, both=tuple, is_new=bint, is_ordered=bint)
    cpdef dict by_court(self, hold_ids, ordered)

    @cython.locals(life=int, end=int, cover=int)
    cdef bytes _encoded(self, Hold hold, Claim claim, long long today, int field)

    @cython.locals(control=Control)
    cpdef tuple stands(self, Hold hold, long long today)

    @cython.locals(control=Control, outcome=Outcome, requested_fen="long long", waits=bint)
    cdef bytes _encoded_control(self, control_id, Hold hold, int field)

    @cython.locals(ids=tuple, place="long long", count="long long", told=bytes)
    cdef bytes _encoded_controls(self, Hold hold)
