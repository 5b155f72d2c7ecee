"""Asyncio batching: a gateway of dictionaries, DataLoaders and protobuf objects, as a good team writes it.

Fair: a question goes to an endpoint once, whoever asks (aiodataloader's cache); all that the inquiries of a
message want of an endpoint goes in batches of up to its limit, in unary calls, many at once; protobuf's C
runtime reads and writes; institutions that share an endpoint share a load, so that there are ten times fewer
futures than queries; uvloop; a garbage collector that is told to look less often, worth 1.6 times; processes
of their own.

It leaves out, which makes it faster: checks, durability, TLS, deadlines, retries, notes for joined mandates,
limits on memory, and a connection for each of 372 endpoints.
"""

from pathlib import Path

from benchmarks.peers.stage import Stage
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Scope

CHANNEL_COUNT = 4
IN_FLIGHT_MAX = 64
WARM_UP_INQUIRIES = 20


async def asyncio_batching(
    inquiry_count: int,
    out: Path,
    *,
    is_per_institution: bool = False,
    channel_count: int = CHANNEL_COUNT,
    in_flight_max: int = IN_FLIGHT_MAX,
) -> float:
    """Queries per second of so many inquiries at everybody, after a warm-up. PeerError for a wrong answer.

    `is_per_institution`: a future for each query instead of one for each endpoint.
    """
    way = "batching-each" if is_per_institution else "batching"
    async with Stage(way, out, channel_count=channel_count, in_flight_max=in_flight_max) as stage:
        await stage.queries_per_second([everybody()] * min(inquiry_count, WARM_UP_INQUIRIES))
        return await stage.queries_per_second([everybody()] * inquiry_count)


def everybody() -> Scope:
    """All 3,916."""
    return Scope(reach=REACH_ALL)
