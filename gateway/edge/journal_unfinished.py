"""Unfinished: which admission is the oldest that still has an inquiry without a final answer.

Pure. Inquiry ids rise with seq and have few gaps, so a byte for each id from the oldest unfinished one on
says it all. It stores nothing; the writer puts `oldest_seq` into the journal's meta table.
"""

import struct
from array import array
from bisect import bisect_right

import numpy as np

# Trimming copies what is left; doing it this rarely makes it free.
TRIM_COUNT = 1 << 16


class Unfinished:
    """The window of inquiries from the oldest unfinished one to the newest. `next_seq`: of the first frame to
    come."""

    def __init__(self) -> None:
        self._base = 1  # id of the inquiry of self._finished[0]
        self._finished = bytearray()
        self._at = 0  # everything before this position is finished
        self._first_ids = array("Q")
        self._seqs = array("Q")
        self._head = 0  # every frame before this position is finished

    @property
    def next_inquiry_id(self) -> int:
        """Above every id admitted so far."""
        return self._base + len(self._finished)

    def admitted(self, seq: int, first_inquiry_id: int, inquiry_count: int) -> None:
        """A frame with these inquiries is durable. ValueError when an id was there before."""
        gap_count = first_inquiry_id - self.next_inquiry_id
        if gap_count < 0:
            raise ValueError(f"first_inquiry_id: {first_inquiry_id} given, at least {self.next_inquiry_id}")
        if self._head == len(self._seqs):
            # Nothing before this frame is open: ids that were never admitted take no room.
            self._base, self._at, self._finished = first_inquiry_id, 0, bytearray()
        else:
            self._finished += b"\x01" * gap_count
        self._finished += bytes(inquiry_count)
        self._first_ids.append(first_inquiry_id)
        self._seqs.append(seq)

    def finished(self, finals: bytes) -> None:
        """These inquiries (u64 LE each) have their final answer. Ids that are not in the window change
        nothing."""
        # A lower id becomes a very high position.
        positions = np.frombuffer(finals, "<u8") - np.uint64(self._base)
        np.frombuffer(self._finished, np.uint8)[positions[positions < len(self._finished)]] = 1
        self._trim()

    def oldest_seq(self, next_seq: int) -> int:
        """The frame to replay from: the oldest admission that is not finished, or `next_seq` when all are."""
        return self._seqs[self._head] if self._head < len(self._seqs) else next_seq

    def answered(self, first_inquiry_id: int, inquiry_count: int) -> bytes:
        """Those of these ids that are finished, u64 LE each."""
        return (
            struct.pack(f"<{len(ids)}Q", *ids) if (ids := self._ids(first_inquiry_id, inquiry_count)) else b""
        )

    def is_finished(self, first_inquiry_id: int, inquiry_count: int) -> bool:
        """True when every one of these ids is."""
        return len(self._ids(first_inquiry_id, inquiry_count)) == inquiry_count

    def _ids(self, first_inquiry_id: int, inquiry_count: int) -> list[int]:
        return [
            inquiry_id
            for inquiry_id in range(first_inquiry_id, first_inquiry_id + inquiry_count)
            if inquiry_id < self._base
            or (inquiry_id < self.next_inquiry_id and self._finished[inquiry_id - self._base])
        ]

    def _trim(self) -> None:
        open_at = self._finished.find(0, self._at)
        self._at = len(self._finished) if open_at < 0 else open_at
        if open_at < 0:
            self._head = len(self._seqs)
        else:
            self._head = bisect_right(self._first_ids, self._base + open_at) - 1
        if self._head > TRIM_COUNT:
            del self._first_ids[: self._head]
            del self._seqs[: self._head]
            self._head = 0
        if self._at > TRIM_COUNT:
            del self._finished[: self._at]
            self._base, self._at = self._base + self._at, 0
