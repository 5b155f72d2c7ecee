"""House: pump, dispatch, journal and Engine put together as the gateway does it, for the tests of the order
path.

The Engine is the slow model; the journal a real one in a temporary folder. Times are short, and every wait
has a deadline.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import grpc

from adapters.table import ADAPTERS
from chakong.gateway.v1 import gateway_pb2
from chakong.type.v1 import type_pb2
from gateway.directory.directory import Directory
from gateway.edge.dispatch import Dispatch
from gateway.edge.journal import Journal
from gateway.edge.line import Line
from gateway.edge.pump import Pump
from gateway.edge.stream import CHANNEL_OPTIONS
from runtime.chance import Chance
from runtime.settings import Line as LineSettings
from tests.gateway.edge.institution import Institution, Script, serving
from tests.model.engine import ModelEngine
from tests.patience import DEADLINE_S

if TYPE_CHECKING:
    from gateway._core import Answers, Engine

COURT = "京0105"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SETTINGS = LineSettings(
    reply_timeout_s=0.3,
    connect_timeout_s=2.0,
    backoff_base_ms=5,
    backoff_max_ms=20,
    breaker_failures=5,
    breaker_cool_down_ms=20,
    rate_per_s=100_000,
)


def directory_of(behind: Sequence[int], *, hours: str = "always", in_flight_max: int = 2) -> Directory:
    """A directory with so many institutions behind each endpoint."""
    keys = [f"{'unit' if count == 1 else 'union'}-{index}" for index, count in enumerate(behind)]
    institutions: list[Any] = []
    for key, count in zip(keys, behind, strict=True):
        for _ in range(count):
            index = len(institutions)
            institutions.append(
                {
                    "index": index,
                    "key": f"institution-{index}",
                    "zh": "机构",
                    "class": "unit" if count == 1 else "village_bank",
                    "province": "" if count == 1 else "33",
                    "endpoint": key,
                    "items": [1, 2],
                    "can": ["INQUIRE"],
                }
            )
    endpoints: list[Any] = [
        {
            "key": key,
            "line": "direct" if count == 1 else "hub",
            "zh": "线",
            "protocol": "native",
            "max_batch_queries": 4096,
            "max_batch_bytes": 1 << 20,
            "max_in_flight": in_flight_max,
            "hours": hours,
        }
        for key, count in zip(keys, behind, strict=True)
    ]
    return Directory.of(institutions, endpoints)


def resident_id(number: int) -> str:
    """A valid resident id, another for each number below 1,000."""
    digits = f"11010519900101{number:03d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11
    return digits + "10X98765432"[rest]


def inquiry(number: int, **fields: Any) -> gateway_pb2.Inquiry:
    """A valid inquiry to all institutions."""
    made = gateway_pb2.Inquiry(
        order_id=f"order-{number}",
        court_code=COURT,
        mandate=type_pb2.Mandate(
            case_number="(2026)京0105执1号",
            instrument_number="1",
            instrument_kind=type_pb2.INSTRUMENT_KIND_INQUIRY_NOTICE,
            officer_id="officer-1",
            debtor_role=type_pb2.DEBTOR_ROLE_JUDGMENT_DEBTOR,
        ),
        subject=type_pb2.Subject(
            id_type=type_pb2.ID_TYPE_RESIDENT_ID, id_number=resident_id(number), name="测试"
        ),
        scope=gateway_pb2.Scope(reach=gateway_pb2.REACH_ALL),
        deadline_s=60,
    )
    made.MergeFrom(gateway_pb2.Inquiry(**fields))
    return made


def bulk(*inquiries: gateway_pb2.Inquiry) -> bytes:
    """An encoded SubmitBulkRequest."""
    return gateway_pb2.SubmitBulkRequest(inquiries=inquiries).SerializeToString()


class House:
    """What is put together, and the answers that came out of it."""

    def __init__(
        self, directory: Directory, journal: Journal, addresses: Mapping[str, str], settings: LineSettings
    ) -> None:
        self.journal = journal
        self.addresses = dict(addresses)
        self.engine = ModelEngine(
            journal.secret,
            first_inquiry_id=journal.next_inquiry_id,
            unanswered_retry_ns=5_000_000,
            partial_every_ns=10_000_000,
        )
        self.engine.set_directory(directory.snapshot())
        self.seqs: list[int] = []
        self.answers: dict[int, list[gateway_pb2.Answer]] = {}
        self.pump = Pump(cast("Engine", self.engine), journal, self._publish)
        self.dials: list[str] = []
        dials = {key: partial(self._dial, key) for key in addresses}
        self.dispatch = Dispatch(directory, self.pump, dials, ADAPTERS, settings, Chance(1))

    def _dial(self, key: str) -> grpc.aio.Channel:
        self.dials.append(key)
        return grpc.aio.insecure_channel(self.addresses[key], options=CHANNEL_OPTIONS)

    def _publish(self, seq: int, answers: "Answers") -> None:
        self.seqs.append(seq)
        for answer in gateway_pb2.WatchResponse.FromString(answers.message).answers:
            self.answers.setdefault(answer.inquiry_id, []).append(answer)

    async def submit(self, *inquiries: gateway_pb2.Inquiry) -> int:
        """Submit; the first id."""
        checked = await self.pump.submit(bulk(*inquiries), COURT)
        assert checked.accepted == len(inquiries), checked.refused_by_reason
        return checked.first_inquiry_id

    def line(self, endpoint: int = 0) -> Line:
        """The line to an endpoint."""
        return self.dispatch.lines[endpoint]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when it is so; TimeoutError when it never is."""
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():  # noqa: ASYNC110 - what is waited for happens in many places
                await asyncio.sleep(0.002)

    async def final(self, inquiry_id: int) -> gateway_pb2.Answer:
        """The final answer."""
        found: list[gateway_pb2.Answer] = []

        def is_final() -> bool:
            found[:] = [
                answer
                for answer in self.answers.get(inquiry_id, [])
                if answer.stage == gateway_pb2.STAGE_FINAL
            ]
            return bool(found)

        await self.until(is_final)
        return found[0]


@asynccontextmanager
async def talking(
    folder: Path,
    scripts: Sequence[Script],
    behind: Sequence[int] = (),
    settings: LineSettings = SETTINGS,
    **endpoint: Any,
) -> AsyncIterator[tuple[House, list[Institution]]]:
    """A house with an institution (or a hub, `behind` says of how many) for each script."""
    institutions = [Institution(script) for script in scripts]
    directory = directory_of(behind or [1] * len(scripts), **endpoint)
    async with AsyncExitStack() as stack:
        addresses = {
            one.key: await stack.enter_async_context(serving(institution))
            for one, institution in zip(directory.endpoints, institutions, strict=True)
        }
        yield await stack.enter_async_context(living(folder, directory, addresses, settings)), institutions


@asynccontextmanager
async def living(
    folder: Path, directory: Directory, addresses: Mapping[str, str], settings: LineSettings = SETTINGS
) -> AsyncIterator[House]:
    """A house that runs; nothing of it is left afterwards."""
    before = edge_tasks()
    journal = Journal.open(folder / "journal")
    house = House(directory, journal, addresses, settings)
    house.pump.start(house.dispatch)
    running = [asyncio.create_task(house.dispatch.run()), asyncio.create_task(house.pump.run())]
    try:
        yield house
        for task in running:
            assert not task.done(), task
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        async with asyncio.timeout(DEADLINE_S):
            await house.pump.drain()
        journal.close()
    assert house.dispatch.unwritten_bytes == 0
    assert all(line.in_flight == 0 and not line.streams for line in house.dispatch.lines)
    left = edge_tasks() - before
    assert not left, left


def edge_tasks() -> set[asyncio.Task[Any]]:
    """The tasks that run code of gateway/edge."""
    return {task for task in asyncio.all_tasks() if "/gateway/edge/" in _file_of(task)}


def _file_of(task: asyncio.Task[Any]) -> str:
    code = getattr(task.get_coro(), "cr_code", None)
    return code.co_filename if code is not None else ""
