"""Enforcing through a whole gateway, with a part of the sample: everything agrees at the end."""

import asyncio
import io
from pathlib import Path

from rich.console import Console

from benchmarks.demo.exchange import Exchange
from benchmarks.demo.holding import hold
from benchmarks.demo.measure import measure
from benchmarks.demo.progress import RunProgress
from benchmarks.demo.scenarios import PLANS
from benchmarks.sample import CourtSample, load_sample
from benchmarks.stack import Stack, StackConfig

S_MAX = 120
INQUIRIES = 40


async def test_claims_are_enforced_and_agree_with_all_books(tmp_path: Path) -> None:
    plan = PLANS["calm"]
    sample = [CourtSample(one.court, one.inquiries[:INQUIRIES]) for one in load_sample(60)]
    exchange = Exchange(sample)
    written = io.StringIO()
    progress = RunProgress(Console(file=written, width=150), 1, 1, 1)
    async with (
        asyncio.timeout(S_MAX),
        Stack(StackConfig("calm", tmp_path, gateway=plan.gateway, simulator=("--books", "none"))) as stack,
    ):
        await measure(stack, exchange, plan, progress)
        held = await hold(stack, exchange, plan, progress)
    report, figures = held.report, held.figures
    assert held.faults == {}
    assert (report.over, report.worst_over_fen, report.reconcile_differences) == (0, 0, 0)
    assert report.claims > 8 * INQUIRIES // 4
    assert min(report.met, report.short) > report.claims // 4
    assert report.met + report.short == report.claims
    assert {kind for kind, _ in figures.outcomes} == {"FREEZE", "RENEW", "RELEASE", "DEDUCT"}
    assert {outcome for _, outcome in figures.outcomes} <= {"DONE", "DROPPED"}
    assert sum(figures.outcomes.values()) == figures.moments[-1].ended_count > report.claims
    assert (figures.approved_count > 0, figures.renewed_count > 0, figures.institution_count > 20) == (
        True,
    ) * 3
    assert figures.stages[-1][0] == "end"
    assert held.peaks["gateway"] > 1_000_000
    assert "controls have an outcome" in written.getvalue()
