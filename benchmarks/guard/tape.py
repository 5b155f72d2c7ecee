"""Tape: what is done to an Engine, step by step, so that a process without anything else can do it again.

An Engine with the same key and the same steps makes the same batches: the replies on the tape fit them.
"""

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gateway._core import Batch, Engine

KEY: Final = b"benchmark of 16b"
NOW_NS: Final = 1_780_000_000_000_000_000
SEND_BYTES_MAX: Final = 1 << 30
IN_FLIGHT_MAX: Final = 16

Reply = tuple[int, bytes]  # endpoint, message


@dataclass(frozen=True, slots=True)
class Tape:
    """`messages`: court and SubmitBulkRequest. `rounds`: the replies to what was cut at one time."""

    snapshot: bytes
    endpoint_count: int
    messages: Sequence[tuple[str, bytes]]
    rounds: Sequence[Sequence[Reply]]
    answer_count: int

    def write(self, path: Path) -> None:
        made = {
            "snapshot": _text(self.snapshot),
            "endpoint_count": self.endpoint_count,
            "messages": [(court, _text(message)) for court, message in self.messages],
            "rounds": [[(endpoint, _text(reply)) for endpoint, reply in one] for one in self.rounds],
            "answer_count": self.answer_count,
        }
        path.write_text(json.dumps(made), encoding="ascii")

    @classmethod
    def read(cls, path: Path) -> "Tape":
        made = json.loads(path.read_text(encoding="ascii"))
        return cls(
            base64.b64decode(made["snapshot"]),
            made["endpoint_count"],
            [(court, base64.b64decode(message)) for court, message in made["messages"]],
            [[(endpoint, base64.b64decode(reply)) for endpoint, reply in one] for one in made["rounds"]],
            made["answer_count"],
        )


def play(engine: "Engine", tape: Tape) -> int:
    """Do it again; how many answers came. RuntimeError when the Engine does not do what it did."""
    rounds = iter(tape.rounds)

    def reply(batches: "Sequence[Batch]") -> Sequence[Reply]:
        replies = next(rounds, ())
        if [endpoint for endpoint, _ in replies] != [batch.endpoint for batch in batches]:
            raise RuntimeError("the Engine cuts other batches than on the tape")
        return replies

    answer_count = _run(engine, tape.snapshot, tape.endpoint_count, tape.messages, reply)
    if answer_count != tape.answer_count:
        raise RuntimeError(f"{answer_count} answers came, {tape.answer_count} stand on the tape")
    return answer_count


def record(
    engine: "Engine",
    snapshot: bytes,
    endpoint_count: int,
    messages: Sequence[tuple[str, bytes]],
    replies: "Callable[[Sequence[Batch]], Iterable[Reply]]",
) -> Tape:
    """Run it and keep what `replies` said."""
    rounds: list[Sequence[Reply]] = []

    def keep(batches: "Sequence[Batch]") -> Sequence[Reply]:
        rounds.append(list(replies(batches)))
        return rounds[-1]

    answer_count = _run(engine, snapshot, endpoint_count, messages, keep)
    return Tape(snapshot, endpoint_count, messages, rounds, answer_count)


def _run(
    engine: "Engine",
    snapshot: bytes,
    endpoint_count: int,
    messages: Sequence[tuple[str, bytes]],
    replies: "Callable[[Sequence[Batch]], Sequence[Reply]]",
) -> int:
    engine.set_directory(snapshot)
    for endpoint in range(endpoint_count):
        engine.open_endpoint(endpoint, IN_FLIGHT_MAX)
    for seq, (court, message) in enumerate(messages, 1):
        checked = engine.check(message, court, NOW_NS)
        if checked.frame:
            engine.admit(checked.frame, seq, NOW_NS)
    while batches := engine.take_batches(NOW_NS, SEND_BYTES_MAX):
        for endpoint, reply in replies(batches):
            settled = engine.settle(endpoint, reply, NOW_NS)
            if settled.fault:
                raise RuntimeError(f"a reply was refused with fault {settled.fault}")
    return sum(answers.count for answers in engine.take_answers(NOW_NS))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
