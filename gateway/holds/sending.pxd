"""Sending: what it looks at for every control, as C. See the .py."""

cimport cython

from gateway.holds.book cimport Book
from gateway.holds.model cimport Control, Hold


cdef int _lane(Control control) except -1


@cython.locals(control=Control, hold=Hold)
cdef Hold _turn(Book book, control_id)
