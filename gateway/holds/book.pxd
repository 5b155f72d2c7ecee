"""Book: the types of what the ledger knows. See the .py."""

cimport cython

from gateway.holds.due cimport Timetable
from gateway.holds.model cimport Claim, Control, Hold, Origin, Outcome


cdef class Basis:
    cdef readonly object refusal
    cdef readonly str officer
    cdef readonly str case_number
    cdef readonly bytes mandate


cdef class Draft:
    cdef public long long stamp
    cdef public long long stamp_before
    cdef public long long now_ns_before
    cdef public object next_id
    cdef public object next_claim
    cdef public long long now_ns
    cdef public list facts
    cdef public dict holds
    cdef public dict claims
    cdef public list controls
    cdef public list ended
    cdef public list undo
    cdef public list taken
    cdef public dict cursors
    cdef public long long deadline_count
    cdef public list last_days
    cdef public list forgotten
    cdef public Draft outer


cdef class Book:
    cdef object __weakref__
    cdef public object law
    cdef public object directory
    cdef public object limits
    cdef public dict claims
    cdef public dict holds
    cdef public dict controls
    cdef public dict outcomes
    cdef public dict claim_numbers
    cdef public dict case_claims
    cdef public dict orders
    cdef public dict case_events
    cdef public dict court_claims
    cdef public dict court_holds
    cdef public dict subject_holds
    cdef public dict institution_holds
    cdef public dict sightings
    cdef public dict ambiguous
    cdef public dict able
    cdef public dict bases
    cdef public dict cursors
    cdef public set waiting
    cdef public set left
    cdef public Timetable timetable
    cdef public object past
    cdef public object still
    cdef public Draft draft
    cdef public Draft step
    cdef public long long stamp
    cdef public long long _stamps
    cdef public object next_id
    cdef public object next_claim
    cdef public long long now_ns
    cdef public long long day
    cdef public long long today
    cdef public dict touched
    cdef public list followed
    cdef public list accidents
    cdef public set rescan

    cpdef clear_input(self)
    cpdef Draft open_draft(self)
    cpdef note(self, bytes fact)

    @cython.locals(hold=Hold)
    cpdef Hold edit_hold(self, hold_id)

    @cython.locals(claim=Claim)
    cpdef Claim edit_claim(self, number)

    cpdef new_hold(self, Hold hold)
    cpdef new_claim(self, Claim claim)
    cpdef new_control(self, Control control)
    cpdef end_control(self, control_id, Outcome outcome)
    cpdef append(self, list values, value)
    cpdef deadline(self, long long due_ns, hold_id)
    cpdef last_day(self, long long until, hold_id)
    cpdef Hold kept_hold(self, hold_id)
    cpdef Claim kept_claim(self, number)

    @cython.locals(outcome=Outcome)
    cpdef Outcome kept_outcome(self, control_id)


cpdef mark(set values, value, bint included)
