"""The users of a load, run by Locust as a process of its own (it patches the standard library it runs in).

Against a small gateway with mutual TLS: all kinds of users call it, the report is written, and a gateway
that refuses makes Locust fail.
"""

import asyncio
from pathlib import Path

import pytest

from benchmarks.load.__main__ import locust_command
from benchmarks.service import run_once
from runtime.certificates import write_set
from runtime.clock import now_ns
from runtime.data import courts
from tests.benchmarks.fake_gateway import FakeGateway, serving
from tests.patience import DEADLINE_S

SECONDS = 2
UNAVAILABLE = 14


async def locust(gateway: FakeGateway, folder: Path) -> Path:
    """Run it to its end; the report's path. RuntimeError when Locust fails."""
    write_set(folder / "certs", [row["code"] for row in courts()], now_ns())
    report = folder / "load.html"
    async with serving(gateway, folder / "certs") as address, asyncio.timeout(DEADLINE_S):
        command = locust_command(2, 200.0, SECONDS, settle_s=2)
        command += ["--gateway", address, "--certs", str(folder / "certs"), "--html", str(report)]
        await run_once(command)
    return report


async def test_users_of_all_kinds_call_and_the_report_is_written(tmp_path: Path) -> None:
    gateway = FakeGateway()
    report = (await locust(gateway, tmp_path)).read_text(encoding="utf-8")
    for name in ("Submit", "SubmitBulk x100", "FINAL answer"):
        assert name in report
    singles = len(gateway.ids) - sum(len(message.inquiries) for message in gateway.messages)
    assert singles > 50
    assert len(gateway.messages) >= 1
    assert len(gateway.cursors) == 2


async def test_refused_messages_make_it_fail(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 1"):
        await locust(FakeGateway(refusals=[UNAVAILABLE] * 1_000), tmp_path)
