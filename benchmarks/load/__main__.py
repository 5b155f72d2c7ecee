"""The load: `python -m benchmarks.load [--users N] [--rate R] [--seconds S]`.

Starts a stack, runs Locust headless against it, and writes its HTML report. Exits with Locust's code: 0
only if no call failed.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.claim import EXIT_CLAIMED, ClaimError, claim
from benchmarks.interrupt import EXIT_INTERRUPTED, cancel_on_signals
from benchmarks.stack import Stack, StackConfig

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
# Bulk and watching users have fixed numbers (locustfile.py); the others submit one by one.
BULK_USERS = 2
WATCHING_USERS = 2
# After the last arrival: the time for what is still unanswered.
SETTLE_S = 12
STOP_S_MAX = 20.0


def main() -> int:
    """Locust's exit code, 2 when the folder is another run's, or 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--users", type=int, default=8, help="courts that submit one by one")
    parser.add_argument("--rate", type=float, default=200.0, help="inquiries a second of all submitters")
    parser.add_argument("--seconds", type=int, default=30, help="how long inquiries arrive")
    parser.add_argument("--scenario", default="calm", help="of the simulator")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of report and logs")
    given = parser.parse_args()
    try:
        with claim(given.out):
            return asyncio.run(_run(given.users, given.rate, given.seconds, given.scenario, given.out))
    except ClaimError as error:
        print(error, file=sys.stderr)
        return EXIT_CLAIMED
    except (KeyboardInterrupt, asyncio.CancelledError):
        return EXIT_INTERRUPTED


async def _run(user_count: int, rate_per_s: float, seconds: int, scenario: str, out: Path) -> int:
    """Stack up, Locust through, stack down; in order also on signals."""
    cancel_on_signals()
    config = StackConfig(scenario, out, gateway={"line": {"service_hours": False}})
    async with Stack(config) as stack:
        command = locust_command(user_count, rate_per_s, seconds)
        command += ["--gateway", stack.gateway_address, "--certs", str(stack.certs)]
        return await _locust([*command, "--html", str(out / "load.html")], seconds + SETTLE_S + STOP_S_MAX)


def locust_command(user_count: int, rate_per_s: float, seconds: int, settle_s: int = SETTLE_S) -> list[str]:
    """Locust's command line but for what depends on the stack."""
    submitters = user_count + BULK_USERS
    total = submitters + WATCHING_USERS
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--only-summary"]
    command += ["--users", str(total), "--spawn-rate", str(total)]
    command += ["--run-time", f"{seconds + settle_s}s", "--stop-timeout", "1"]
    return [*command, "--user-rate", str(rate_per_s / submitters), "--seconds", str(seconds)]


async def _locust(command: Sequence[str], s_max: float) -> int:
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    try:
        return await asyncio.wait_for(process.wait(), s_max)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


if __name__ == "__main__":
    sys.exit(main())
