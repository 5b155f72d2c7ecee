"""Run: one scenario from start to outcome: stack up, sample through, claims enforced, cases tracked, debtors
listed, stack down, answers compared.

It puts the parts together. It prints no summary and judges nothing.
"""

from pathlib import Path

from benchmarks.demo.exchange import Exchange
from benchmarks.demo.holding import hold
from benchmarks.demo.listing import list_debtors
from benchmarks.demo.measure import measure
from benchmarks.demo.outcome import After, Outcome, make_outcome
from benchmarks.demo.progress import RunProgress
from benchmarks.demo.scenarios import Plan
from benchmarks.demo.tracking import track
from benchmarks.demo.weather import hours_now
from benchmarks.sample import load_sample
from benchmarks.stack import Stack, StackConfig
from runtime.clock import now_ns
from simulator.layout import Layout


async def run_scenario(scenario: str, plan: Plan, seed: int, out: Path, progress: RunProgress) -> Outcome:
    """RuntimeError when the stack does not start; for what may go wrong after that see `measure`."""
    if hours := hours_now(scenario, seed, Layout.load(), now_ns()):
        progress.stage(hours)
    exchange = Exchange(load_sample(plan.deadline_s))
    progress.stage(f"Starting simulator ({scenario}, seed {seed}) and gateway")
    async with Stack(StackConfig(scenario, out, seed, plan.gateway, plan.books)) as stack:
        progress.stage(
            f"Sending the inquiries of {len(exchange.inboxes)} courts; "
            f"what is not answered ends at its deadline, after {plan.deadline_s} s"
        )
        measured = await measure(stack, exchange, plan, progress)
        held = await hold(stack, exchange, plan, progress)
        tracked = await track(stack, exchange, progress)
        listed = await list_debtors(stack, exchange, progress)
        progress.stage("Stopping all processes")
    progress.stage("Comparing answers with the truth")
    return make_outcome(scenario, seed, exchange, measured, held, After(tracked, listed))
