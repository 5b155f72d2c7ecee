"""Journal: megabytes a second of frames made durable, beside plain append and fdatasync of the same bytes.

The frames are those of waves: admissions with their order ids, answers. As many wait for the disk as eight
courts' streams may have unacknowledged, and the journal groups them itself. The plain file then gets the same
bodies in the same groups, one write and one fdatasync for each, in the same folder. It keeps no order ids, no
CRC and no index.
"""

import asyncio
import os
import shutil
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter_ns

from benchmarks.bench.frames import FrameSource
from benchmarks.bench.result import Result, expect
from benchmarks.bench.scratch import scratch_folder
from gateway.directory import Directory
from gateway.edge.journal import Frame, Journal
from runtime.bulk import IN_FLIGHT_MAX

NAME = "journal.vs_raw"
COURT_COUNT = 8
WAITING_MAX = COURT_COUNT * IN_FLIGHT_MAX
WAVE_COUNT = 4_000
MESSAGE_COUNT = 1_000
# What the system takes in one call.
PARTS_MAX = 1_024


@dataclass(frozen=True, slots=True)
class Written:
    """`groups`: how many frames shared each commit."""

    bytes_per_second: float
    groups: tuple[int, ...]


def measure(quick: bool) -> Iterable[Result]:
    """A few seconds when quick, else half a minute; the making of the frames takes the most."""
    source = FrameSource(Directory.load())
    # Some commits make no figure: the disk's time for one varies by half.
    waves = range(8 if quick else 32)
    frames = [frame for _ in waves for frame in source.wave(WAVE_COUNT, MESSAGE_COUNT)]
    with scratch_folder() as folder:
        yield beside_raw(folder, frames, 3 if quick else 7)


def beside_raw(folder: Path, frames: Sequence[Frame], run_count: int) -> Result:
    """Both on the same disk, in turn; a first run of each warms up."""
    journal_runs: list[Written] = []
    raw_runs: list[Written] = []
    for run in range(run_count + 1):
        journal_runs.append(asyncio.run(write_journal(folder / f"journal-{run}", frames)))
        raw_runs.append(write_raw(folder / f"raw-{run}", frames, journal_runs[-1].groups))
        shutil.rmtree(folder / f"journal-{run}")
        (folder / f"raw-{run}").unlink()
    body_bytes = sum(len(frame.body) for frame in frames)
    groups = [group for run in journal_runs[1:] for group in run.groups]
    return Result(
        NAME,
        "MB/s",
        tuple(run.bytes_per_second / 1e6 for run in journal_runs[1:]),
        tuple(run.bytes_per_second / 1e6 for run in raw_runs[1:]),
        "append and fdatasync of the same groups",
        extra={
            "frames": len(frames),
            "body_bytes": body_bytes,
            "order_bytes": sum(len(frame.orders) for frame in frames),
            "frames_a_commit": {"median": median(groups), "max": max(groups)},
        },
    )


async def write_journal(path: Path, frames: Sequence[Frame]) -> Written:
    """Append to a new journal, never more than WAITING_MAX undecided; then read everything back."""
    journal = Journal.open(path)
    commits = [journal.last_seq]
    journal.listen(commits.append)
    waiting: deque[asyncio.Future[int]] = deque()
    start_ns = perf_counter_ns()
    for frame in frames:
        if len(waiting) == WAITING_MAX:
            await waiting.popleft()
        waiting.append(journal.append(frame))
    await journal.durable()
    ns = perf_counter_ns() - start_ns
    expect("frames durable", journal.last_seq, len(frames))
    _check(journal, frames)
    journal.close()
    groups = tuple(after - before for before, after in pairwise(commits))
    return Written(sum(len(frame.body) for frame in frames) / ns * 1e9, groups)


def write_raw(path: Path, frames: Sequence[Frame], groups: Sequence[int]) -> Written:
    """Append the bodies, group by group."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        bodies = iter([frame.body for frame in frames])
        start_ns = perf_counter_ns()
        for group in groups:
            _append(descriptor, [next(bodies) for _ in range(group)])
            os.fdatasync(descriptor)
        ns = perf_counter_ns() - start_ns
    finally:
        os.close(descriptor)
    body_bytes = sum(len(frame.body) for frame in frames)
    expect("bytes appended", path.stat().st_size, body_bytes)
    return Written(body_bytes / ns * 1e9, tuple(groups))


def _append(descriptor: int, bodies: Sequence[bytes]) -> None:
    for at in range(0, len(bodies), PARTS_MAX):
        os.writev(descriptor, bodies[at : at + PARTS_MAX])


def _check(journal: Journal, frames: Sequence[Frame]) -> None:
    """Every frame comes back as it was appended, in order."""
    seq = 0
    while stored := journal.read(seq):
        for one in stored:
            frame = frames[one.seq - 1]
            expect("seq", one.seq, seq + 1)
            expect("frame read back", (one.kind, one.body == frame.body), (frame.kind, True))
            seq = one.seq
    expect("frames read back", seq, len(frames))
    rows = b"".join([frame.orders for frame in frames])
    expect("order ids found", len(journal.find_orders(rows)), len(rows))
