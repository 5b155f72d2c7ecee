"""Counting: the types of what every step passes. See the .py."""

cimport cython

from gateway.holds.book cimport Book, Draft
from gateway.holds.cover cimport due
from gateway.holds.model cimport Claim, Hold


cdef class Counting:
    cdef Book _book
    cdef object _lives
    cdef object _states
    cdef dict _claim_states
    cdef long long _states_day
    cdef object _exposed
    cdef long long _controls_open
    cdef object _ordered
    cdef object _refusals
    cdef object _faults
    cdef readonly object seq

    @cython.locals(hold=Hold, before=Hold, claim=Claim, claim_before=Claim)
    cpdef kept(self, Draft draft, seq)

    @cython.locals(claim=Claim)
    cdef _count_claim(self, number)


cdef str _life(Hold hold)
