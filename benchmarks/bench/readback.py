"""Read back: answers asked for again after the clock has stopped, from the journal or from the tables.

So what a benchmark only counted while it measured is compared in full afterwards. It measures nothing.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import grpc

from benchmarks.bench.answered import order_number
from benchmarks.bench.result import WrongAnswerError
from benchmarks.bench.stage import figures
from benchmarks.bench.streams import LAST_FRAME, count_finals
from benchmarks.stack import Stack
from chakong.gateway.v1.gateway_pb2 import Answer, GetInquiryRequest, InquiryView, WatchRequest, WatchResponse
from gateway.edge.server import SERVICE

READ_S_MAX: Final = 120.0


async def last_frame(stack: Stack) -> int:
    """The cursor behind which a watch brings only what is answered from now on; of a gateway at rest."""
    return int((await figures(stack)).total(LAST_FRAME))


async def watched(stack: Stack, court: str, cursor: int, final_count: int) -> list[bytes]:
    """A court's WatchResponses from this cursor on, until so many final answers. TimeoutError;
    WrongAnswerError when the watch ends before."""
    answers: list[tuple[bytes, float]] = []
    async with asyncio.timeout(READ_S_MAX), stack.court(court) as client:
        watch: Any = client.channel.unary_stream(f"/{SERVICE}/Watch", None, None)
        call = watch(WatchRequest(cursor=cursor).SerializeToString())
        await count_finals(call, final_count, answers)
        call.cancel()
    return [message for message, _ in answers]


def latest(messages: Sequence[bytes]) -> dict[int, Answer]:
    """The last answer for each order number in these WatchResponses."""
    return {
        order_number(one): one for message in messages for one in WatchResponse.FromString(message).answers
    }


async def expect_in_tables(stack: Stack, court: str, answers: Sequence[Answer]) -> None:
    """Ask for inquiries of a court by id: the tables must give the answers that its watch gave.
    WrongAnswerError, TimeoutError."""
    async with asyncio.timeout(READ_S_MAX), stack.court(court) as client:
        get: Any = client.channel.unary_unary(
            f"/{SERVICE}/GetInquiry", GetInquiryRequest.SerializeToString, InquiryView.FromString
        )
        for answer in answers:
            try:
                view = await get(GetInquiryRequest(inquiry_id=answer.inquiry_id))
            except grpc.RpcError as error:
                raise WrongAnswerError(
                    f"inquiry {answer.inquiry_id}: {error.code()} from the tables"
                ) from error
            if view.answer != answer:
                raise WrongAnswerError(f"inquiry {answer.inquiry_id}: another answer in the tables")
