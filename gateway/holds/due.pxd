"""Due: the types of what every control passes. See the .py."""


cdef class Timetable:
    cdef object _deadlines
    cdef dict _ending
    cdef list _dates
    cdef readonly set standing
    cdef readonly object standing_day
    cdef set _settled
    cdef list _leaving

    cpdef deadline(self, long long due_ns, hold_id)
    cpdef last_day(self, until, hold_id)
