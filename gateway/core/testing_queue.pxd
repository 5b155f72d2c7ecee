"""Testing queue: the core's queues and sets for tests written in Python. See testing_queue.pyi."""

from gateway.core.directory cimport Directory as CDirectory
from gateway.core.lane cimport Lane as CLane
from gateway.core.log cimport Log as CLog
from gateway.core.orders cimport Orders as COrders
from gateway.core.slab cimport Slab as CSlab
from gateway.core.ticket cimport Tickets as CTickets
from gateway.core.wheel cimport Wheel as CWheel

cdef class Slab:
    cdef CSlab slab

cdef class Wheel:
    cdef CWheel wheel

cdef class Tickets:
    cdef CTickets tickets

cdef class Orders:
    cdef COrders orders

cdef class Lane:
    cdef CLane lane

cdef class Directory:
    cdef CDirectory* directory

cdef class Log:
    cdef CLog log
    cdef Directory directory
