"""Apply: the types of what every control passes. See the .py."""

cimport cython

from gateway.holds.book cimport Book
from gateway.holds.cover cimport count_new, recount, recount_with_pair
from gateway.holds.model cimport Claim, Control, Hold, Origin, Outcome
from gateway.holds.reading cimport Receipt, Said


@cython.locals(hold=Hold)
cpdef taken(Book book, Control control, Origin origin, left_count=*)


cdef _queue(Book book, Hold hold, Control control, left_count)


@cython.locals(hold=Hold, claim=Claim)
cdef _freeze(Book book, Control control, Origin origin)


cpdef list_under(dict index, key, hold_id)


@cython.locals(older=Hold)
cdef _release_to_leave(Book book, Hold hold)


@cython.locals(control=Control, hold=Hold, claim=Claim, asked="long long", stated=Said, outcome=int)
cpdef received(Book book, Receipt receipt)


cdef _end(Book book, Claim claim, Hold hold, Control control, Outcome outcome)


cdef _heard(Claim claim, Hold hold)


@cython.locals(life=int, until="long long")
cpdef state(Book book, Claim claim, Hold hold, Said stated)
