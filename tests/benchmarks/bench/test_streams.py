"""The mark by which answers are counted, and whose streams there are. Rounds: test_waves.py."""

import numpy as np

from benchmarks.bench.messages import COURT, Template
from benchmarks.bench.streams import COURTS, FINAL_MARK
from chakong.gateway.v1.gateway_pb2 import (
    REACH_ALL,
    STAGE_FINAL,
    STAGE_LATE,
    STAGE_PARTIAL,
    Answer,
    Scope,
    SubmitBulkRequest,
    WatchResponse,
)


def test_mark_counts_final_answers_alone() -> None:
    message = Template(Scope(reach=REACH_ALL)).message(np.arange(5))
    case_number = SubmitBulkRequest.FromString(message).inquiries[0].mandate.case_number
    stages = [STAGE_FINAL, STAGE_PARTIAL, STAGE_FINAL, STAGE_LATE, STAGE_FINAL]
    answers = [
        Answer(inquiry_id=at, order_id=f"b-{at:010}", case_number=case_number, stage=stage)
        for at, stage in enumerate(stages, 1)
    ]
    assert WatchResponse(cursor=3, answers=answers).SerializeToString().count(FINAL_MARK) == 3


def test_eight_courts_send_the_template_s_first() -> None:
    assert len(set(COURTS)) == 8
    assert COURTS[0] == COURT
