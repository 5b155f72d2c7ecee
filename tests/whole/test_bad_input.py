"""Bad input: what a court may send, through real gRPC to the whole gateway, and what becomes of the rest.

Nothing is half accepted, a stream lives on, and the journal holds what was accepted and nothing else.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.journal.v1 import journal_pb2 as journal
from gateway.edge.journal_schema import ADMISSION
from tests.gateway.edge.court import called_as, violations
from tests.gateway.edge.house import COURT, inquiry
from tests.gateway.edge.institution import answering
from tests.whole.house import WAIT_S, House, scripted

pytestmark = pytest.mark.usefixtures("no_projector")

INVALID = grpc.StatusCode.INVALID_ARGUMENT
BULK = "/chakong.gateway.v1.Gateway/SubmitBulk"
OVERSIZE_BYTES = (4 << 20) + 1
THOUSANDS = 3_000


async def sent(house: House, messages: Sequence[bytes]) -> list[gateway.SubmitBulkResponse]:
    """The acknowledgements of raw messages on one stream."""
    stream: Any = house.channel.stream_stream(BULK, None, gateway.SubmitBulkResponse.FromString)
    call = stream(metadata=called_as(), timeout=WAIT_S)
    responses = []
    for message in messages:
        await call.write(message)
        responses.append(await call.read())
    await call.done_writing()
    assert await call.code() is grpc.StatusCode.OK
    return responses


def bulk(*inquiries: gateway.Inquiry, tag: int = 0) -> bytes:
    return gateway.SubmitBulkRequest(inquiries=inquiries, tag=tag).SerializeToString()


def journalled(house: House) -> list[str]:
    """The order ids of all admissions, in order, repetitions included."""
    frames = house.gateway.pump._journal.read(0, kinds=(ADMISSION,))
    return [one.order_id for frame in frames for one in journal.Admission.FromString(frame.body).inquiries]


async def test_an_oversize_message_is_refused_whole_and_the_stream_lives_on(tmp_path: Path) -> None:
    fat = inquiry(1, order_id="fat")
    fat.mandate.officer_id = "x" * OVERSIZE_BYTES
    async with scripted(tmp_path, [answering]) as house:
        oversize, after = await sent(house, [bulk(inquiry(2), fat), bulk(inquiry(3))])
        assert oversize.error.code == INVALID.value[0]
        assert "bytes" in oversize.error.message
        assert (oversize.accepted, after.accepted) == (0, 1)
        assert journalled(house) == ["order-3"]
        await house.watcher.finals([after.first_inquiry_id])


async def test_a_truncated_message_is_refused_whole_and_the_stream_lives_on(tmp_path: Path) -> None:
    whole = bulk(inquiry(1), inquiry(2), tag=9)
    async with scripted(tmp_path, [answering]) as house:
        # Cut within the second inquiry: the first one alone would be readable.
        cut, after = await sent(house, [whole[:-20], whole])
        assert cut.error.code == INVALID.value[0]
        assert (cut.accepted, after.accepted, after.tag) == (0, 2, 9)
        assert journalled(house) == ["order-1", "order-2"]


async def test_an_unknown_enum_is_an_invalid_argument_with_its_field(tmp_path: Path) -> None:
    wrong = inquiry(1)
    wrong.urgency = 77  # type: ignore[assignment]
    async with scripted(tmp_path, [answering]) as house:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await house.stub.Submit(
                gateway.SubmitRequest(inquiry=wrong), metadata=called_as(), timeout=WAIT_S
            )
        assert refused.value.code() is INVALID
        assert "urgency" in "".join(violations(refused.value))
        assert journalled(house) == []


async def test_one_bad_inquiry_among_thousands_harms_no_other(tmp_path: Path) -> None:
    made = [inquiry(number % 1_000, order_id=f"order-{number}") for number in range(THOUSANDS)]
    made[10].subject.id_number = made[10].subject.id_number[:-1]
    parts = [bulk(one) for one in made]
    # A name that is not UTF-8; the length stays what it was.
    parts[20] = parts[20].replace("测试".encode(), b"\xff" * len("测试".encode()))
    async with scripted(tmp_path, [answering]) as house:
        (response,) = await sent(house, [b"".join(parts)])
        assert (response.accepted, response.refused) == (THOUSANDS - 2, 2)
        verdicts = {verdict.index: verdict.reason for verdict in response.verdicts}
        assert verdicts == {10: gateway.REASON_BAD_LENGTH, 20: gateway.REASON_MALFORMED}
        accepted = [one.order_id for place, one in enumerate(made) if place not in verdicts]
        assert journalled(house) == accepted
        ids = range(response.first_inquiry_id, response.first_inquiry_id + response.accepted)
        assert {one.order_id for one in (await house.watcher.finals(ids)).values()} == set(accepted)


async def test_what_is_refused_or_repeated_is_not_journalled(tmp_path: Path) -> None:
    foreign = inquiry(3)
    foreign.court_code = "浙0106"
    async with scripted(tmp_path, [answering]) as house:
        first, again, reused, other = await sent(
            house,
            [
                bulk(inquiry(1), inquiry(2)),
                bulk(inquiry(1)),
                bulk(inquiry(1, claim_fen=5)),
                bulk(foreign),
            ],
        )
        assert first.accepted == 2
        assert (again.repeated, again.verdicts[0].inquiry_id) == (1, first.first_inquiry_id)
        assert [verdict.reason for verdict in reused.verdicts] == [gateway.REASON_ORDER_ID_REUSED]
        assert [verdict.reason for verdict in other.verdicts] == [gateway.REASON_FOREIGN_COURT]
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await house.stub.Submit(
                gateway.SubmitRequest(inquiry=foreign), metadata=called_as(court=COURT), timeout=WAIT_S
            )
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
        assert journalled(house) == ["order-1", "order-2"]
        assert house.stats()["queries_on_wire"] <= 2
