"""Tools: the core's tools in loops, for benchmarks. See _tools.pyi."""

from libc.stdint cimport uint32_t

from gateway.core.bits cimport Bits
from gateway.core.hash cimport Hash128
from gateway.core.orders cimport Orders as COrders
from gateway.core.slab cimport Slab
from gateway.core.table cimport Table
from gateway.core.wheel cimport Wheel

cdef class Sets:
    cdef Bits* sets
    cdef uint32_t count

cdef class Things:
    cdef Slab slab

cdef class Index:
    cdef Table table
    cdef Hash128* keys        # by number
    cdef uint32_t key_count

cdef class Timers:
    cdef Wheel wheel
    cdef uint32_t* numbers    # of the timers, by owner
    cdef uint32_t count

cdef class Ring:
    cdef COrders orders
