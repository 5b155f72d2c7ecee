"""Encoding: controls as they leave, their views, and the facts. See the .pxd and the .pyi."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_Check, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy

from gateway.holds.model cimport Claim, Control, Deed, Hold, Objection, Origin, Outcome, TakenOrder
from runtime._wire cimport LENGTH, VARINT, put_varint, varint_size

cdef enum:
    ROOM_BYTES = 4096
    ABSENT = -1
    # A fact in its step, and what kind of fact it is.
    FACTS = 2
    ORDERED = 1
    RECEIVED = 2


@cython.final
cdef class Page:
    """What is being written, from its end. A message that fails leaves nothing: each begins anew."""

    cdef uint8_t* start
    cdef uint8_t* end
    cdef uint8_t* at

    def __cinit__(self):
        self.start = <uint8_t*>PyMem_Malloc(ROOM_BYTES)
        if self.start == NULL:
            raise MemoryError
        self.end = self.at = self.start + ROOM_BYTES

    def __dealloc__(self):
        PyMem_Free(self.start)

    cdef int room(self, size_t size) except -1:
        """Make sure of so many bytes before what is written."""
        cdef size_t written = self.end - self.at
        cdef size_t wanted
        cdef uint8_t* larger
        if <size_t>(self.at - self.start) >= size:
            return 0
        wanted = 2 * (written + size)
        larger = <uint8_t*>PyMem_Malloc(wanted)
        if larger == NULL:
            raise MemoryError
        memcpy(larger + wanted - written, self.at, written)
        PyMem_Free(self.start)
        self.start = larger
        self.end = larger + wanted
        self.at = self.end - written
        return 0

    cdef inline int varint(self, uint64_t value) except -1:
        self.room(10)
        self.at -= varint_size(value)
        put_varint(self.at, value)
        return 0

    cdef inline int raw(self, const char* content, size_t size) except -1:
        self.room(size)
        self.at -= size
        memcpy(self.at, content, size)
        return 0

    cdef inline int fields(self, bytes content) except -1:
        """What is encoded already."""
        return self.raw(PyBytes_AS_STRING(content), PyBytes_GET_SIZE(content))

    cdef inline int present(self, uint64_t number, uint64_t value) except -1:
        """A number that is there, also if it is 0."""
        self.varint(value)
        self.varint(number << 3 | VARINT)
        return 0

    cdef inline int figure(self, uint64_t number, uint64_t value) except -1:
        if value:
            self.present(number, value)
        return 0

    cdef inline int content(self, uint64_t number, bytes content) except -1:
        """Bytes, also if there are none."""
        cdef uint8_t* before = self.at
        cdef size_t written = self.end - before
        self.fields(content)
        return self.wrap(number, written)

    cdef inline int text(self, uint64_t number, str value) except -1:
        cdef Py_ssize_t size
        cdef const char* content = PyUnicode_AsUTF8AndSize(value, &size)
        if size:
            self.raw(content, size)
            self.varint(size)
            self.varint(number << 3 | LENGTH)
        return 0

    cdef inline size_t written(self) noexcept nogil:
        return self.end - self.at

    cdef inline int wrap(self, uint64_t number, size_t before) except -1:
        """What was written since then becomes the content of this field."""
        self.varint(self.written() - before)
        self.varint(number << 3 | LENGTH)
        return 0

    cdef inline bytes taken(self):
        return PyBytes_FromStringAndSize(<char*>self.at, self.end - self.at)


cdef Page PAGE = Page()


cdef inline Page new_page():
    PAGE.at = PAGE.end
    return PAGE


cdef int put_person(Page page, uint64_t number, tuple person) except -1:
    cdef size_t before = page.written()
    page.text(3, person[2])
    page.text(2, person[1])
    page.figure(1, <uint64_t><long long>person[0])
    return page.wrap(number, before)


cdef int put_place(Page page, uint64_t number, tuple place) except -1:
    cdef size_t before = page.written()
    page.text(5, place[4])
    page.text(4, place[3])
    page.text(3, place[2])
    page.figure(2, <uint64_t>place[1])
    page.figure(1, <uint64_t>place[0])
    return page.wrap(number, before)


cpdef bytes control(object control_id, Origin origin, bytes mandate, str notice, Deed deed):
    cdef Page page = new_page()
    page.text(12, deed.payee)
    page.figure(11, deed.months)
    page.figure(10, deed.amount_fen)
    page.figure(9, deed.whole)
    page.figure(8, deed.ceiling_fen)
    put_place(page, 7, <tuple>origin.property)
    put_person(page, 6, <tuple>origin.subject)
    page.text(5, notice)
    page.content(4, mandate)
    page.figure(3, <uint64_t>origin.hold_id)
    page.figure(2, deed.kind)
    page.figure(1, <uint64_t>control_id)
    page.wrap(1, 0)
    return page.taken()


cpdef bytes ordered(Control control, Origin origin, Deed deed):
    cdef Page page = new_page()
    cdef bint is_freeze = control.control_id == origin.hold_id
    page.figure(18, deed.left_count)
    page.figure(17, deed.with_freeze)
    if is_freeze:
        page.figure(16, origin.is_thing)
    if deed.keep_fen != ABSENT:
        page.present(15, deed.keep_fen)
    page.text(14, control.ordered_by)
    page.figure(13, control.waits)
    page.text(12, control.cause)
    page.text(11, deed.reason)
    page.figure(10, deed.urgent)
    if is_freeze:
        page.figure(9, <uint64_t>origin.replaces)
        if origin.expected_fen != ABSENT:
            page.present(8, origin.expected_fen)
    page.figure(7, control.requested_fen)
    if control.content_hash:
        page.content(6, control.content_hash)
    page.text(5, control.order_id)
    page.text(4, control.court)
    if is_freeze:
        page.figure(3, origin.debtor)
    page.figure(2, <uint64_t>origin.claim)
    page.fields(control.message)
    page.wrap(ORDERED, 0)
    page.wrap(FACTS, 0)
    return page.taken()


cpdef bytes received(bytes receipt):
    cdef Page page = new_page()
    page.content(1, receipt)
    page.wrap(RECEIVED, 0)
    page.wrap(FACTS, 0)
    return page.taken()


cpdef bytes step(long long stepped_ns, list facts):
    cdef list fields = [b"\x09", stepped_ns.to_bytes(8, "little")]
    cdef Page page
    for fact in facts:
        if not PyBytes_Check(fact):
            content = fact.SerializeToString()
            page = new_page()
            page.content(FACTS, content)
            fact = page.taken()
        fields.append(fact)
    return b"".join(fields)


cpdef bytes control_view(Control control, Outcome outcome, long long requested_fen, bint waits, int field):
    cdef Page page = new_page()
    page.text(15, control.cause)
    page.figure(14, waits)
    if outcome is not None:
        page.figure(13, outcome.ended_ns)
    page.figure(12, control.ordered_ns)
    if outcome is not None:
        page.figure(11, outcome.deducted_fen)
        page.text(10, outcome.text)
        page.figure(9, outcome.refusal)
        page.figure(8, outcome.outcome)
    page.figure(7, control.months)
    page.figure(6, control.whole)
    page.figure(5, requested_fen)
    page.figure(4, <uint64_t>control.hold_id)
    page.figure(3, control.kind)
    page.text(2, control.order_id)
    page.figure(1, <uint64_t>control.control_id)
    if field:
        page.wrap(field, 0)
    return page.taken()


cdef int put_objection(Page page, Objection objection) except -1:
    cdef size_t before = page.written()
    page.figure(4, objection.is_answered)
    page.figure(3, objection.answer_due)
    page.figure(2, objection.objected_ns)
    page.text(1, objection.text)
    return page.wrap(21, before)


cpdef bytes hold_view(Hold hold, Claim claim, int life, int end, int cover, bytes controls, int field):
    cdef Page page = new_page()
    cdef Origin origin = hold.origin
    page.figure(23, hold.changed_ns)
    page.figure(22, origin.requested_ns)
    for objection in reversed(hold.objections):
        put_objection(page, objection)
    page.fields(controls)
    page.figure(19, <uint64_t>origin.replaces)
    for court in reversed(hold.ahead):
        page.text(18, court)
    page.figure(17, hold.position)
    page.figure(16, hold.until)
    page.figure(15, hold.since)
    page.figure(14, hold.value)
    page.figure(13, hold.deducted)
    page.figure(12, hold.controlled)
    page.figure(11, origin.is_thing)
    page.figure(10, hold.ceiling)
    page.figure(9, origin.requested_fen)
    page.figure(8, cover)
    page.figure(7, end)
    page.figure(6, life)
    put_place(page, 5, <tuple>origin.property)
    put_person(page, 4, <tuple>origin.subject)
    page.text(3, claim.case_number)
    page.text(2, claim.claim_id)
    page.figure(1, <uint64_t>origin.hold_id)
    if field:
        page.wrap(field, 0)
    return page.taken()


cdef int put_taken(Page page, TakenOrder taken) except -1:
    page.figure(5, taken.waits_for_approval)
    page.figure(4, <uint64_t>taken.hold_id)
    page.figure(3, taken.repeated)
    page.text(2, taken.order_id)
    page.figure(1, <uint64_t>taken.control_id)
    return 0


cpdef bytes taken_order(TakenOrder taken):
    cdef Page page = new_page()
    put_taken(page, taken)
    return page.taken()


cpdef bytes verdicts(list decisions):
    cdef Page page = new_page()
    cdef size_t before
    for decision in reversed(decisions):
        before = page.written()
        if isinstance(decision, TakenOrder):
            put_taken(page, decision)
            page.wrap(1, before)
        else:
            page.text(3, decision.text)
            page.figure(2, <uint64_t><int>decision.rule)
        page.wrap(2, before)
    return page.taken()
