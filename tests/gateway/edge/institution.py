"""Scripted institutions: what the tests of lines talk to, over real gRPC on loopback.

Raw bytes out, so that a script can lie in any way. It knows nothing of the gateway.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc

from chakong.institution.v1 import institution_pb2

Script = Callable[["Talk", institution_pb2.Batch], AsyncIterator[bytes]]
SERVICE = "chakong.institution.v1.Institution"


class Institution:
    """A servicer that plays `script` for every batch, and remembers all that came."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.hellos: list[list[int]] = []
        self.batches: list[institution_pb2.Batch] = []
        self.keys: list[str] = []
        self.came: asyncio.Queue[institution_pb2.Batch] = asyncio.Queue()
        self.streams_open = 0
        self.describes = 0
        self.capabilities: Sequence[institution_pb2.Capability] = ()
        self.later: list[bytes] = []
        self.is_describing = True

    def handler(self) -> Any:
        """Inquire and Describe."""
        inquire: Any = grpc.stream_stream_rpc_method_handler
        describe: Any = grpc.unary_unary_rpc_method_handler
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "Inquire": inquire(self.inquire, institution_pb2.Batch.FromString, None),
                "Describe": describe(self.describe),
            },
        )

    async def inquire(
        self, batches: AsyncIterator[institution_pb2.Batch], context: Any
    ) -> AsyncIterator[bytes]:
        """One stream."""
        self.streams_open += 1
        talk = Talk(self)
        self.keys.append(dict(context.invocation_metadata())["chakong-endpoint"])
        try:
            async for batch in batches:
                if not batch.id:
                    talk.institutions = list(batch.institutions)
                    self.hellos.append(talk.institutions)
                    continue
                self.batches.append(batch)
                self.came.put_nowait(batch)
                async for reply in self.script(talk, batch):
                    if reply == RESET:
                        await context.abort(grpc.StatusCode.UNAVAILABLE, "reset")
                    yield reply
                if talk.is_over:
                    return
        finally:
            self.streams_open -= 1

    async def describe(self, _question: bytes, context: Any) -> bytes:
        """What was set in `capabilities`."""
        self.describes += 1
        if not self.is_describing:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "no such method")
        return institution_pb2.DescribeResponse(capabilities=self.capabilities).SerializeToString()


class Talk:
    """One stream: whose it is, and the institutions that its hello named."""

    def __init__(self, institution: Institution) -> None:
        self.institution = institution
        self.institutions: list[int] = []
        self.is_over = False


RESET = b"\x00reset"


def reply_to(batch: institution_pb2.Batch, institutions: Sequence[int]) -> bytes:
    """All of them answered all of it and had nothing."""
    answered = institution_pb2.Answered(institutions=institutions, entry_count=len(batch.entries))
    return institution_pb2.Reply(batch_id=batch.id, answered=[answered]).SerializeToString()


async def answering(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Answers everything at once."""
    yield reply_to(batch, talk.institutions)


async def finding(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Every institution has one account of everybody."""
    reply = institution_pb2.Reply.FromString(reply_to(batch, talk.institutions))
    for at, entry in enumerate(batch.entries):
        if entry.kind != institution_pb2.KIND_ASK:
            continue
        for institution in entry.institutions or talk.institutions:
            found = reply.findings.add(
                entry=at, institution=institution, outcome=institution_pb2.OUTCOME_FOUND
            )
            found.records.add(
                item=1,
                locator="6222",
                holder_number=entry.subject.id_number,
                holder_name=entry.subject.name,
            )
    yield reply.SerializeToString()


async def silent(_talk: Talk, _batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Never answers."""
    return
    yield b""


async def resetting(_talk: Talk, _batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Ends the stream with an error."""
    yield RESET


async def refusing(_talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Refuses every batch as a whole."""
    yield institution_pb2.Reply(batch_id=batch.id, refusal="cannot").SerializeToString()


async def duplicating(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Answers everything twice."""
    yield reply_to(batch, talk.institutions)
    yield reply_to(batch, talk.institutions)


async def babbling(_talk: Talk, _batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Sends bytes that are no reply."""
    yield b"\xff\xff\xff\xff"


async def inventing(_talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Answers a batch that it was never sent."""
    yield institution_pb2.Reply(batch_id=batch.id + 1_000_000).SerializeToString()


async def overreaching(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
    """Names an institution that is not behind its endpoint."""
    yield reply_to(batch, [*talk.institutions, 4_000])


def at_last(times: int, first: Script, then: Script = answering) -> Script:
    """So many batches by one script, all that follow by another."""

    async def script(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        chosen = first if len(talk.institution.batches) <= times else then
        async for reply in chosen(talk, batch):
            yield reply

    return script


@asynccontextmanager
async def serving(institution: Institution, address: str = "127.0.0.1:0") -> AsyncIterator[str]:
    """Serve it; the address it is at."""
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    server.add_generic_rpc_handlers((institution.handler(),))
    port = server.add_insecure_port(address)
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)
