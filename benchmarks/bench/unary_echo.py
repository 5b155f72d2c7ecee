"""Unary, echo: one inquiry a call, acknowledged once it is durable, beside a bare echo handler, in turn.

The same calls over the same kind of server, with the same sizes, TLS and concurrency, by the same client. Of
ours every receipt is read, and afterwards every answer.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.bench.answered import Checker
from benchmarks.bench.caller import Caller, connections
from benchmarks.bench.processes import Processes
from benchmarks.bench.readback import last_frame, watched
from benchmarks.bench.result import Result, WrongAnswerError, expect
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.stage import config, connected, run, settled
from benchmarks.bench.streams import COURTS
from benchmarks.bench.timing import uncollected
from benchmarks.bench.unary import SUBMIT, Inquiries
from benchmarks.bench.waves import ENDPOINT_COUNT
from benchmarks.service import Service
from benchmarks.stack import HOST, Stack, free_port

NAME = "unary.vs_echo"
UNIT = "calls/s"
CONCURRENCY = 64
CONNECTION_COUNT = 4
CALLS_S_MAX = 120.0
READY_S_MAX = 60.0
STOP_S_MAX = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A run is so many calls."""

    call_count: int
    run_count: int
    warm_up_count: int
    concurrencies: tuple[int, ...]


QUICK = Plan(1_000, 2, 1, ())
FULL = Plan(10_000, 7, 2, (1, 4, 16, 64, 256))


def measure(quick: bool) -> Iterable[Result]:
    """Some seconds when quick, else a minute and a half."""
    yield run(over_plan(QUICK if quick else FULL))


async def over_plan(plan: Plan) -> Result:
    """Runs of both in turn, then our own over the concurrency."""
    with scratch_folder() as folder:
        async with Stack(config(folder)) as stack:
            await connected(stack, ENDPOINT_COUNT)
            inquiries = Inquiries(COURTS[0])
            address = f"{HOST}:{free_port()}"
            credentials = stack.credentials(COURTS[0])
            sample = inquiries.expected_receipt()
            async with (
                _echo(stack, address, len(sample), folder) as echo,
                connections(stack.gateway_address, credentials, SUBMIT, CONNECTION_COUNT) as ours,
                connections(address, credentials, SUBMIT, CONNECTION_COUNT) as theirs,
            ):
                both = _Both(stack, inquiries, ours, theirs, len(sample), Processes({**stack.pids, **echo}))
                for _ in range(plan.warm_up_count):
                    await both.of_gateway(plan.call_count, CONCURRENCY)
                    await both.of_echo(plan.call_count, CONCURRENCY)
                both.busy.clear()
                our_runs: list[float] = []
                echo_runs: list[float] = []
                for place in range(plan.run_count):
                    if place % 2:
                        echo_runs.append(await both.of_echo(plan.call_count, CONCURRENCY))
                    our_runs.append(await both.of_gateway(plan.call_count, CONCURRENCY))
                    if not place % 2:
                        echo_runs.append(await both.of_echo(plan.call_count, CONCURRENCY))
                points = [
                    [count, await both.of_gateway(plan.call_count // 4, count)]
                    for count in plan.concurrencies
                ]
    extra: dict[str, Any] = {
        "concurrency": CONCURRENCY,
        "request_bytes": inquiries.row_bytes,
        "reply_bytes": len(sample),
        "processor_us_per_call": both.us_per_call(plan.call_count * plan.run_count),
        "calls_per_second_over_concurrency": points,
    }
    return Result(NAME, UNIT, tuple(our_runs), tuple(echo_runs), "a bare echo handler", extra=extra)


class _Both:
    """The same calls to either side."""

    def __init__(
        self,
        stack: Stack,
        inquiries: Inquiries,
        ours: Sequence[Caller],
        theirs: Sequence[Caller],
        reply_bytes: int,
        processes: Processes,
    ) -> None:
        self._stack = stack
        self._inquiries = inquiries
        self._ours = ours
        self._theirs = theirs
        self._reply_bytes = reply_bytes
        self._processes = processes
        self._checker = Checker()
        # Processor seconds of the runs so far, by side and process.
        self.busy: dict[str, dict[str, float]] = {}

    async def of_gateway(self, call_count: int, concurrency: int) -> float:
        """Calls a second; each receipt and each answer read."""
        first = self._inquiries.sent_count
        cursor = await last_frame(self._stack)
        messages = self._inquiries.take(call_count)
        replies, seconds = await self._timed("gateway", self._ours, messages, concurrency)
        self._inquiries.expect_receipts(first, replies)
        await settled(self._stack, self._inquiries.sent_count)
        answers = await watched(self._stack, self._inquiries.court, cursor, call_count)
        self._checker.check_answers(answers, self._inquiries.wanted(first))
        return call_count / seconds

    async def of_echo(self, call_count: int, concurrency: int) -> float:
        """The same; the echo is told nothing of order ids, and gets the same ones again."""
        messages = self._inquiries.again(call_count)
        replies, seconds = await self._timed("echo", self._theirs, messages, concurrency)
        right = [message[: self._reply_bytes] for message in messages]
        expect("right echoes", sum(map(bytes.__eq__, replies, right)), call_count)
        return call_count / seconds

    async def _timed(
        self, side: str, callers: Sequence[Caller], messages: Sequence[bytes], concurrency: int
    ) -> tuple[list[bytes], float]:
        with uncollected():
            self._processes.start()
            replies, seconds = await called(callers, messages, concurrency)
            taken = self._processes.seconds()
        sums = self.busy.setdefault(side, {})
        for name, one in taken.items():
            sums[name] = sums.get(name, 0.0) + one
        return replies, seconds

    def us_per_call(self, call_count: int) -> dict[str, dict[str, int]]:
        """Processor time by side and process."""
        return {
            side: {name: round(seconds / call_count * 1e6) for name, seconds in sums.items() if seconds}
            for side, sums in self.busy.items()
        }


async def called(
    callers: Sequence[Caller], messages: Sequence[bytes], concurrency: int
) -> tuple[list[bytes], float]:
    """All messages, so many at a time; replies in order, and the seconds it took. WrongAnswerError when a
    call failed; TimeoutError."""
    replies: list[bytes] = [b""] * len(messages)
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    left = len(messages)
    following = iter(range(len(messages)))

    def send(caller: Caller) -> None:
        place = next(following, None)
        if place is None:
            return

        def done(reply: bytes | None) -> None:
            nonlocal left
            if reply is None:
                if not ended.done():
                    ended.set_exception(WrongAnswerError(f"unary call {place}: {caller.error}"))
                return
            replies[place] = reply
            left -= 1
            if not left:
                ended.set_result(None)
            send(caller)

        caller.call(messages[place], done)

    started = perf_counter()
    for worker in range(concurrency):
        send(callers[worker % len(callers)])
    async with asyncio.timeout(CALLS_S_MAX):
        await ended
    return replies, perf_counter() - started


@asynccontextmanager
async def _echo(stack: Stack, address: str, reply_bytes: int, folder: Path) -> AsyncIterator[dict[str, int]]:
    """The echo's process; its id by name."""
    port = address.rpartition(":")[2]
    arguments = (port, str(stack.certs), str(reply_bytes))
    command = (sys.executable, "-m", "benchmarks.bench.echo", *arguments)
    async with Service("echo", command, folder / "echo.log", STOP_S_MAX) as service:
        await service.ready(READY_S_MAX)
        yield {"echo": service.pid}
