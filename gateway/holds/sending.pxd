"""Sending: what it looks at for every control, as C. See the .py."""

cimport cython

from gateway.holds.book cimport Book
from gateway.holds.model cimport Control, Hold


cdef class Leaving:
    cdef readonly cython.py_int control_id
    cdef readonly bytes message


cdef class Sending:
    cdef Book _book
    cdef dict _lanes
    cdef set _due
    cdef set _urgent
    cdef readonly set out

    @cython.locals(lanes=tuple, control=Control)
    cpdef line_up(self, Hold hold)

    @cython.locals(found=list, lanes=tuple, aside=list, out=set, left=set)
    @cython.locals(control=Control, hold=Hold, newest=Hold)
    cpdef list take(self, endpoint, int count_max)

    @cython.locals(control=Control)
    cpdef forget(self, control_id)

    cdef _is_due(self, endpoint, int lane)


cdef int _lane(Control control) except -1


@cython.locals(hold=Hold)
cdef Hold _turn(Book book, Control control)
