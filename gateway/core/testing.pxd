"""Testing: the compiled core's functions for tests written in Python. See testing.pyi."""

from gateway.core.hash cimport Hash128
from gateway.core.table cimport Table as CTable

cdef class Table:
    cdef CTable table
    cdef Hash128* keys        # of the things put, by their number
    cdef list values
