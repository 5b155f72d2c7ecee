"""Desk: the institutions that the peers' gateways ask, all behind one address, by unary calls.

Fair: one address and one server serve all endpoints, which is kinder than a connection to each; protobuf's C
runtime reads and writes. Every subject has property at exactly one institution, which follows from its
number, so that answers can be checked. A process of its own: `python -m benchmarks.peers.desk PORT`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zlib import crc32

import grpc

from benchmarks.floor.process import Context, listening, run, serve
from benchmarks.subjects import INSTITUTION_COUNT
from chakong.institution.v1.institution_pb2 import OUTCOME_FOUND, Batch, Reply

SERVICE = "chakong.peers.v1.Desk"
METHOD = f"/{SERVICE}/Ask"


def keeper(id_number: str) -> int:
    """The institution that keeps something of this subject."""
    return crc32(id_number.encode()) % INSTITUTION_COUNT


def reply(message: bytes) -> bytes:
    """To a Batch whose `institutions` are those of the endpoint."""
    batch = Batch.FromString(message)
    said = Reply(batch_id=batch.id)
    said.answered.add(institutions=batch.institutions, entry_count=len(batch.entries))
    everybody = frozenset(batch.institutions)
    for place, entry in enumerate(batch.entries):
        subject = entry.subject
        index = keeper(subject.id_number)
        if index in (entry.institutions or everybody):
            finding = said.findings.add(entry=place, institution=index, outcome=OUTCOME_FOUND)
            finding.records.add(
                item=1,
                locator=f"account-{index}",
                amount_fen=100,
                holder_number=subject.id_number,
                holder_name=subject.name,
            )
    return said.SerializeToString()


async def _ask(message: bytes, _: Context) -> bytes:
    return reply(message)


@asynccontextmanager
async def answering(port: int) -> AsyncIterator[str]:
    """RuntimeError where the address is taken."""
    async with listening(port, SERVICE, {"Ask": grpc.unary_unary_rpc_method_handler(_ask)}):
        yield f"institutions={INSTITUTION_COUNT}"


if __name__ == "__main__":
    run(serve(answering(int(sys.argv[1]))))
