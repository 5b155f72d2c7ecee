"""Testing: the compiled core's functions for tests written in Python. See testing.pyi."""

from gateway.core.table cimport Table as CTable

cdef class Table:
    cdef CTable table
