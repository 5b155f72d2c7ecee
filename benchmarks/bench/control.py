"""Control: durable controls a second over bulk, from the first order to the last outcome at the court.

Two courts order and watch over mutual TLS; client, gateway and simulator are processes of their own, with
fsync on, and client and simulator keep aside. Each order's outcome is compared with what it must be, and at
the end the gateway's ledger with the books of all institutions. Latency is taken at half of that rate, and
counts from when a message was due to be sent. What comes is kept with the time at which it came, and read
once nothing comes any more.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

from benchmarks.bench.aside import aside
from benchmarks.bench.control_orders import KINDS, OrderSet, able_institutions
from benchmarks.bench.processes import Processes
from benchmarks.bench.result import Result, WrongAnswerError, expect
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.stage import config, run
from benchmarks.bench.timing import uncollected
from benchmarks.controls import Controls
from benchmarks.stack import Stack
from chakong.gateway.v1.controls_pb2 import OrderBulkResponse, WatchHoldsRequest, WatchHoldsResponse
from chakong.type.v1.hold_pb2 import ControlKind
from gateway.edge.control_server import SERVICE
from runtime.data import courts

NAME: Final = "control.per_second"
UNIT: Final = "controls/s"
COURTS: Final = tuple(row["code"] for row in courts())[:2]
CLAIMS_AT_ONCE: Final = 32
LAP_S_MAX: Final = 120.0
# What came is read when nothing has come for so long: the last outcome may be there. When it came is what
# counts.
SILENT_S: Final = 0.05
# Of the rate measured before.
OFFERED_SHARE: Final = 0.5
PERCENTILES: Final = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


@dataclass(frozen=True, slots=True)
class Plan:
    """`claims`: of each court in a run. `size`: orders in a message."""

    claims: int
    size: int
    run_count: int


QUICK = Plan(500, 512, 2)
FULL = Plan(2_000, 512, 5)


@dataclass(frozen=True, slots=True)
class Lap:
    """`latencies_s`: of each control, from when its message was due. `taken_s`: processors' time by process,
    from the first order until every outcome was read."""

    seconds: float
    latencies_s: tuple[float, ...]
    taken_s: Mapping[str, float]


def measure(quick: bool) -> Iterable[Result]:
    """Half a minute when quick, else some minutes: claims are registered one by one."""
    yield run(over_plan(QUICK if quick else FULL))


async def over_plan(plan: Plan) -> Result:
    """A warm-up, the runs, and one at half the rate."""
    sets = _sets(plan)
    with scratch_folder() as folder:
        async with Stack(_config(folder, sets)) as stack, Clerks(stack) as clerks:
            with aside([stack.pids["simulator"]]):
                runs = [await clerks.run(of_courts, plan.size) for of_courts in sets[:-1]]
                rates = [_rate(laps, of_courts) for laps, of_courts in zip(runs, sets[:-1], strict=True)][1:]
                offered = OFFERED_SHARE * median(rates)
                paced = await clerks.run(sets[-1], plan.size, offered)
            differences = await clerks.differences()
    expect("differences with the institutions' books", differences, 0)
    order_count = sum(one.order_count for one in sets[0]) * len(KINDS)
    extra: dict[str, Any] = {
        "orders_in_a_run": order_count,
        "orders_in_a_message": plan.size,
        "per_second_by_kind": _by_kind(runs[1:], sets[0]),
        "processor_us_per_control": _processor_us(runs[1:], order_count),
        "offered_per_second": round(offered),
        "latency_ms_at_half_the_rate": _percentiles_ms(paced),
        "latency_ms_when_all_is_sent_at_once": _percentiles_ms([lap for laps in runs[1:] for lap in laps]),
    }
    return Result(NAME, UNIT, tuple(rates), extra=extra)


class Clerks:
    """Of each court a bulk stream and a watch, as bytes; use as an async context."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._exits = AsyncExitStack()
        self._bulks: list[Any] = []
        self._watches: list[Watch] = []
        self._processes = Processes(stack.pids)
        self._controls: list[Controls] = []
        self._hold_ids: dict[str, list[int]] = {}

    async def __aenter__(self) -> "Clerks":
        tasks = await self._exits.enter_async_context(asyncio.TaskGroup())
        for court in COURTS:
            connection = await self._exits.enter_async_context(self._stack.court(court))
            bulk: Any = connection.channel.stream_stream(f"/{SERVICE}/OrderBulk", None, None)
            self._bulks.append(bulk())
            watch = Watch(connection.channel)
            self._watches.append(watch)
            self._exits.callback(tasks.create_task(watch.run()).cancel)
            self._controls.append(Controls(connection.channel))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    async def register(self, of_courts: Sequence[OrderSet]) -> None:
        """Put the claims of a set for each court; what was frozen before is forgotten."""
        room = asyncio.Semaphore(CLAIMS_AT_ONCE)
        self._hold_ids = {one.court: [] for one in of_courts}

        async def put(controls: Controls, claim: Any) -> None:
            async with room:
                await controls.put_claim(claim)

        async with asyncio.TaskGroup() as tasks:
            for controls, one in zip(self._controls, of_courts, strict=True):
                for case in one.cases:
                    tasks.create_task(put(controls, case.claim))

    async def run(self, of_courts: Sequence[OrderSet], size: int, per_second: float = 0.0) -> list[Lap]:
        """A lap of each kind, on claims that are registered first."""
        await self.register(of_courts)
        return [await self.lap(kind, of_courts, size, per_second) for kind in KINDS]

    async def lap(
        self, kind: ControlKind.ValueType, of_courts: Sequence[OrderSet], size: int, per_second: float = 0.0
    ) -> Lap:
        """One control of this kind on every account; with `per_second` at that pace, else as fast as it is
        taken.

        WrongAnswerError; TimeoutError; RuntimeError when a process has ended.
        """
        messages = [one.messages(kind, self._hold_ids[one.court], size) for one in of_courts]
        every_s = size * len(of_courts) / per_second if per_second else 0.0
        try:
            with uncollected():
                self._processes.start()
                start_s = perf_counter()
                async with asyncio.timeout(LAP_S_MAX), asyncio.TaskGroup() as tasks:
                    for bulk, sent in zip(self._bulks, messages, strict=True):
                        tasks.create_task(_write(bulk, sent, start_s, every_s))
                    came = [
                        tasks.create_task(_read(bulk, len(sent)))
                        for bulk, sent in zip(self._bulks, messages, strict=True)
                    ]
                    watched = [
                        tasks.create_task(watch.outcomes(kind, one))
                        for watch, one in zip(self._watches, of_courts, strict=True)
                    ]
        except BaseException:
            self._stack.require_alive()
            raise
        taken_s = self._processes.seconds()
        latencies_s: list[float] = []
        for one, acknowledged, holds in zip(of_courts, came, watched, strict=True):
            self._check(kind, one, acknowledged.result(), holds.result())
            latencies_s += [
                at_s - start_s - place // size * every_s for place, (_, at_s) in holds.result().items()
            ]
        ended_s = max(at_s for holds in watched for _, at_s in holds.result().values())
        return Lap(ended_s - start_s, tuple(latencies_s), taken_s)

    async def differences(self) -> int:
        """Between the ledger and the books, as the operator is told."""
        operator = await self._exits.enter_async_context(self._stack.operator())
        told = await Controls(operator.channel).reconcile()
        return sum(len(one.differences) + bool(one.failure) for one in told)

    def _check(
        self,
        kind: ControlKind.ValueType,
        one: OrderSet,
        acknowledgements: Sequence[bytes],
        holds: "Holds",
    ) -> None:
        """Every order was taken, and every outcome is right."""
        control_ids: list[int] = []
        for message in acknowledgements:
            response = OrderBulkResponse.FromString(message)
            expect("code of a message", response.code, 0)
            control_ids += [verdict.receipt.control_id for verdict in response.verdicts]
        expect("verdicts", len(control_ids), one.order_count)
        for place, (message, _) in holds.items():
            del place
            one.expect_hold(kind, message)
        told = [holds[place][0].controls[-1].control_id for place in range(one.order_count)]
        expect("controls told of", told, control_ids)
        self._hold_ids[one.court] = [holds[place][0].hold_id for place in range(one.order_count)]


Holds = dict[int, tuple[Any, float]]


async def _write(bulk: Any, messages: Sequence[bytes], start_s: float, every_s: float) -> None:
    for place, message in enumerate(messages):
        if (early_s := start_s + place * every_s - perf_counter()) > 0:
            await asyncio.sleep(early_s)
        await bulk.write(message)


async def _read(bulk: Any, count: int) -> list[bytes]:
    came: list[bytes] = []
    while len(came) < count:
        message = await bulk.read()
        if not isinstance(message, bytes):
            raise WrongAnswerError(f"bulk stream: ended after {len(came)} of {count} acknowledgements")
        came.append(message)
    return came


class Watch:
    """A court's watch of its holds: what came, and when."""

    def __init__(self, channel: Any) -> None:
        watch: Any = channel.unary_stream(f"/{SERVICE}/WatchHolds", None, None)
        self._call = watch(WatchHoldsRequest().SerializeToString())
        self._came: list[tuple[float, bytes]] = []
        self._has_ended = False

    async def run(self) -> None:
        """Keep what comes until the stream ends."""
        while isinstance(message := await self._call.read(), bytes):
            self._came.append((perf_counter(), message))
        self._has_ended = True

    async def outcomes(self, kind: ControlKind.ValueType, one: OrderSet) -> Holds:
        """The hold of each order with its outcome, by place, and when it came first."""
        found: Holds = {}
        while len(found) < one.order_count:
            await self._silence()
            came, self._came = self._came, []
            for at_s, message in came:
                for hold in WatchHoldsResponse.FromString(message).holds:
                    control = hold.controls[-1]
                    if control.kind == kind and control.outcome:
                        found.setdefault(one.place_of(control.order_id), (hold, at_s))
            if self._has_ended and len(found) < one.order_count:
                raise WrongAnswerError(f"watch: ended after {len(found)} of {one.order_count} outcomes")
        return found

    async def _silence(self) -> None:
        """Until something has come, and then nothing for SILENT_S."""
        silent_s = 0.0
        while silent_s < SILENT_S and not self._has_ended:
            await asyncio.sleep(SILENT_S - silent_s)
            silent_s = perf_counter() - self._came[-1][0] if self._came else 0.0


def _sets(plan: Plan) -> list[list[OrderSet]]:
    """Of each run, the warm-up and the paced one included: one for each court."""
    able = able_institutions()
    count = plan.claims
    return [
        [
            OrderSet(court, (run_number * len(COURTS) + place) * count, count, able)
            for place, court in enumerate(COURTS)
        ]
        for run_number in range(plan.run_count + 2)
    ]


def _config(folder: Path, sets: Sequence[Sequence[OrderSet]]) -> Any:
    accounts = [account for of_courts in sets for one in of_courts for account in one.accounts()]
    path = folder.absolute() / "accounts.json"
    path.write_text(json.dumps(accounts), encoding="utf-8")
    return replace(config(folder), simulator=("--accounts", str(path)))


def _rate(laps: Sequence[Lap], of_courts: Sequence[OrderSet]) -> float:
    return sum(one.order_count for one in of_courts) * len(laps) / sum(lap.seconds for lap in laps)


def _processor_us(runs: Sequence[Sequence[Lap]], order_count: int) -> dict[str, float]:
    """For each control, by process."""
    return {
        name: round(median(sum(lap.taken_s[name] for lap in laps) for laps in runs) / order_count * 1e6, 1)
        for name in runs[0][0].taken_s
    }


def _by_kind(runs: Sequence[Sequence[Lap]], of_courts: Sequence[OrderSet]) -> dict[str, int]:
    count = sum(one.order_count for one in of_courts)
    return {
        ControlKind.Name(kind).removeprefix("CONTROL_KIND_"): round(
            median(count / laps[place].seconds for laps in runs)
        )
        for place, kind in enumerate(KINDS)
    }


def _percentiles_ms(laps: Sequence[Lap]) -> dict[str, float]:
    ordered = sorted(one for lap in laps for one in lap.latencies_s)
    at = {name: min(int(len(ordered) * share), len(ordered) - 1) for name, share in PERCENTILES.items()}
    return {name: round(ordered[place] * 1e3, 1) for name, place in at.items()} | {
        "max": round(ordered[-1] * 1e3, 1)
    }
