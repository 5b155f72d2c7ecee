"""What the pump has counted since the start, in plain numbers; metrics reads it at a scrape.

No label of a person, a court or an inquiry. It decides nothing.
"""

import struct
from array import array
from bisect import bisect_right
from typing import Final

from gateway.edge.histogram import Histogram

# 16 bytes a frame: of more frames than this with open inquiries, the oldest are no longer timed.
FRAMES_TIMED_MAX: Final = 1 << 20
ID_END: Final = 1 << 64


class Admissions:
    """When the inquiries of the latest frames were admitted. Ids rise from frame to frame."""

    def __init__(self) -> None:
        self._first_ids = array("Q")
        self._admitted_ns = array("Q")

    def add(self, first_inquiry_id: int, at_ns: int) -> None:
        """A frame whose ids begin here was admitted."""
        if len(self._first_ids) >= FRAMES_TIMED_MAX:
            del self._first_ids[: FRAMES_TIMED_MAX // 2]
            del self._admitted_ns[: FRAMES_TIMED_MAX // 2]
        self._first_ids.append(first_inquiry_id)
        self._admitted_ns.append(at_ns)

    def ages_us(self, finals: bytes, now_ns: int) -> list[tuple[int, int]]:
        """How long ago these inquiries (u64 LE each) were admitted, and how many of them then, frame by
        frame; those of forgotten frames are left out."""
        counts: dict[int, int] = {}
        frame, first_id, end_id = -1, 0, 0
        for (inquiry_id,) in struct.iter_unpack("<Q", finals):
            # Mostly of the same frame as the one before.
            if not first_id <= inquiry_id < end_id:
                frame = bisect_right(self._first_ids, inquiry_id) - 1
                first_id = self._first_ids[frame] if frame >= 0 else 0
                end_id = self._first_ids[frame + 1] if frame + 1 < len(self._first_ids) else ID_END
            counts[frame] = counts.get(frame, 0) + 1
        counts.pop(-1, None)
        return [
            (max(0, now_ns - self._admitted_ns[frame]) // 1000, counts[frame]) for frame in sorted(counts)
        ]


class PumpCounts:
    """Counters and histograms of submits, frames and answers."""

    def __init__(self) -> None:
        self.full = 0
        self.refused: dict[int, int] = {}
        self.frames: dict[int, int] = {}
        self.frame_bytes: dict[int, int] = {}
        self.frames_lost = 0
        self.answers = 0
        self.ticks = 0
        self.journal_us = Histogram()
        self.answer_us = Histogram()
        self.admissions = Admissions()

    def count_refused(self, by_reason: dict[int, int]) -> None:
        """Inquiries refused, by Reason."""
        for reason, count in by_reason.items():
            self.refused[reason] = self.refused.get(reason, 0) + count

    def count_frame(self, kind: int, size_bytes: int) -> None:
        """A frame was handed to the journal."""
        self.frames[kind] = self.frames.get(kind, 0) + 1
        self.frame_bytes[kind] = self.frame_bytes.get(kind, 0) + size_bytes

    def count_answers(self, count: int, finals: bytes, now_ns: int) -> None:
        """Answers were handed on, among them the final ones of these inquiries."""
        self.answers += count
        for age_us, final_count in self.admissions.ages_us(finals, now_ns):
            self.answer_us.add(age_us, final_count)
