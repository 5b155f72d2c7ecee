"""Frames as the gateway writes them: ids rise, every inquiry is admitted and answered once."""

import struct

from benchmarks.bench.frames import FrameSource
from chakong.journal.v1 import journal_pb2
from gateway.directory import Directory
from gateway.edge.journal import ADMISSION, ANSWER


def test_waves_make_one_journal() -> None:
    source = FrameSource(Directory.load())
    frames = [*source.wave(25, 10), *source.wave(10, 10)]
    admissions = [frame for frame in frames if frame.kind == ADMISSION]
    assert [(frame.first_inquiry_id, frame.inquiry_count) for frame in admissions] == [
        (1, 10),
        (11, 10),
        (21, 5),
        (26, 10),
    ]
    assert all(len(frame.orders) == 40 * frame.inquiry_count for frame in admissions)
    answers = [frame for frame in frames if frame.kind == ANSWER]
    finals = b"".join(frame.finals for frame in answers)
    assert sorted(struct.unpack(f"<{len(finals) // 8}Q", finals)) == list(range(1, 36))
    read = [one for frame in answers for one in journal_pb2.Answers.FromString(frame.body).answers]
    assert sum(len(one.findings) for one in read) == source.found_count == 35 * 5
