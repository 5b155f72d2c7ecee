"""Snapshots: the ledger's state in the journal, so that a start need not replay every step ever made.

One is begun after so many steps, of the ledger as it stands then, and written a little at a time while steps
go on; it counts once its last sheet is durable. One that was not finished is nothing: the steps are there. It
does not know what stands in a sheet, but for its place in the journal.
"""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chakong.journal.v1 import snapshot_pb2
from gateway.edge.errors import DamagedError, JournalError
from gateway.edge.journal_schema import SNAPSHOT, Frame, StoredFrame
from runtime.clock import now_ns

if TYPE_CHECKING:
    from gateway.edge.desk import Desk
    from gateway.edge.journal import Journal
    from gateway.holds.snapshot import Sheets

# Between two looks at everything else; and the rest after it is so many times as long, so that a busy loop
# gives a fifth of its time at most.
SLICE_NS: Final = 1_000_000
REST_FACTOR: Final = 4
NS: Final = 1_000_000_000

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SnapshotCounts:
    """What came of snapshots since the start."""

    written: int = 0
    given_up: int = 0
    sheets: int = 0
    sheet_bytes: int = 0
    # Steps that a start would replay.
    steps_since: int = 0


class Snapshots:
    """`restore` before anything else; then `kept` after each step, and `run`. `steps_from` is the first frame
    whose steps a start needs; 0: all of them, there is no snapshot."""

    def __init__(self, desk: "Desk", journal: "Journal", every_steps: int) -> None:
        self._desk = desk
        self._journal = journal
        self._every_steps = every_steps
        self._steps = 0
        self._step_seq = 0
        self._sheets: Sheets | None = None
        self._begun = asyncio.Event()
        self.steps_from = 0
        self.counts = SnapshotCounts()

    def restore(self) -> int:
        """Read the newest whole snapshot into the ledger; the last step in it, 0: there is none.
        DamagedError when it cannot be read."""
        last = self._newest_last()
        if last is None:
            return 0
        sheet = snapshot_pb2.Sheet.FromString(last.body)
        try:
            self._desk.answers_seq = self._desk.ledger.restore(self._written(sheet, last.seq))
        except ValueError as error:
            raise DamagedError(f"frame {last.seq}: {error}") from None
        self.steps_from = sheet.step_seq + 1
        return sheet.step_seq

    def _newest_last(self) -> StoredFrame | None:
        """The last sheet of the newest whole snapshot. What was begun after it was not finished."""
        before_seq = self._journal.last_seq + 1
        while (frame := self._journal.newest(SNAPSHOT, before_seq)) is not None:
            sheet = snapshot_pb2.Sheet.FromString(frame.body)
            if sheet.HasField("closing"):
                return frame
            before_seq = sheet.first_seq or frame.seq
        return None

    def _written(self, last: snapshot_pb2.Sheet, last_seq: int) -> Iterator[snapshot_pb2.Sheet]:
        cursor = (last.first_seq or last_seq) - 1
        while cursor < last_seq:
            frames = self._journal.read(cursor, kinds=(SNAPSHOT,), limit=last_seq - cursor)
            if not frames:
                return
            for frame in frames:
                cursor = frame.seq
                if cursor <= last_seq:
                    yield snapshot_pb2.Sheet.FromString(frame.body)

    def replayed(self, step_count: int) -> None:
        """So many steps came after the newest snapshot."""
        self._steps = self.counts.steps_since = step_count

    def kept(self, seq: int) -> None:
        """A step is kept, and no other is open. When it is time, a snapshot begins with it."""
        self._steps += 1
        self.counts.steps_since += 1
        if self._steps >= self._every_steps and self._sheets is None:
            self._steps, self._step_seq = 0, seq
            self._sheets = self._desk.ledger.snapshot(seq, self._desk.answers_seq)
            self._begun.set()

    async def run(self) -> None:
        """Write what is begun until cancelled."""
        while True:
            await self._begun.wait()
            self._begun.clear()
            sheets = self._sheets
            if sheets is None:
                continue
            try:
                await self._write(sheets)
            except JournalError as error:
                # The steps are there; it is tried again after as many more.
                self.counts.given_up += 1
                log.warning("a snapshot was given up", extra={"error": error.message})
            finally:
                sheets.close()
                self._sheets = None

    async def _write(self, sheets: "Sheets") -> None:
        first_seq = size_bytes = 0
        begun_ns = slice_ns = now_ns()
        for sheet in sheets:
            if sheet is not None:
                sheet.first_seq = first_seq
                body = sheet.SerializeToString()
                seq = await self._journal.append(Frame(SNAPSHOT, body, now_ns()))
                first_seq = first_seq or seq
                self.counts.sheets += 1
                self.counts.sheet_bytes += len(body)
                size_bytes += len(body)
                slice_ns = now_ns()
            elif (spent_ns := now_ns() - slice_ns) >= SLICE_NS:
                await asyncio.sleep(REST_FACTOR * spent_ns / NS)
                slice_ns = now_ns()
        self.steps_from = self._step_seq + 1
        self.counts.written += 1
        self.counts.steps_since = self._steps
        took_ms = (now_ns() - begun_ns) // 1_000_000
        fields = {"cursor": self._step_seq, "size_bytes": size_bytes, "took_ms": took_ms}
        log.info("snapshot written", extra=fields)
