"""World: all that the Engine holds, in one struct, so that the parts of its work can stand in files of
their own."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from gateway.core.bits cimport Mask
from gateway.core.book cimport Book
from gateway.core.canonical cimport Admitted
from gateway.core.directory cimport Directory
from gateway.core.hash cimport Hash128, Key
from gateway.core.inquiry cimport Inquiry
from gateway.core.line cimport Wires
from gateway.core.orders cimport Order, Orders
from gateway.core.settle cimport Rules
from gateway.core.tally cimport Ready
from gateway.core.wheel cimport Wheel
from gateway.core.wire cimport Buffer

cdef enum:
    STATE_COUNT = 9
    # Answers of one court beyond this go into a frame of their own: a watcher's client takes 4 MiB a message
    # by default.
    ANSWERS_BYTES_MAX = 1 << 20

cdef enum:
    DRAFT_COUNT = 16

cdef struct Draft:            # an inquiry that was read, and not judged yet
    Inquiry inquiry
    Order order               # but for its inquiry id
    uint8_t is_readable
    uint32_t list[4096]       # SCOPE_LIST_MAX: its LIST scope

cdef struct Taken:            # an inquiry of a frame that was read, and not routed yet
    Admitted admitted
    Hash128 subject
    uint32_t row_at           # in the frame, with the length before it
    size_t list_at            # in World.lists

cdef struct Mark:             # where a frame of answers ends
    size_t answers_size
    size_t finals_size
    uint32_t count

cdef struct Court:            # answers on their way to one court
    Buffer answers            # journal.Answers, one after the other as `marks` says
    Buffer finals             # ids, 8 bytes each
    Buffer marks
    Mark last                 # the last of the marks
    uint32_t count

cdef struct World:
    Book book
    Wires wires
    Wheel wheel
    Ready ready
    Orders orders
    Directory* directory
    Key key
    Rules rules
    int64_t delay_ns[4]       # by urgency: how much later than its admission an inquiry is due
    int64_t partial_every_ns
    uint64_t deadline_default_s
    uint64_t tickets_max
    uint64_t asks_max
    uint64_t bytes_max
    uint64_t next_inquiry_id
    uint32_t revision_base
    int64_t swept_ns          # lanes were swept
    uint64_t reserved         # inquiries checked and not yet admitted or abandoned
    uint64_t reserved_bytes
    Court* courts
    uint32_t court_count
    uint32_t looks_left       # asks that inquiries of the frame at hand may still look at to join them
    Mask* masks               # scratch: one for each endpoint, empty between uses
    uint32_t* touched         # scratch: endpoints whose mask is not empty
    uint32_t* list            # scratch: a LIST scope
    Draft* drafts             # scratch: DRAFT_COUNT inquiries of a message being judged
    Buffer taken              # scratch: the inquiries of a frame, a Taken each,
    Buffer lists              # and their LIST scopes, one after the other
    Buffer scratch
    Buffer part
    # Counters since the start.
    uint64_t accepted
    uint64_t repeated
    uint64_t refused
    uint64_t finals
    uint64_t answers
    uint64_t queries_total
    uint64_t queries_joined
    uint64_t batches
    uint64_t batch_entries
    uint64_t replies
    uint64_t replies_refused
    uint64_t failures
    uint64_t states[9]        # of final answers

# Its limits are set. -1: no memory; world_close frees what there is.
cdef int world_open(World* world, uint64_t orders_max) noexcept nogil
cdef void world_close(World* world) noexcept nogil
# The first directory comes: room for its endpoints. It belongs to the world from now on. -1: no memory.
cdef int world_settle_in(World* world, Directory* directory) noexcept nogil
