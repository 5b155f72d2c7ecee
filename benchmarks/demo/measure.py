"""Measure: runs the exchange against a stack, and reads from outside what can only be read while it is up.

Owns the limits of a run. It judges nothing; what it read goes into the outcome.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from benchmarks.court import Court
from benchmarks.demo.exchange import Exchange
from benchmarks.demo.figures import Moment, SlowEndpoint
from benchmarks.demo.progress import RunProgress
from benchmarks.demo.scenarios import Plan
from benchmarks.resident import Resident
from benchmarks.scrape import Scrape, scrape
from benchmarks.stack import Stack
from runtime.clock import now_ns

LOOK_EVERY_S = 0.25
SLOWEST_COUNT = 12
ON_WIRE = "chakong_queries_on_wire_total"
FINAL = "chakong_inquiries_final_total"
# The gateway's figures may be half a second old; a gateway that does not move on has stopped.
CURRENT_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Measured:
    """`peaks`: name of the process -> bytes."""

    moments: tuple[Moment, ...]
    slowest: tuple[SlowEndpoint, ...]
    last_scrape: Scrape
    peaks: Mapping[str, int]


async def measure(stack: Stack, exchange: Exchange, plan: Plan, progress: RunProgress) -> Measured:
    """Run the exchange to its end, or to the plan's limit.

    An ExceptionGroup holds what went wrong: RuntimeError when a process died, grpc.RpcError or TimeoutError
    when the gateway did not answer.
    """
    resident = Resident(stack.pids)
    moments = [Moment(0.0, 0, 0, 0, 0)]
    async with _courts(stack, exchange) as courts:
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(exchange.run(courts)),
                tasks.create_task(resident.watch()),
                tasks.create_task(_look(stack, exchange, moments, progress)),
            ]
            try:
                await asyncio.wait_for(exchange.ended.wait(), plan.limit_s)
                if plan.late_s:
                    progress.stage(f"All answered; waiting {plan.late_s:.0f} s for late replies")
                    await asyncio.sleep(plan.late_s)
            except TimeoutError:
                progress.stage(f"Not done after {plan.limit_s:.0f} s: stopped here")
            for task in running:
                task.cancel()
        resident.sample()
        last = await _current(stack, exchange)
        moments.append(_moment(exchange, last))
        progress.show(moments[-1])
        slowest = await _slowest(next(iter(courts.values())))
    return Measured(tuple(moments), slowest, last, dict(resident.peaks))


@asynccontextmanager
async def _courts(stack: Stack, exchange: Exchange) -> AsyncIterator[dict[str, Court]]:
    async with AsyncExitStack() as exits:
        yield {code: await exits.enter_async_context(stack.court(code)) for code in exchange.inboxes}


async def _look(stack: Stack, exchange: Exchange, moments: list[Moment], progress: RunProgress) -> None:
    """Note how far the run is, until cancelled. RuntimeError when a process of the stack has died."""
    while True:
        stack.require_alive()
        moments.append(_moment(exchange, await asyncio.to_thread(scrape, stack.metrics_url)))
        progress.show(moments[-1])
        await asyncio.sleep(LOOK_EVERY_S)


async def _current(stack: Stack, exchange: Exchange) -> Scrape:
    """Figures that know of every final answer that has come. TimeoutError when there are none."""
    async with asyncio.timeout(CURRENT_WITHIN_S):
        while True:
            now = await asyncio.to_thread(scrape, stack.metrics_url)
            if now.total(FINAL) >= exchange.final_count:
                return now
            await asyncio.sleep(LOOK_EVERY_S)


def _moment(exchange: Exchange, now: Scrape) -> Moment:
    return Moment(
        at_s=(now_ns() - exchange.started_ns) / 1e9 if exchange.started_ns else 0.0,
        acknowledged_count=exchange.acknowledged_count,
        final_count=exchange.final_count,
        queries_on_wire=int(now.total(ON_WIRE)),
        queries_ended=exchange.queries_ended,
    )


async def _slowest(court: Court) -> tuple[SlowEndpoint, ...]:
    league = await court.slow_endpoints(SLOWEST_COUNT)
    return tuple(
        SlowEndpoint(
            key=one.key,
            institution_count=one.institutions,
            reply_count=one.replies,
            failure_count=one.failures,
            reply_ms_p50=one.reply_ms_p50,
            reply_ms_p99=one.reply_ms_p99,
            breaker=one.breaker,
        )
        for one in league.endpoints
    )
