"""Forgetting: the types of what every step passes. See the .py."""

cimport cython

from gateway.holds.book cimport Book, Draft
from gateway.holds.cover cimport due
from gateway.holds.model cimport Claim, Hold


@cython.locals(keep_ns="long long", hold=Hold, claim=Claim, due_ns="long long")
cpdef note(Book book, Draft draft)


cdef bint _looks_settled(Book book, Claim claim) except -1
