"""Face: what the Engine hands out, as Python objects. Documented in _core.pyi; made here, and nowhere
else."""

cimport cython
from libc.string cimport memcpy, memset

from gateway.core.answer cimport mark_answers
from gateway.core.bits cimport mask_count
from gateway.core.check cimport REASON_COUNT, verdicts_close
from gateway.core.choice cimport line_choose
from gateway.core.line cimport LANES_AT, URGENCIES, Line, Piece, message_at, piece_at
from gateway.core.message cimport Message
from gateway.core.world cimport STATE_COUNT, Mark

cdef enum:
    NEVER_NS = 0x7FFFFFFFFFFFFFFF


cdef bytes taken(const Buffer* buffer):
    return (<const char*>buffer.data)[:buffer.size] if buffer.size else b""


cdef str text_of(Slice slice):
    return (<const char*>slice.data)[:slice.size].decode() if slice.size else ""


@cython.final
cdef class Checked:
    def __dealloc__(self):
        verdicts_close(&self.verdicts)

    @property
    def response(self):
        return taken(&self.verdicts.response)

    @property
    def frame(self):
        return taken(&self.verdicts.frame)

    @property
    def orders(self):
        return taken(&self.verdicts.orders)

    @property
    def accepted(self):
        return self.verdicts.accepted

    @property
    def repeated(self):
        return self.verdicts.repeated

    @property
    def refused(self):
        return self.verdicts.refused

    @property
    def first_inquiry_id(self):
        return self.verdicts.first_inquiry_id

    @property
    def refused_by_reason(self):
        return {reason: self.verdicts.by_reason[reason] for reason in range(REASON_COUNT)
                if self.verdicts.by_reason[reason]}


@cython.final
cdef class Batch:
    pass


@cython.final
cdef class Answers:
    pass


@cython.final
cdef class Settled:
    pass


cdef list court_answers(Court* court, str name):
    """The frames of answers that a court has waiting; its buffers are empty afterwards."""
    cdef Answers answers
    cdef Mark mark
    cdef size_t at
    cdef size_t answers_at = 0
    cdef size_t finals_at = 0
    cdef uint32_t counted = 0
    cdef list found = []
    if court.count > court.last.count and mark_answers(court) != 0:
        raise MemoryError
    for at in range(0, court.marks.size, sizeof(Mark)):
        memcpy(&mark, court.marks.data + at, sizeof(Mark))
        answers = Answers.__new__(Answers)
        answers.court = name
        answers.message = (<const char*>court.answers.data)[answers_at:mark.answers_size]
        if court.finals.size:
            answers.finals = (<const char*>court.finals.data)[finals_at:mark.finals_size]
        else:
            answers.finals = b""
        answers.count = mark.count - counted
        answers_at, finals_at, counted = mark.answers_size, mark.finals_size, mark.count
        found.append(answers)
    court.answers.size = court.finals.size = court.marks.size = 0
    memset(&court.last, 0, sizeof(Mark))
    court.count = 0
    return found


cdef dict world_stats(World* world, int64_t now_ns):
    """As documented in _core.pyi."""
    cdef uint32_t state, endpoint, where, index
    cdef int64_t due_ns
    cdef Line* line
    cdef uint64_t waiting = 0
    cdef int64_t oldest_ns = NEVER_NS
    for endpoint in range(world.wires.line_count if world.directory != NULL else 0):
        line = &world.wires.lines[endpoint]
        due_ns = line_choose(&world.wires, &world.book, endpoint, now_ns).due_ns
        oldest_ns = min(oldest_ns, due_ns)
        for index in range(line.log_count):
            waiting += world.wires.logs[line.logs[index]].head - line.cursor[line.logs[index]]
        for where in range(<uint32_t>URGENCIES):
            waiting += line.lanes[where].head - line.lanes[where].cursor
    stats = {
        "inquiries_accepted": world.accepted,
        "inquiries_repeated": world.repeated,
        "inquiries_refused": world.refused,
        "inquiries_open": world.book.open_count,
        "inquiries_final": world.finals,
        "answers": world.answers,
        "records": world.book.records,
        "queries_total": world.queries_total,
        "queries_joined": world.queries_joined,
        "queries_on_wire": world.wires.queries_on_wire,
        "notes_on_wire": world.wires.notes_on_wire,
        "batches": world.batches,
        "batch_entries": world.batch_entries,
        "replies": world.replies,
        "replies_refused": world.replies_refused,
        "failures": world.failures,
        "waiting_entries": waiting,
        "in_flight": world.wires.in_flight,
        "bytes_held": world.book.bytes,
        "asks": world.book.asks.count,
        "oldest_due_ns": 0 if oldest_ns == NEVER_NS else oldest_ns,
        "orders": world.orders.next - world.orders.first,
    }
    names = ["found", "none", "ambiguous", "refused", "incapable", "late", "unreachable", "cancelled"]
    ended = 0
    for state in range(1, <uint32_t>STATE_COUNT):
        stats[f"state_{names[state - 1]}"] = world.states[state]
        ended += world.states[state]
    stats["queries_open"] = world.queries_total - ended
    return stats


cdef Batch batch_of(World* world, uint32_t number, bytes message_bytes):
    """A piece that goes out now."""
    cdef Piece* piece = piece_at(&world.wires, number)
    cdef Message* message = message_at(&world.wires, piece.message)
    cdef Batch batch = Batch.__new__(Batch)
    batch.endpoint = piece.endpoint
    batch.id = message.batch_id
    batch.message = message_bytes
    batch.entry_count = message.entry_count
    batch.query_count = message.ask_count * (mask_count(piece.mask) if piece.where < LANES_AT else 1)
    batch.reason = piece.reason
    world.batches += 1
    world.batch_entries += message.entry_count
    return batch
