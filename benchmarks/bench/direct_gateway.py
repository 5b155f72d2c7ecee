"""Direct gateway: the gateway, as `chakong serve` runs it, over the directory of benchmarks.bench.direct.

The configuration may not name endpoints that the installed directory does not have, so the addresses are put
in here, from the file beside it. A process of its own: `python -m benchmarks.bench.direct_gateway TOML`.
"""

import asyncio
import json
import sys
from pathlib import Path

from benchmarks.bench import direct
from gateway.edge.journal import Journal
from gateway.edge.serve import SWITCH_INTERVAL_S, Gateway
from runtime import lifecycle, logs
from runtime.config import Config, load_config
from runtime.settings import Endpoints


def configured(path: Path) -> Config:
    """The configuration of `path`, calling the addresses in the file beside it."""
    addresses = json.loads(path.with_name(direct.ADDRESSES).read_text(encoding="utf-8"))
    return load_config(path).model_copy(update={"endpoints": Endpoints(plaintext=True, addresses=addresses)})


async def serve(config: Config) -> None:
    """Until SIGTERM or SIGINT."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    async with lifecycle.stop_on_signals() as stop:
        journal = await asyncio.to_thread(Journal.open, config.journal.path)
        try:
            gateway = Gateway(config, journal, directory=direct.directory())
            await gateway.recover()
            await gateway.run(stop, lambda port: print(f"ready port={port}", flush=True))
        finally:
            journal.close()


if __name__ == "__main__":
    settings = configured(Path(sys.argv[1]))
    logs.configure(settings.log.level, settings.log.format)
    lifecycle.run(serve(settings))
