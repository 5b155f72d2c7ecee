"""Line: what is on its way to each endpoint. Cursors into the logs, lanes, pieces, and the messages cut from
them.

A piece is a range of one log or lane for one endpoint, cut once and then in one of three states: waiting (for
another try), in flight, or given up. Between cursor and head an endpoint's queries are open and uncut; behind
the cursor they are answered unless a piece covers them. That is all there is to know who has not answered
what.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from gateway.core.bits cimport Mask
from gateway.core.book cimport Book
from gateway.core.directory cimport Behind, Directory
from gateway.core.lane cimport Lane
from gateway.core.log cimport Log
from gateway.core.message cimport Message
from gateway.core.slab cimport Slab, slab_place
from gateway.core.wire cimport Buffer

cdef enum:
    URGENCIES = 3
    # Piece.where: below LANES_AT a log (set * 3 + urgency - 1), from there a lane (LANES_AT + urgency - 1)
    LANES_AT = 9
    CUTS_KEPT = 64            # cuts remembered for other endpoints; a message is at most 1 MiB, so 64 MiB
    # An endpoint that failed so often in a row is ill itself: halving its batches further would find no bad
    # entry.
    ILL_AFTER = 8

cdef enum PieceState:
    PIECE_WAITING
    PIECE_IN_FLIGHT
    PIECE_GONE

cdef struct Piece:
    uint32_t next             # of its line; given up: of its log
    uint32_t message          # NOTHING: to be written when it is sent
    uint16_t endpoint
    uint8_t where
    uint8_t state
    uint8_t partial           # message's Partial
    uint8_t attempts          # failures so far
    uint8_t is_lost           # given up because its institutions can no longer be inquired of
    uint8_t reason
    uint64_t from_position
    uint64_t to_position
    Mask mask                 # of a log: for whom; of a lane: unused, its entries say it
    Mask lost                 # taken out of `mask` on its way: what they say of it is passed over
    int64_t retry_ns          # waiting: not before
    int64_t due_ns

cdef struct Cut:              # remembered: this range of this log is this message
    uint64_t from_position
    uint64_t to_position
    uint32_t where
    uint32_t message          # NOTHING: an empty place

cdef struct Line:
    uint32_t pieces           # waiting and in flight
    int32_t in_flight
    int32_t in_flight_max     # 0: closed
    uint32_t failures         # in a row
    uint64_t cursor[9]
    uint8_t logs[9]           # those it reads
    uint32_t log_count
    Lane lanes[3]

cdef struct Wires:
    Log logs[9]
    Line* lines
    uint32_t line_count
    Slab pieces
    Slab messages
    Cut cuts[64]
    uint32_t next_cut
    uint32_t dropped          # messages nobody refers to any more: a list through Message.entry_count
    uint64_t last_batch_id
    Buffer out                # the message written last
    uint64_t queries_on_wire
    uint64_t notes_on_wire
    uint32_t in_flight
    int64_t retry_due_ns      # no piece waits for an earlier time than this
    int64_t swept_ns          # when it was swept last

cdef struct Choice:           # what a line would send next
    int64_t due_ns            # INT64_MAX: nothing
    uint32_t piece            # NOTHING: cut from `where`
    uint32_t where

# A line for each of the directory's endpoints.
cdef int wires_open(Wires* wires, const Directory* directory) noexcept nogil
cdef void wires_close(Wires* wires) noexcept nogil

# Send what was chosen: the piece, in flight; its message is new when wires.out is not empty. NOTHING: no
# memory.
cdef uint32_t line_cut(Wires* wires, Book* book, const Behind* behind, uint32_t endpoint, Choice choice,
                       int64_t now_ns) noexcept nogil

cdef uint32_t piece_new(Wires* wires, uint32_t endpoint, uint32_t where, uint64_t from_position,
                        uint64_t to_position,
                        Mask mask) noexcept nogil
# Cut it in two: it ends at `middle`, a new one that waits has the rest. NOTHING: no memory.
cdef uint32_t piece_split(Wires* wires, uint32_t piece, uint64_t middle) noexcept nogil
# Unlink it from its line (its state said whether it was in flight) and let its message go.
cdef void piece_leave(Wires* wires, uint32_t piece) noexcept nogil
cdef void piece_free(Wires* wires, uint32_t piece) noexcept nogil
cdef void message_release(Wires* wires, uint32_t message) noexcept nogil
# in flight; NOTHING
cdef uint32_t line_find(const Wires* wires, uint32_t endpoint, uint64_t batch_id) noexcept nogil
# Some entry of this log was made void: messages with it must not be sent to anybody else.
cdef void cuts_forget(Wires* wires, uint32_t where) noexcept nogil

cdef inline Piece* piece_at(const Wires* wires, uint32_t number) noexcept nogil:
    return <Piece*>slab_place(&wires.pieces, number, sizeof(Piece))

cdef inline Message* message_at(const Wires* wires, uint32_t number) noexcept nogil:
    return <Message*>slab_place(&wires.messages, number, sizeof(Message))
