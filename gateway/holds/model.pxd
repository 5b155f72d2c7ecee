"""Model: the types of what the ledger keeps.

Numbers of 64 bits where every value is bounded so far. Sums over holds may be larger, and ids are keys of
dictionaries: they are objects, and said to be numbers where nothing else can be in a cycle: the garbage
collector does not look at millions of controls.
"""

cimport cython


cdef class Objection:
    cdef readonly str text
    cdef readonly long long objected_ns
    cdef readonly long long answer_due
    cdef readonly bint is_answered


cdef class Outcome:
    cdef readonly long long stamp
    cdef readonly int outcome
    cdef readonly int refusal
    cdef readonly str text
    cdef readonly long long deducted_fen
    cdef readonly long long ended_ns
    cdef readonly long long requested_fen


cdef class Control:
    cdef readonly cython.py_int control_id
    cdef readonly cython.py_int hold_id
    cdef readonly int kind
    cdef readonly str court
    cdef readonly str order_id
    cdef readonly bytes content_hash
    cdef readonly long long requested_fen
    cdef readonly bint whole
    cdef readonly long long keep_fen
    cdef readonly long long months
    cdef readonly bint urgent
    cdef readonly str reason
    cdef readonly str cause
    cdef readonly str officer
    cdef readonly str ordered_by
    cdef readonly bint waits
    cdef readonly long long ordered_ns
    cdef public bytes message

    cpdef long long asked_fen(self, long long deducted_fen) except? -1


cdef class Deed:
    cdef readonly int kind
    cdef readonly long long ceiling_fen
    cdef readonly bint whole
    cdef readonly long long amount_fen
    cdef readonly long long months
    cdef readonly str payee
    cdef readonly long long keep_fen
    cdef readonly bint urgent
    cdef readonly str reason
    cdef readonly bint waits
    cdef readonly bint with_freeze
    cdef readonly long long left_count


cdef class TakenOrder:
    cdef readonly cython.py_int control_id
    cdef readonly str order_id
    cdef readonly cython.py_int hold_id
    cdef readonly bint repeated
    cdef readonly bint waits_for_approval


cdef class Origin:
    cdef readonly object hold_id
    cdef readonly object claim
    cdef readonly int debtor
    cdef readonly int endpoint
    cdef readonly object property
    cdef readonly object subject
    cdef readonly bint is_thing
    cdef readonly bytes mandate
    cdef readonly str notice
    cdef readonly long long months
    cdef readonly long long requested_fen
    cdef readonly bint whole
    cdef readonly long long requested_ns
    cdef readonly long long expected_fen
    cdef readonly object replaces


cdef class Hold:
    cdef public long long stamp
    cdef public Origin origin
    cdef public int life
    cdef public int end
    cdef public long long version
    cdef public long long ceiling
    cdef public long long controlled
    cdef public long long deducted
    cdef public long long credited
    cdef public long long value
    cdef public long long position
    cdef public tuple ahead
    cdef public long long since
    cdef public long long until
    cdef public long long available
    cdef public long long stated_ns
    cdef public long long changed_ns
    cdef public long long clock_ns
    cdef public bint overdue
    cdef public bint lapsed
    cdef public bint indivisible
    cdef public bint is_stuck
    cdef public bint waits
    cdef public object pair
    cdef public tuple objections
    cdef public tuple controls
    cdef public tuple pending
    cdef public long long told_count
    cdef public bytes told
    cdef public long long cover
    cdef public long long kept
    cdef public long long rest
    cdef public long long flight
    cdef public long long exposed
    cdef public long long reach

    @cython.locals(new=Hold)
    cpdef Hold fork(self, long long stamp)


cdef class Claim:
    cdef public long long stamp
    cdef public object number
    cdef public object message
    cdef public str claim_id
    cdef public str court
    cdef public tuple courts
    cdef public str case_number
    cdef public tuple debtors
    cdef public object base_fen
    cdef public object interest_base
    cdef public long long interest_ppm
    cdef public long long interest_day
    cdef public object credited
    cdef public bint stayed
    cdef public object standing
    cdef public long long changed_ns
    cdef public long long event_count
    cdef public list events
    cdef public long long due_day
    cdef public object due_fen
    cdef public object cover
    cdef public object kept
    cdef public object rest
    cdef public object flight
    cdef public object exposed
    cdef public long long overdue
    cdef public object checked_gap
    cdef public object reach_max
    cdef public long long until_min
    cdef public bint caps
    cdef public list debtor_cover
    cdef public list debtor_kept
    cdef public list debtor_flight
    cdef public list debtor_credited
    cdef public list holds
    cdef public set reaching
    cdef public set counting
    cdef public set flying
    cdef public set deducting

    @cython.locals(new=Claim)
    cpdef Claim fork(self, long long stamp)
