"""An Engine over the real directory, and institutions that answer "nothing" as fast as they can be encoded.

The replies are made outside what is measured: a benchmark of the Engine measures the Engine.
"""

from dataclasses import dataclass

from benchmarks.subjects import load_inquiry
from chakong.gateway.v1 import gateway_pb2
from chakong.institution.v1 import institution_pb2
from gateway._core import Batch, Engine
from gateway.directory import Directory

COURT = "京0105"
NOW_NS = 1_780_000_000_000_000_000
SEND_BYTES_MAX = 1 << 30


@dataclass(frozen=True, slots=True)
class World:
    engine: Engine
    answered: tuple[tuple[int, ...], ...]

    @classmethod
    def new(cls, directory: Directory | None = None) -> "World":
        """All endpoints open, as many batches in flight as they take; over the packaged directory, unless
        one is given."""
        directory = directory or Directory.load()
        engine = Engine(b"benchmark of 16b")
        engine.set_directory(directory.snapshot())
        for endpoint in directory.endpoints:
            engine.open_endpoint(endpoint.index, endpoint.in_flight_max)
        capable = {row.index for row in directory.institutions if "INQUIRE" in row.can}
        answered = tuple(tuple(i for i in e.institutions if i in capable) for e in directory.endpoints)
        return cls(engine, answered)

    def reply(self, batch: Batch) -> bytes:
        """Every institution behind the endpoint looked at all of it and has nothing."""
        reply = institution_pb2.Reply(batch_id=batch.id)
        reply.answered.add(institutions=self.answered[batch.endpoint], entry_count=batch.entry_count)
        return reply.SerializeToString()


def inquiries(first: int, scopes: list[gateway_pb2.Scope]) -> bytes:
    """A bulk message: one inquiry for each scope, of distinct subjects, order ids counted from `first`."""
    request = gateway_pb2.SubmitBulkRequest()
    for number, scope in enumerate(scopes, first):
        inquiry = load_inquiry(COURT, f"b-{number}", number)
        inquiry.scope.CopyFrom(scope)
        inquiry.ClearField("items")
        request.inquiries.append(inquiry)
    return request.SerializeToString()
