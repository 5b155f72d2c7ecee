"""One call per query: what a gateway does that was written the obvious way.

Fair: client, gateway and institutions are processes of their own on gRPC's asyncio stack with uvloop; the
entry is encoded once for an inquiry; raw-bytes stubs; as many calls in flight as asked for (256 by default)
over a few channels to one address, all open before the time starts; replies are read and findings passed on.

It leaves out, which makes it faster: checks, durability, deduplication, TLS, and a connection for each of 372
endpoints.
"""

from pathlib import Path

from benchmarks.peers.reach import Reach, members
from benchmarks.peers.stage import Stage
from chakong.gateway.v1.gateway_pb2 import REACH_LIST, Scope
from gateway.directory import Directory

CHANNEL_COUNT = 4
IN_FLIGHT_MAX = 256
# A call costs the same whatever the scope; more inquiries let the answers come out on the way.
QUERIES_PER_INQUIRY = 100
WARM_UP_QUERIES = 512


async def rpc_per_query(
    query_count: int, out: Path, *, channel_count: int = CHANNEL_COUNT, in_flight_max: int = IN_FLIGHT_MAX
) -> float:
    """Queries per second over so many queries, after a warm-up. PeerError for a wrong answer."""
    async with Stage("rpc", out, channel_count=channel_count, in_flight_max=in_flight_max) as stage:
        await stage.queries_per_second(scopes(min(query_count, WARM_UP_QUERIES)))
        return await stage.queries_per_second(scopes(query_count))


def scopes(query_count: int) -> list[Scope]:
    """Lists of institutions that can be inquired of, all of them in turn; so many queries together."""
    capable = members(Reach(Directory.load()).capable)
    found = []
    for first in range(0, query_count, QUERIES_PER_INQUIRY):
        last = min(first + QUERIES_PER_INQUIRY, query_count)
        listed = [capable[at % len(capable)] for at in range(first, last)]
        found.append(Scope(reach=REACH_LIST, institutions=listed))
    return found
