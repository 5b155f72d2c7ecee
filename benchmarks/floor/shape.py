"""Shape: how many bytes in how many messages go over which streams in one round of the transport ceiling.

Numbers only; it is passed to the ceiling's processes as JSON.
"""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Shape:
    """Of one round. Measure a run of the gateway, and write down here what it sent."""

    # Court to gateway, on one stream; each message is acknowledged.
    message_count: int
    message_bytes: int
    # Gateway to institutions: a stream for each endpoint; each batch gets a reply.
    endpoint_count: int
    batch_count: int  # for each endpoint
    batch_bytes: int
    reply_bytes: int
    # Gateway to court, on one watch stream.
    answers_count: int
    answers_bytes: int  # each
    ack_bytes: int = 16
    # Batches unanswered at an endpoint; bytes not yet written to all endpoints together.
    in_flight_max: int = 2
    unwritten_bytes_max: int = 128 << 20

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < 1:
                raise ValueError(f"{name}: {value} given, at least 1 allowed")

    @property
    def reply_count(self) -> int:
        """Of all endpoints."""
        return self.endpoint_count * self.batch_count

    @property
    def round_bytes(self) -> int:
        """All that goes over a stream in a round."""
        courts = self.message_count * (self.message_bytes + self.ack_bytes)
        institutions = self.reply_count * (self.batch_bytes + self.reply_bytes)
        return courts + institutions + self.answers_count * self.answers_bytes

    def released(self, message_count: int) -> int:
        """Batches for each endpoint that may leave once so many messages came, over all rounds."""
        return message_count * self.batch_count // self.message_count

    def due(self, reply_count: int) -> int:
        """Answers that may leave once so many replies came, over all rounds."""
        return reply_count * self.answers_count // self.reply_count

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """ValueError or TypeError when it is none."""
        return cls(**json.loads(text))
