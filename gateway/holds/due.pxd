"""Due: the types of what every control passes. See the .py."""


cdef class Timetable:
    cdef readonly object _deadlines
    cdef readonly dict _ending
    cdef readonly list _dates
    cdef readonly set standing
    cdef readonly object standing_day
    cdef readonly set _settled
    cdef readonly list _leaving

    cpdef deadline(self, long long due_ns, hold_id)
    cpdef last_day(self, until, hold_id)
