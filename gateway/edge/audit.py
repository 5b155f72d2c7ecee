"""Audit: reads a whole journal and says whether it is as it was written.

Every frame's CRC, and every number in its place. It changes nothing and needs no gateway; one may be running.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from gateway.edge.errors import JournalError
from gateway.edge.journal_reader import Reader
from gateway.edge.journal_schema import ADMISSION, KIND_NAMES
from runtime.logs import timestamp

EXIT_RIGHT: Final = 0
EXIT_DAMAGED: Final = 1


@dataclass(slots=True)
class Summary:
    """What a journal holds."""

    frames_by_kind: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KIND_NAMES.values(), 0))
    first_ns: int = 0
    last_ns: int = 0
    size_bytes: int = 0
    inquiry_count: int = 0
    final_count: int = 0


def verify(path: Path, out: TextIO | None = None) -> int:
    """Check all of a journal and print what it holds, or the first thing that is wrong with it; the exit
    code."""
    stream = sys.stdout if out is None else out
    try:
        summary = _summary(Reader(path))
    except JournalError as error:
        print(f"wrong: {error.message}", file=stream)
        return EXIT_DAMAGED
    kinds = ", ".join(f"{count} {name}" for name, count in summary.frames_by_kind.items())
    print(
        f"{path}: {sum(summary.frames_by_kind.values())} frames ({kinds}), {summary.size_bytes} bytes",
        file=stream,
    )
    print(f"inquiries: {summary.inquiry_count} admitted, {summary.final_count} finally answered", file=stream)
    if summary.last_ns:
        print(f"from {timestamp(summary.first_ns / 1e9)} to {timestamp(summary.last_ns / 1e9)}", file=stream)
    print("every CRC is right and no frame is missing", file=stream)
    return EXIT_RIGHT


def _summary(reader: Reader) -> Summary:
    summary = Summary()
    for frame in reader.whole():
        summary.frames_by_kind[KIND_NAMES[frame.kind]] += 1
        summary.first_ns = summary.first_ns or frame.at_ns
        summary.last_ns = frame.at_ns
        summary.size_bytes += len(frame.body)
        summary.inquiry_count += frame.inquiry_count if frame.kind == ADMISSION else 0
        summary.final_count += len(frame.finals) // 8
    return summary
