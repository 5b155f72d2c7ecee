"""Direct: the same institutions, each at an endpoint of its own: 3,916 addresses, connections and streams.

Gateway and simulator are given another directory than the installed one, as objects; their code is theirs.
Nobody is behind a hub, so nothing is shared between two institutions but the bytes of a batch.
"""

import json
import sys
from dataclasses import replace

from benchmarks.stack import Stack, free_port
from gateway.directory import Directory
from runtime.data import EndpointRow, InstitutionRow, institutions
from simulator.address import addresses
from simulator.layout import Endpoint, Layout

# As the direct endpoints of the installed directory agreed to.
BATCH_ENTRIES_MAX = 4_096
BATCH_BYTES_MAX = 1 << 20
IN_FLIGHT_MAX = 2
# Beside the configuration: endpoint key -> address.
ADDRESSES = "direct.json"


class DirectStack(Stack):
    """A stack whose gateway has a line to each institution. Use as an async context."""

    async def _start(self) -> None:
        self._folder = self._config.out
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write_certs()
        port = free_port()
        # The configuration's own file may name no endpoint that the installed directory does not have.
        (self._folder / "endpoints.json").write_text("{}", encoding="utf-8")
        (self._folder / ADDRESSES).write_text(json.dumps(addresses(keys(), port)), encoding="utf-8")
        config_path = self._folder / "chakong.toml"
        config_path.write_text(self.gateway_toml(), encoding="utf-8")
        await self._serve("simulator", _module("direct_institutions", str(port)))
        await self._serve("gateway", _module("direct_gateway", str(config_path)))


def keys() -> list[str]:
    """Of the endpoints; the position is the institution's index."""
    return [f"direct-{row['index']:04}" for row in institutions()]


def directory() -> Directory:
    """What the gateway goes by."""
    institution_rows: list[InstitutionRow] = [
        {**row, "endpoint": key} for row, key in zip(institutions(), keys(), strict=True)
    ]
    return Directory.of(institution_rows, [_endpoint_row(row) for row in institution_rows])


def layout() -> Layout:
    """What the simulator goes by: the same population, each at an endpoint of its own."""
    installed = Layout.load()
    endpoints = tuple(
        Endpoint(index, key, is_hub=False, hours="always", in_flight_max=IN_FLIGHT_MAX, institutions=(index,))
        for index, key in enumerate(keys())
    )
    placed = tuple(replace(one, endpoint=one.index) for one in installed.institutions)
    return replace(installed, institutions=placed, endpoints=endpoints)


def _endpoint_row(row: InstitutionRow) -> EndpointRow:
    return {
        "key": row["endpoint"],
        "line": "direct",
        "zh": row["zh"],
        "protocol": "native",
        "max_batch_queries": BATCH_ENTRIES_MAX,
        "max_batch_bytes": BATCH_BYTES_MAX,
        "max_in_flight": IN_FLIGHT_MAX,
        "hours": "always",
    }


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.bench.{name}", *arguments]
