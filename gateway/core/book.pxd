"""Book: who waits for what. Asks (questions put to institutions), the parts that tie tickets to them, and the
findings that came.

An ask is one question in one log or lane. Several tickets can wait on it, each through a part of its own,
which says for which of the ask's institutions the ticket wants the answer. Ended asks stay for those who come
later and take a fresh answer, oldest dropped first. The book knows nothing of batches, replies or time.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from gateway.core.bits cimport Bits, Mask, bits_has, mask_has
from gateway.core.directory cimport Directory
from gateway.core.hash cimport Hash128
from gateway.core.slab cimport Slab, slab_place
from gateway.core.table cimport Table
from gateway.core.ticket cimport Cohort, Ticket, Tickets, cohort_at, tickets_at

cdef enum:
    LANE = 0xFF               # Ask.log of an ask that stands in a lane
    NOT_CHAINED = 0xFFFFFFFE  # Ask.newer of an ask that nobody can join any more
    # Asks of one subject that a newcomer looks at, newest first: a few inquiries' worth, for each makes up to
    # one ask an endpoint. Without it, a court that asks about one person in a million ways would make each
    # further way slower.
    CHAIN_MAX = 8192

cdef enum:                    # end states, with the numbers of chakong.type.v1.EndState
    OPEN = 0
    FOUND = 1
    NONE = 2
    AMBIGUOUS = 3
    REFUSED = 4
    INCAPABLE = 5
    LATE = 6
    UNREACHABLE = 7
    CANCELLED = 8

cdef enum PartKind:
    WHOLE                     # every institution of an ask
    SOME                      # some of an ask in a shared log: Part.whom is a number in Book.some_sets
    LANED                     # some of an ask in a lane: Part.whom is a number in Book.masks

cdef struct Frame:            # and what is the same for all inquiries in it
    uint8_t* data             # a copy: it outlives the caller's bytes; NULL: nobody points into it any more
    Directory* directory
    int64_t admitted_ns
    uint32_t size
    uint32_t court
    uint32_t refs             # cohorts, segments and lane entries that point into it
    uint32_t asks             # that look up when and under what they were put

cdef struct Finding:
    uint32_t next
    uint16_t institution
    uint8_t state             # FOUND, AMBIGUOUS or REFUSED
    uint32_t records
    uint64_t order            # counts up: one made after a ticket's end is late for that ticket
    uint8_t* body             # an encoded chakong.gateway.v1.Finding
    uint32_t size

cdef struct Ask:              # 64 bytes: a cache line
    Hash128 subject           # key of its chain
    uint64_t position         # in its log or lane; done: number of the fresh ask that ended after it
    uint32_t frame            # says when it was put, and under which directory
    uint32_t newer            # chain of the same subject
    uint32_t older
    uint32_t items
    uint32_t findings
    uint32_t parts
    uint32_t waiting          # parts of tickets that still wait
    # with LANE: number in Book.laned; else, when done: number in Book.gone_sets of those that never
    # answered, or NOTHING
    uint32_t whom
    uint16_t found            # institutions, by what they said
    uint16_t ambiguous
    uint16_t refused
    uint8_t log               # or LANE
    uint8_t done              # no query of it is open

cdef struct Laned:            # of an ask in a lane
    Mask asked                # whom it was put to,
    Mask open                 # who has not answered,
    Mask gone                 # who never will,
    Mask lost                 # and of these, who could no longer be inquired of
    uint32_t endpoint

cdef struct Part:             # 28 bytes
    uint32_t next             # of the ticket
    uint32_t ask_next
    uint32_t ask_prev
    uint32_t ticket
    uint32_t ask
    uint32_t whom             # but with WHOLE
    uint8_t kind
    uint8_t done

cdef struct GoneSet:          # institutions that never answered; shared by neighbours in a log
    Bits bits
    Bits lost                 # of these, those that could no longer be inquired of
    uint32_t refs

cdef struct Book:
    Slab frames
    Tickets tickets
    Slab asks
    Slab laned
    Slab parts
    Slab some_sets            # Bits
    Slab masks                # Mask
    Slab findings
    Slab gone_sets
    Table subjects            # subject -> newest ask of its chain
    uint32_t fresh_head
    uint32_t fresh_tail
    uint32_t fresh_count
    uint32_t last_gone_set
    uint32_t open_count       # tickets without a final answer
    uint64_t bytes            # frames and findings held, sets of those who were late
    uint64_t finding_bytes    # the findings' part
    uint64_t records          # records received
    uint64_t findings_made

cdef int book_open(Book* book) noexcept nogil
cdef void book_close(Book* book) noexcept nogil

# Copies the bytes.
cdef uint32_t frame_new(Book* book, const uint8_t* data, uint32_t size, Directory* directory,
                        int64_t admitted_ns, uint32_t court) noexcept nogil
cdef void frame_release(Book* book, uint32_t frame) noexcept nogil

# Its cohort's timer is NOTHING when that is new.
cdef uint32_t ticket_new(Book* book, uint64_t inquiry_id, uint32_t frame, int64_t deadline_ns) noexcept nogil
# Its parts go, and the asks that nobody needs any more.
cdef void ticket_release(Book* book, uint32_t ticket) noexcept nogil

# `laned`: it will stand in a lane.
cdef uint32_t ask_new(Book* book, Hash128 subject, uint32_t frame, bint laned) noexcept nogil
# No query of it is open: it becomes fresh, or goes if it is of no use to anybody.
cdef void ask_end(Book* book, uint32_t ask) noexcept nogil
# Nobody joins it from now on.
cdef void ask_forget(Book* book, uint32_t ask) noexcept nogil
# Drop ended asks asked before `before_ns`, and the oldest while there are more than `count_max` asks.
cdef void asks_expire(Book* book, int64_t before_ns, uint64_t count_max) noexcept nogil
# Drop ended asks, oldest first, until at most `bytes_max` are held; none if that would not do.
cdef void asks_make_room(Book* book, uint64_t bytes_max) noexcept nogil
cdef uint32_t gone_set_of(Book* book, const Bits* bits, const Bits* lost) noexcept nogil

# `bits` with SOME, `mask` with LANED.
cdef int part_add(Book* book, uint32_t ticket, uint32_t ask, uint32_t kind, Mask mask,
                  const Bits* bits) noexcept nogil
# Keeps a copy of `body`.
cdef int finding_add(Book* book, uint32_t ask, uint32_t institution, uint32_t state, uint32_t records,
                     const uint8_t* body, uint32_t size) noexcept nogil

cdef inline Frame* frame_at(const Book* book, uint32_t number) noexcept nogil:
    return <Frame*>slab_place(&book.frames, number, sizeof(Frame))

cdef inline Ask* ask_at(const Book* book, uint32_t number) noexcept nogil:
    return <Ask*>slab_place(&book.asks, number, sizeof(Ask))

cdef inline Laned* laned_at(const Book* book, const Ask* ask) noexcept nogil:
    return <Laned*>slab_place(&book.laned, ask.whom, sizeof(Laned))

cdef inline Directory* ask_directory(const Book* book, const Ask* ask) noexcept nogil:
    return frame_at(book, ask.frame).directory

cdef inline int64_t asked_ns(const Book* book, const Ask* ask) noexcept nogil:
    return frame_at(book, ask.frame).admitted_ns

cdef inline const Bits* part_bits(const Book* book, const Part* part) noexcept nogil:
    return <const Bits*>slab_place(&book.some_sets, part.whom, sizeof(Bits))

cdef inline Mask part_mask(const Book* book, const Part* part, const Ask* ask) noexcept nogil:
    """Of an ask in a lane."""
    if part.kind == WHOLE:
        return laned_at(book, ask).asked
    return (<const Mask*>slab_place(&book.masks, part.whom, sizeof(Mask)))[0]

cdef inline bint part_wants(const Book* book, const Part* part, const Ask* ask,
                            uint32_t institution) noexcept nogil:
    if part.kind == WHOLE:
        return True
    if part.kind == SOME:
        return bits_has(part_bits(book, part), institution)
    return mask_has(part_mask(book, part, ask), ask_directory(book, ask).place[institution])

cdef inline Part* part_at(const Book* book, uint32_t number) noexcept nogil:
    return <Part*>slab_place(&book.parts, number, sizeof(Part))

cdef inline Ticket* ticket_at(const Book* book, uint32_t number) noexcept nogil:
    return tickets_at(&book.tickets, number)

cdef inline Cohort* ticket_cohort(const Book* book, const Ticket* ticket) noexcept nogil:
    return cohort_at(&book.tickets, ticket.cohort)

cdef inline Frame* ticket_frame(const Book* book, const Ticket* ticket) noexcept nogil:
    return frame_at(book, ticket_cohort(book, ticket).frame)

cdef inline Finding* finding_at(const Book* book, uint32_t number) noexcept nogil:
    return <Finding*>slab_place(&book.findings, number, sizeof(Finding))

cdef inline GoneSet* gone_set_at(const Book* book, uint32_t number) noexcept nogil:
    return <GoneSet*>slab_place(&book.gone_sets, number, sizeof(GoneSet))
