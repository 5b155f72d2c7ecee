"""Town: a simulator and a gateway as processes of their own, and a tracker that follows the gateway, for the
tests of following.

The tracker runs in the test's process, or as a process that can be killed. Tracker and gateway speak mutual
TLS.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from benchmarks.court import Court
from benchmarks.stack import Stack, StackConfig
from benchmarks.subjects import subject
from chakong.gateway.v1.gateway_pb2 import (
    REACH_ALL,
    STAGE_FINAL,
    Answer,
    GetInquiryRequest,
    Inquiry,
    Scope,
    SubmitRequest,
)
from chakong.gateway.v1.gateway_pb2_grpc import GatewayStub
from chakong.tracker.v1 import case_pb2, tracker_pb2
from chakong.type.v1.type_pb2 import (
    DEBTOR_ROLE_JUDGMENT_DEBTOR,
    INSTRUMENT_KIND_INQUIRY_NOTICE,
    Mandate,
    Subject,
)
from runtime.calendar import add_months, date_of
from runtime.clock import now_ns
from runtime.settings_follow import Follow
from tests.tracker.calling import House, config_of, serving

COURT = "京0105"
WAIT_S = 120.0
LOOK_EVERY_S = 0.02
# What is not answered by then has been lost.
DEADLINE_S = 60


@dataclass(slots=True)
class Town:
    """A gateway with its institutions, and the court that calls it."""

    stack: Stack
    court: Court
    asked: dict[int, Inquiry] = field(default_factory=dict)

    def follow(self, **settings: Any) -> Follow:
        """How a tracker follows this gateway."""
        certs = self.stack.certs
        files = {"cert": certs / "tracker.pem", "key": certs / "tracker.key", "ca": certs / "ca.pem"}
        fast = {"backoff_base_ms": 20, "backoff_max_ms": 200, "inquiries_per_s": 1_000}
        return Follow(**{"address": self.stack.gateway_address, **files, **fast, **settings})

    @asynccontextmanager
    async def tracker(self, folder: Path, **settings: Any) -> AsyncIterator[House]:
        """A tracker in this process, until the block ends."""
        config = config_of(folder).model_copy(update={"follow": self.follow(**settings)})
        async with serving(config) as house:
            await house.until(lambda: house.alone.service.desk.is_open)
            yield house

    async def ask(
        self, case_number: str, asked: Subject, items: Sequence[int] = (), order_id: str = ""
    ) -> int:
        """Everybody, as the court; the inquiry's id."""
        mandate = Mandate(
            case_number=case_number,
            instrument_number=f"{case_number}-1",
            instrument_kind=INSTRUMENT_KIND_INQUIRY_NOTICE,
            officer_id="judge-1",
            debtor_role=DEBTOR_ROLE_JUDGMENT_DEBTOR,
        )
        inquiry = Inquiry(
            order_id=order_id or f"order-{case_number}-{len(self.asked)}",
            court_code=COURT,
            mandate=mandate,
            subject=asked,
            scope=Scope(reach=REACH_ALL),
            items=items,
            deadline_s=DEADLINE_S,
            claim_fen=5_000_000,
        )
        receipt = await GatewayStub(self.court.channel).Submit(SubmitRequest(inquiry=inquiry), timeout=WAIT_S)
        self.asked[receipt.inquiry_id] = inquiry
        return receipt.inquiry_id

    async def finals(self, inquiry_ids: Iterable[int]) -> dict[int, Answer]:
        """Their final answers, as the court gets them."""
        found: dict[int, Answer] = {}
        wanted = set(inquiry_ids)
        async with asyncio.timeout(WAIT_S):
            async for response in self.court.watch():
                for answer in response.answers:
                    if answer.inquiry_id in wanted and answer.stage == STAGE_FINAL:
                        found[answer.inquiry_id] = answer
                if found.keys() == wanted:
                    return found
        raise AssertionError("the watch ended")

    async def answer(self, order_id: str) -> Answer:
        """The final answer to an order of this court, whoever gave it."""
        stub = GatewayStub(self.court.channel)
        found: list[Answer] = []

        async def is_final() -> bool:
            try:
                view = await stub.GetInquiry(GetInquiryRequest(order_id=order_id), timeout=WAIT_S)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.NOT_FOUND:
                    raise
                return False
            found.append(view.answer)
            return view.answer.stage == STAGE_FINAL

        await when(is_final, order_id)
        return found[-1]


@asynccontextmanager
async def town(out: Path, scenario: str = "calm", **gateway: Any) -> AsyncIterator[Town]:
    """A gateway without a tracker of its own."""
    # Whatever the hour is: some hubs are closed at night.
    always: dict[str, Any] = {"tracker": {"enabled": False}, "line": {"service_hours": False}}
    sections = {**always, "log": {"level": "warning"}, **gateway}
    config = StackConfig(scenario, out, gateway=sections)
    async with Stack(config) as stack, stack.court(COURT) as court:
        yield Town(stack, court)


def registration(number: str, count: int = 1, first: int = 0, **fields: Any) -> Any:
    """A case received, filed and distributed long enough ago to be ended for now."""
    day = add_months(date_of(now_ns()), -4)
    case = case_pb2.Case(
        case_number=number,
        court_code=COURT,
        handler="judge-1",
        claim_fen=5_000_000,
        subjects=[subject(first + index) for index in range(count)],
        **fields,
    )
    events = [
        case_pb2.Event(event_id=kind, kind=kind, effective=day, officer="judge-1")
        for kind in ("application_received", "filing", "distribution")
    ]
    return tracker_pb2.RegisterCaseRequest(case=case, events=events)


async def case_when(house: House, number: str, is_so: Callable[[Any], bool]) -> Any:
    """The case as soon as it is so."""
    view: Any = None

    async def look() -> bool:
        nonlocal view
        view = await house.call("GetCase", tracker_pb2.GetCaseRequest(case_number=number))
        return is_so(view)

    await when(look, number)
    return view


async def when(look: Callable[[], Awaitable[bool]], what: str) -> None:
    """Return once a look says so. AssertionError: it never was."""
    try:
        async with asyncio.timeout(WAIT_S):
            while not await look():  # noqa: ASYNC110 - what is waited for happens in other processes
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise AssertionError(f"never came about: {what}") from None


def kinds(view: Any) -> list[str]:
    """Of the events of a case, sorted."""
    return sorted(event.kind for event in view.history)


def nodes(view: Any, number: int) -> list[Any]:
    """The nodes of a case with this number."""
    return [node for node in view.nodes if node.number == number]
