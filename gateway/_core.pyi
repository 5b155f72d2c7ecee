"""The Engine: what is asked of whom, who answered what, and who did not.

Sans-I/O: bytes and `now_ns` in, what is to be done out. No socket, clock, thread, file or random number.
One thread calls it. Times are nanoseconds since 1970 UTC; a caller's `now_ns` never goes back.

The way of an inquiry: `check` a court's message, make `Checked.frame` durable, `admit` it, `take_batches` for
the institutions, `settle` their replies or `fail` their batches, `take_answers`, make them durable, hand them
on.
"""

from typing import Final, final

# Why a reply was refused (Settled.fault). The reply has changed nothing.
FAULT_NONE: Final = 0
FAULT_GARBAGE: Final = 1  # not a readable Reply
FAULT_UNKNOWN_BATCH: Final = 2  # the batch is not in flight at this endpoint
FAULT_UNKNOWN_INDEX: Final = 3  # an entry or entry count beyond the batch, or a finding on what is not an ASK
FAULT_WRONG_INSTITUTION: Final = 4  # not behind this endpoint, not addressed, or not covered by `answered`
FAULT_FOREIGN_RECORD: Final = 5  # a record that fits neither the number nor the name asked about
FAULT_REFUSAL: Final = 6  # Reply.refusal: the endpoint could not process the batch

# Why a batch ended without a reply (`fail`).
CAUSE_UNDELIVERED: Final = 1  # it never left: no attempt is counted
CAUSE_BROKEN: Final = 2  # the stream ended while it was in flight
CAUSE_TIMEOUT: Final = 3  # no reply in the endpoint's reply time
CAUSE_REFUSED: Final = 4  # FAULT_REFUSAL
CAUSE_GARBAGE: Final = 5  # any other fault

# Why a batch was cut where it was (Batch.reason).
CUT_DRAINED: Final = 1  # all that waited
CUT_ENTRIES: Final = 2  # max_batch_entries
CUT_BYTES: Final = 3  # max_batch_bytes
CUT_SEGMENT: Final = 4  # the end of a segment that other endpoints were cut at too
CUT_AGAIN: Final = 5  # sent again after a failure, whole
CUT_HALF: Final = 6  # half of a batch that failed twice
CUT_REST: Final = 7  # what an earlier reply left unanswered

# Message-level results of `check` (gRPC status codes).
CHECK_OK: Final = 0
CHECK_INVALID: Final = 3
CHECK_FULL: Final = 8

@final
class Checked:
    """The verdict on one message. Until `admit` or `abandon` it holds room and order ids in the Engine."""

    @property
    def status(self) -> int:
        """CHECK_OK, CHECK_INVALID (unreadable message; nothing taken) or CHECK_FULL (no room; nothing
        taken)."""
    @property
    def error(self) -> str:
        """With a status that is not OK: field, what came, what is allowed. No personal data."""
    @property
    def response(self) -> bytes:
        """An encoded chakong.gateway.v1.SubmitBulkResponse, `tag` echoed; to be sent once `frame` is
        durable."""
    @property
    def frame(self) -> bytes:
        """An encoded chakong.journal.v1.Admission of the accepted inquiries; empty when none was accepted."""
    @property
    def orders(self) -> bytes:
        """For each accepted inquiry 40 bytes: key of (court, order id) 16, content hash 16, inquiry id u64
        LE."""
    @property
    def accepted(self) -> int: ...
    @property
    def repeated(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def first_inquiry_id(self) -> int:
        """Id of the first accepted inquiry; the others follow without a gap. 0 when none was accepted."""
    @property
    def refused_by_reason(self) -> dict[int, int]:
        """chakong.gateway.v1.Reason (as int) -> how many inquiries were refused for it."""

@final
class Batch:
    """Queries to send. Handed out once; ends by `settle` or `fail`."""

    @property
    def endpoint(self) -> int: ...
    @property
    def id(self) -> int:
        """Unique per endpoint; the same again when it is sent again whole."""
    @property
    def message(self) -> bytes:
        """An encoded chakong.institution.v1.Batch; one object for all endpoints with the same cut."""
    @property
    def entry_count(self) -> int: ...
    @property
    def query_count(self) -> int:
        """(entry, institution) pairs asked, NOTEs not counted."""
    @property
    def reason(self) -> int: ...

@final
class Answers:
    """Answers of one court, in the order in which they came about."""

    @property
    def court(self) -> str: ...
    @property
    def message(self) -> bytes:
        """An encoded chakong.journal.v1.Answers; with a cursor put before it, a
        chakong.gateway.v1.WatchResponse."""
    @property
    def count(self) -> int: ...
    @property
    def finals(self) -> bytes:
        """Ids of the inquiries whose FINAL answer is in it: u64 LE each."""

@final
class Settled:
    @property
    def batch_id(self) -> int:
        """The batch the reply names; 0 when it could not be read."""
    @property
    def fault(self) -> int:
        """FAULT_NONE: taken, and the batch has ended. Else nothing changed; call `fail` for the batch if it
        is in flight at this endpoint, or end the stream if it is not."""

@final
class Engine:
    def __init__(
        self,
        key: bytes,
        *,
        first_inquiry_id: int = 1,
        revision_base: int = 0,
        deadline_default_s: int = 86_400,
        attempts_max: int = 4,
        unanswered_retry_ns: int = 1_000_000_000,
        partial_every_ns: int = 1_000_000_000,
        inquiries_max: int = 2_000_000,
        asks_max: int = 16_000_000,
        orders_max: int = 32_000_000,
        bytes_max: int = 8_000_000_000,
    ) -> None:
        """`key`: 16 secret bytes, the same for the life of a journal; hashes of order ids and contents depend
        on it.

        `revision_base`: revisions of answers begin above it. A gateway that starts again gives a higher one
        than before: an inquiry it takes up from the journal may have had partial answers.
        `attempts_max`: how often a batch that fails is sent before its queries end UNREACHABLE (halves of a
        failed batch count anew). `bytes_max`: frames, findings and answers held. ValueError for a key that is
        not 16 bytes or a limit below 1.
        """
    def set_directory(self, snapshot: bytes) -> None:
        """Replace the directory; little-endian, packed:

        8s magic b"CKDIR001", u32 institutions (<= 4,096), u32 endpoints (<= 4,096), u64 version (rises), then
        for each institution u16 endpoint, u8 can (1 INQUIRE, 2 FREEZE, 4 DEDUCT), u8 province (0: a unit),
        u32 items (bit code-1), then for each endpoint u32 max_batch_entries, u32 max_batch_bytes, u32
        reserved. An endpoint has at most 128 institutions. Later snapshots have the same institutions and
        endpoints in the same order; what an institution can do and an endpoint's limits may change. A
        capability lost ends its open queries as INCAPABLE. ValueError when it is none of that.
        """
    def open_endpoint(self, endpoint: int, in_flight_max: int) -> None:
        """Cut for this endpoint while fewer than `in_flight_max` of its batches are unanswered. 0: cut
        nothing (not connected, outside its hours, breaker open). All endpoints start at 0. At a deadline, a
        query at an endpoint that is at 0 ends UNREACHABLE, and LATE otherwise."""
    def check(self, message: bytes, court: str, now_ns: int) -> Checked:
        """Judge an encoded SubmitBulkRequest (or SubmitRequest, which has the same bytes) sent by `court`."""
    def admit(self, frame: bytes, seq: int, now_ns: int, answered: bytes = b"") -> None:
        """Take up an Admission frame that is durable as number `seq`; or on replay, with the ids (u64 LE
        each) of those of its inquiries that had their final answer. Never refuses a frame that `check` made;
        ValueError for another."""
    def abandon(self, checked: Checked) -> None:
        """The frame could not be made durable: its order ids and room are free again."""
    def recall_orders(self, rows: bytes) -> None:
        """Order ids used before, 40 bytes each as in Checked.orders. The oldest of more than orders_max
        are forgotten."""
    @property
    def orders_forgotten(self) -> int:
        """Not 0: `check` does not know all order ids any more; the caller must look into the journal's
        index."""
    def take_batches(self, now_ns: int, bytes_max: int) -> list[Batch]:
        """Cut and hand out batches for endpoints with room, oldest due first, until `bytes_max` bytes of
        messages are reached (at least one if there is any)."""
    def settle(self, endpoint: int, reply: bytes, now_ns: int) -> Settled:
        """Take an encoded chakong.institution.v1.Reply."""
    def fail(self, endpoint: int, batch: int, cause: int, retry_ns: int, now_ns: int) -> None:
        """A batch in flight ended without a usable reply; its queries may be sent again from `retry_ns` on.
        LookupError when it is not in flight."""
    def cancel(self, inquiry_id: int, now_ns: int) -> bool:
        """End the inquiry's open queries as CANCELLED. False: unknown, or it has its final answer."""
    def advance(self, now_ns: int) -> None:
        """Let deadlines, retries and coalesced answers come due."""
    def next_due(self) -> int:
        """When `advance` has something to do at the earliest; 2**63 - 1: never."""
    def take_answers(self, now_ns: int) -> list[Answers]:
        """Answers that came about; each handed out once."""
    def open_inquiries(self) -> int:
        """Inquiries without a final answer."""
    def stats(self) -> dict[str, int]:
        """Counters since the start, and gauges: inquiries_accepted, inquiries_repeated, inquiries_refused,
        inquiries_open, inquiries_final, answers, records, queries_total, queries_joined, queries_on_wire,
        notes_on_wire, batches, batch_entries, replies, replies_refused, failures, queries_open (of open
        inquiries, ended ones too), waiting_entries, in_flight, bytes_held, asks, oldest_due_ns (0: nothing
        waits), orders, and state_found ... state_cancelled: ended queries of inquiries that have their final
        answer."""
