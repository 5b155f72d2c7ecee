"""Targets: every named benchmark, what it measures and what it must reach, if it must.

Pure. A ratio is ours over the reference, both in the same unit: a time over a floor is to be small, a rate
over a peer's is to be large. How it is measured is the measuring module's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Target:
    """`unit` is that of the figures; the limit of a ratio has none. Without a limit it is told,
    not judged."""

    what: str
    unit: str
    limit: float | None = None
    is_at_most: bool = False
    is_ratio: bool = False

    @property
    def text(self) -> str | None:
        """For instance "<= 1 ns" or ">= 0.6 x"; None: no limit."""
        if self.limit is None:
            return None
        limit = f"{self.limit:,.0f}" if self.limit >= 1_000 else f"{self.limit:g}"
        return f"{'<=' if self.is_at_most else '>='} {limit} {'x' if self.is_ratio else self.unit}"

    def is_met(self, figure: float) -> bool | None:
        """Whether the ratio, or the figure of a target without reference, is within it. None: no limit."""
        if self.limit is None:
            return None
        return figure <= self.limit if self.is_at_most else figure >= self.limit


TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        "engine.broadcast_ns_per_query": Target(
            "Engine alone: admit, cut, settle, answer a wave of 4,000 at 372 endpoints",
            "ns",
            1,
            is_at_most=True,
        ),
        "engine.mixed_ns_per_query": Target(
            "the same over inquiries.jsonl: scopes, items, duplicates, lists", "ns", 3, is_at_most=True
        ),
        "engine.targeted_vs_floor": Target(
            "check and admit, one institution each, 10 M live; time over the C floor",
            "ns",
            2.0,
            is_at_most=True,
            is_ratio=True,
        ),
        "engine.targeted_vs_python": Target(
            "the same against a pure-Python twin", "inquiries/s", 15, is_ratio=True
        ),
        "engine.dedup_vs_redis": Target(
            "check and admit of new order ids beside pipelined SET NX in Redis", "inquiries/s"
        ),
        "e2e.direct_vs_ceiling": Target(
            "3,916 endpoints, gRPC at both edges, durable; over handlers that do nothing",
            "queries/s",
            0.6,
            is_ratio=True,
        ),
        "e2e.hubs_queries_per_second": Target(
            "372 endpoints, distinct subjects, scope all, client, gateway and simulator on 2 cores",
            "queries/s",
            25e6,
        ),
        "e2e.vs_rpc_per_query": Target("against one call per query", "queries/s", 5_000, is_ratio=True),
        "e2e.vs_python_batching": Target(
            "against a competent asyncio gateway with batching", "queries/s", 30, is_ratio=True
        ),
        "e2e.storm_queries_per_second": Target(
            "hubs with 1 % of the endpoints dead, 5 % slow and 2 % of batches failing; beside a calm day",
            "queries/s",
        ),
        "e2e.targeted_inquiries_per_second": Target(
            "bulk in, durable, one institution each over 372 endpoints, answer out", "inquiries/s", 150e3
        ),
        "control.per_second": Target(
            "freezes, renewals, deductions, releases over bulk, durable, from order to outcome",
            "controls/s",
            20e3,
        ),
        "projector.rows_per_second": Target(
            "records and coverage rows into SQLite with their indexes", "rows/s", 25e3
        ),
        "unary.vs_echo": Target(
            "one inquiry a call, durable, TLS; over a bare echo handler", "calls/s", 0.6, is_ratio=True
        ),
        "unary.p99_ms": Target(
            "open model, 500 arrivals/s, while bulk runs at 40 % of its capacity", "ms", 50, is_at_most=True
        ),
        "journal.vs_raw": Target(
            "journal over plain append and fdatasync of the same frames", "MB/s", 0.8, is_ratio=True
        ),
        "memory.bytes_per_open_inquiry": Target(
            "broadcast, open, beyond the encoded bytes", "bytes", 256, is_at_most=True
        ),
        "tracker.register_per_second": Target(
            "cases with two events each over one bulk stream, durable, client and tracker on 2 cores",
            "cases/s",
            20e3,
        ),
        "tracker.due_list_ms": Target(
            "a page of what is due, amber, red or overdue, 5 M open cases; p99 of the slower store",
            "ms",
            100,
            is_at_most=True,
        ),
        "tracker.statistics_seconds": Target(
            "figures of all courts, levels and nodes at 5 M open cases", "s", 5, is_at_most=True
        ),
        "tracker.recompute_seconds": Target(
            "dry run of a new law over 5 M open cases, 2 cores", "s", 60, is_at_most=True
        ),
        "blacklist.screen_core_per_second": Target(
            "6.42 million entries, bulk messages in process, one thread, answers compared", "subjects/s", 5e6
        ),
        "blacklist.screen_grpc_per_second": Target(
            "the same over one bulk stream, client and server on 2 cores", "subjects/s", 500e3
        ),
        "blacklist.screen_vs_redis": Target(
            "in process, against pipelined SMISMEMBER with the same batches", "subjects/s", 3, is_ratio=True
        ),
        "blacklist.screen_vs_sqlite": Target(
            "in process, against SELECT ... IN with the same batches", "subjects/s", 10, is_ratio=True
        ),
        "blacklist.bytes_per_entry": Target(
            "hashes, listing, days, kinds and filter in memory", "bytes", 24, is_at_most=True
        ),
        "blacklist.filter_bytes": Target("of them, the filter", "MB", 7.5, is_at_most=True),
        "blacklist.snapshot_bytes": Target("a unit's set, signed and complete", "MB", 60, is_at_most=True),
        "blacklist.delta_bytes": Target("a signed delta of 1,000 changes", "kB", 50, is_at_most=True),
        "blacklist.load_seconds": Target(
            "from the store on SQLite to a list that is screened", "s", 30, is_at_most=True
        ),
        "blacklist.false_hits": Target(
            "innocent people under names of the list who are said to be on it", "hits", 0, is_at_most=True
        ),
        "day.seconds": Target(
            "a nation's day, 54,600 inquiries, 214 M queries, answered and projected, on 2 cores",
            "s",
            15,
            is_at_most=True,
        ),
    }
)
