"""Truth: over a million queries through real processes and gRPC, compared with what the institutions have.

A calm day: everybody who can be inquired answers, nothing is missing, and nothing is more than is there.
"""

import asyncio
from pathlib import Path

from benchmarks.stack import Stack, StackConfig
from benchmarks.subjects import PROVINCES, load_inquiry
from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.gateway.v1 import gateway_pb2_grpc
from chakong.type.v1 import type_pb2 as types
from tests.gateway.edge.house import COURT
from tests.whole.judge import Judge
from tests.whole.watcher import Watcher

MESSAGES, PER_MESSAGE = 8, 90
QUERIES_MIN = 1_000_000
ANSWERED_S_MAX = 120.0
SCOPES = (
    *[gateway.Scope(reach=gateway.REACH_ALL)] * 4,
    gateway.Scope(reach=gateway.REACH_BANKS),
    gateway.Scope(reach=gateway.REACH_UNITS),
    *(gateway.Scope(reach=gateway.REACH_PROVINCE, province=code) for code in PROVINCES[:3]),
    gateway.Scope(reach=gateway.REACH_LIST, institutions=[0, 7, 7, 1_000, 3_900, 3_915]),
)
ITEMS: tuple[list[int], ...] = ([], [], [], [1], [1, 2, 3], [6, 7, 8], [1, 5, 9, 13, 25])
SUBJECTS_OTHER = (
    types.Subject(id_type=types.ID_TYPE_CREDIT_CODE, id_number="93370102FX9A4UWCQ0", name="趋势传媒有限公司"),
    types.Subject(id_type=types.ID_TYPE_PASSPORT, id_number="E1234567", name="Ann Lee"),
)


def orders() -> list[gateway.Inquiry]:
    """All kinds of scopes, items, subjects and urgencies; some ask again what was asked before."""
    made = []
    for number in range(MESSAGES * PER_MESSAGE):
        # One in nine is about a person that another asked about.
        inquiry = load_inquiry(COURT, f"order-{number}", number if number % 9 else number // 2)
        inquiry.scope.CopyFrom(SCOPES[number % len(SCOPES)])
        items = ITEMS[number % len(ITEMS)]
        if inquiry.scope.reach == gateway.REACH_ALL:
            inquiry.items.extend(items)
        if number % 40 == 0:
            inquiry.subject.CopyFrom(SUBJECTS_OTHER[number // 40 % 2])
        inquiry.urgency = gateway.Urgency.values()[number % 4]
        inquiry.deadline_s = 600
        made.append(inquiry)
    return made


async def test_a_million_answers_say_what_the_institutions_have(tmp_path: Path) -> None:
    made = orders()
    sent: dict[int, gateway.Inquiry] = {}
    config = StackConfig("calm", tmp_path, gateway={"line": {"service_hours": False}})
    async with Stack(config) as stack, stack.court(COURT) as court:
        stub = gateway_pb2_grpc.GatewayStub(court.channel)
        async with asyncio.timeout(ANSWERED_S_MAX), Watcher(stub) as watcher:
            messages = [
                gateway.SubmitBulkRequest(inquiries=batch, tag=tag)
                for tag, batch in enumerate(
                    made[at : at + PER_MESSAGE] for at in range(0, len(made), PER_MESSAGE)
                )
            ]
            async for message, response in court.submit_bulk(messages):
                assert response.accepted == len(message.inquiries)
                ids = range(response.first_inquiry_id, response.first_inquiry_id + response.accepted)
                sent.update(zip(ids, message.inquiries, strict=True))
            finals = await watcher.finals(sent)
        stack.require_alive()
    judge = Judge()
    for number, inquiry in sent.items():
        missing = judge.judge(inquiry, finals[number], finals[number])
        assert set(missing.values()) <= {types.END_STATE_INCAPABLE}
    assert judge.faults == {}
    assert judge.comparison.query_count >= QUERIES_MIN
    assert any(final.coverage.joined for final in finals.values())
