"""Direct institutions: the simulator over the layout of benchmarks.bench.direct, on a calm day.

At SIGUSR1 it says how many batches it has answered, with how many bytes. A process of its own:
`python -m benchmarks.bench.direct_institutions PORT`.
"""

import asyncio
import signal
import sys

from benchmarks.bench import direct
from benchmarks.bench.answered import SEED
from runtime import lifecycle
from runtime.clock import now_ns
from simulator.command import run
from simulator.scenarios import MIXTURES, Scenario
from simulator.server import Binding, InstitutionServer

SCENARIO = "calm"


async def serve(port: int) -> None:
    """Until SIGTERM or SIGINT. AddressError when an address is taken."""
    layout = direct.layout()
    server = InstitutionServer(layout, Scenario(MIXTURES[SCENARIO], SEED, layout), now_ns, SEED)

    def tell() -> None:
        counts = server.counts
        print(f"answered replies={counts.replies} bytes={counts.reply_bytes}", flush=True)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)
    await run(server, Binding(port), f"scenario={SCENARIO} seed={SEED}")


if __name__ == "__main__":
    lifecycle.run(serve(int(sys.argv[1])))
