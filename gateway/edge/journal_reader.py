"""Reader: everything that is read from a journal, by the gateway, the projector and `chakong audit`.

It reads durable frames and no others, from any thread while the writer writes. Every frame that is handed out
had the right CRC. It writes nothing.
"""

import os
from bisect import bisect_right
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from gateway.edge.errors import DamagedError
from gateway.edge.journal_contents import Rows, court_mark
from gateway.edge.journal_folder import read_meta
from gateway.edge.journal_schema import ADMISSION, CANCELLATION, KIND_NAMES, Replay, StoredFrame
from gateway.edge.journal_shelf import Shelf, Shown
from gateway.edge.journal_unfinished import Unfinished
from gateway.edge.journal_volume import read_frame, walk

READ_BYTES_MAX: Final = 16 << 20
READ_FRAMES_MAX: Final = 4_096
ROWS_AT_ONCE: Final = 8_192

Places = npt.NDArray[np.intp]


class Reader:
    """Reads one journal. The journal must be there: a reader makes none."""

    def __init__(self, path: Path, shelf: Shelf | None = None) -> None:
        """`shelf`: of the writer in this process; without it the reader follows the files."""
        self._path = path
        self.meta = read_meta(path)
        self._is_following = shelf is None
        with _readable(path):
            self._shelf = shelf or Shelf.seen(path, self.meta.seed, self.meta.first_seq)

    def read(
        self,
        after_seq: int,
        *,
        kinds: Collection[int] = tuple(KIND_NAMES),
        court: str | None = None,
        limit: int = READ_FRAMES_MAX,
        bytes_max: int = READ_BYTES_MAX,
    ) -> list[StoredFrame]:
        """The next frames after `after_seq`, seqs ascending: at most `limit`, and about `bytes_max` of
        bodies."""
        frames: list[StoredFrame] = []
        size_bytes = 0
        for frame in self.frames(after_seq, kinds=kinds, court=court):
            frames.append(frame)
            size_bytes += len(frame.body)
            if size_bytes >= bytes_max or len(frames) >= limit:
                break
        return frames

    def frames(
        self, after_seq: int, *, kinds: Collection[int] = tuple(KIND_NAMES), court: str | None = None
    ) -> Iterator[StoredFrame]:
        """All frames after `after_seq`, seqs ascending, as they stand at the first."""
        self._follow()
        shown = self._shelf.shown
        for index in range(shown.index_of(after_seq + 1), len(shown.volumes)):
            with _readable(self._path):
                rows = self._shelf.contents(shown, index)
            first = max(after_seq + 1 - shown.volumes[index].first_seq, 0)
            # A reader that takes a few frames at a time must not look through the whole volume each time.
            for begin in range(first, len(rows), ROWS_AT_ONCE):
                places = begin + _chosen(rows[begin : begin + ROWS_AT_ONCE], kinds, court)
                for frame in self._placed(shown, index, places):
                    if court is None or frame.court == court:
                        yield frame

    def newest(self, kind: int, before_seq: int) -> StoredFrame | None:
        """The last frame of this kind before that one; None: there is none."""
        self._follow()
        shown = self._shelf.shown
        for index in reversed(range(len(shown.volumes))):
            room = before_seq - shown.volumes[index].first_seq
            if room <= 0:
                continue
            with _readable(self._path):
                rows = self._shelf.contents(shown, index)
            places = np.flatnonzero(rows["kind"][:room] == kind)
            if len(places):
                (frame,) = self._placed(shown, index, places[-1:])
                return frame
        return None

    def last_seq(self) -> int:
        """Number of the newest durable frame; 0: none."""
        self._follow()
        return self._shelf.shown.last_seq

    def next_inquiry_id(self) -> int:
        """Above every inquiry id ever admitted."""
        shown = self._shelf.shown
        ends = shown.rows["first_inquiry_id"] + shown.rows["inquiry_count"]
        return max(int(ends.max(initial=0)), shown.volumes[-1].first_inquiry_id)

    def court_of(self, inquiry_id: int) -> str | None:
        """The court whose inquiry this is; None when there is no such inquiry."""
        frame = self.admission_of(inquiry_id)
        return None if frame is None else frame.court

    def admission_of(self, inquiry_id: int) -> StoredFrame | None:
        """The frame with which this inquiry was admitted; None when there is none, or none any more."""
        shown = self._shelf.shown
        index = bisect_right(shown.volumes, inquiry_id, key=lambda volume: volume.first_inquiry_id) - 1
        if index < 0:
            return None
        rows = self._shelf.contents(shown, index)
        admissions = np.flatnonzero(rows["kind"] == ADMISSION)
        at = (
            int(np.searchsorted(rows["first_inquiry_id"][admissions], np.uint64(inquiry_id), side="right"))
            - 1
        )
        if at < 0:
            return None
        (frame,) = self._placed(shown, index, admissions[at : at + 1])
        return frame if inquiry_id < frame.first_inquiry_id + frame.inquiry_count else None

    def time_of(self, seq: int) -> int:
        """When this frame was written; 0: there is none."""
        shown = self._shelf.shown
        if not shown.volumes[0].first_seq <= seq <= shown.last_seq:
            return 0
        index = shown.index_of(seq)
        (frame,) = self._placed(shown, index, np.array([seq - shown.volumes[index].first_seq]))
        return frame.at_ns

    def whole(self) -> Iterator[StoredFrame]:
        """Every frame, read from the volumes alone. DamagedError for the first that is missing or not as it
        was written."""
        self._follow()
        shown = self._shelf.shown
        expected_seq = self.meta.first_seq
        for index, volume in enumerate(shown.volumes):
            if volume.first_seq != expected_seq:
                raise DamagedError(
                    f"{volume.path}: frame {expected_seq} is missing, it begins with {volume.first_seq}"
                )
            end = shown.end if index == len(shown.volumes) - 1 else -1
            with _readable(self._path):
                for placed in walk(volume, self._shelf.seed, None, end):
                    expected_seq += 1
                    yield placed.frame

    def replay(self, from_seq: int, unfinished: Unfinished) -> Iterator[Replay]:
        """Admissions with an unfinished inquiry, and cancellations, in their order."""
        for frame in self.frames(from_seq - 1, kinds=(ADMISSION, CANCELLATION)):
            ids = (frame.first_inquiry_id, frame.inquiry_count)
            if frame.kind == ADMISSION and unfinished.is_finished(*ids):
                continue
            answered = unfinished.answered(*ids) if frame.kind == ADMISSION else b""
            yield Replay(frame.seq, frame.kind, frame.at_ns, frame.court, frame.body, answered)

    def _placed(self, shown: Shown, index: int, places: Places) -> Iterator[StoredFrame]:
        """The frames of these rows of a volume's contents."""
        if not len(places):
            return
        with _readable(self._path):
            volume, rows = shown.volumes[index], self._shelf.contents(shown, index)
            descriptor = os.open(volume.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                for at in places.tolist():
                    place = int(rows["offset"][at]), int(rows["size"][at])
                    yield read_frame(volume, descriptor, place, volume.first_seq + at, self._shelf.seed)
            finally:
                os.close(descriptor)

    def _follow(self) -> None:
        if self._is_following:
            with _readable(self._path):
                self._shelf.follow(self._path)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """DamagedError for a file that is gone or cannot be read."""
    try:
        yield
    except OSError as error:
        raise DamagedError(f"{error.filename or path}: not readable: {error.strerror}") from error


def _chosen(rows: Rows, kinds: Collection[int], court: str | None) -> Places:
    """Places of the rows of these kinds, and of this court or one with its mark."""
    fits = np.isin(rows["kind"], list(kinds))
    if court is not None:
        fits &= rows["court"] == court_mark(court)
    return np.flatnonzero(fits)
