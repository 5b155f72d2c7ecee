"""Redis as a list: SMISMEMBER of the numbers of a batch, pipelined over a Unix socket.

Fair: a real server without persistence, no TCP; commands are bytes made beforehand and replies counted; the
next command is sent while the server works on the last. One set with the numbers as they are.

It leaves out, which makes it faster: names, listings, measures, days, the network, and reading what was sent.
"""

import asyncio
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.peers.redis_dedup import RETRY_S
from benchmarks.service import Service

READY_S_MAX = 20.0
REPLY_S_MAX = 60.0
STOP_S_MAX = 10.0
# Commands that are on their way at a time.
PIPELINE_COUNT = 4
KEY = b"listed"
NUMBER_BYTES = 18
ANSWER_BYTES = len(b":0\r\n")


class RedisMembers:
    """A connection to a server of our own; everything on it waits for its reply."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def fill(self, numbers: bytes) -> None:
        """Put these numbers, 18 bytes each, into the set. RuntimeError when one was there."""
        count = len(numbers) // NUMBER_BYTES
        self._connection.sendall(command(b"SADD", numbers))
        reply = self._connection.recv(64)
        if reply != b":%d\r\n" % count:
            raise RuntimeError(f"redis: {count} members to be added, another reply came")

    def timed(self, batches: Sequence[bytes]) -> tuple[int, float]:
        """How many of all numbers of these commands are in the set, and the seconds it took."""
        found = 0
        started = time.perf_counter()
        for place, batch in enumerate(batches):
            if place >= PIPELINE_COUNT:
                found += self._read(batches[place - PIPELINE_COUNT])
            self._connection.sendall(batch)
        for batch in batches[-PIPELINE_COUNT:]:
            found += self._read(batch)
        return found, time.perf_counter() - started

    def _read(self, batch: bytes) -> int:
        count = member_count(batch)
        head = b"*%d\r\n" % count
        size = len(head) + count * ANSWER_BYTES
        reply = bytearray()
        while len(reply) < size:
            # No further: what comes then is the next reply's.
            received = self._connection.recv(size - len(reply))
            if not received:
                raise RuntimeError("redis: the connection ended")
            reply += received
        found = reply.count(b":1\r\n")
        if not reply.startswith(head) or found + reply.count(b":0\r\n") != count:
            raise RuntimeError(f"redis: {count} replies expected, others came")
        return found


@asynccontextmanager
async def redis_members(out: Path) -> AsyncIterator[RedisMembers | None]:
    """A server with nothing in it; without redis-server None."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    # Sockets have short names: not in `out`.
    with tempfile.TemporaryDirectory(prefix="chakong-") as folder:
        path = Path(folder) / "redis"
        line = (program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no")
        async with Service(
            "redis", (*line, "--dir", folder), out / "members-redis.log", STOP_S_MAX
        ) as service:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(REPLY_S_MAX)
                await _connect(connection, path, service)
                yield RedisMembers(connection)


def command(verb: bytes, numbers: bytes) -> bytes:
    """One command with these numbers as its members."""
    count = len(numbers) // NUMBER_BYTES
    words = [b"$%d\r\n%b\r\n" % (len(word), word) for word in (verb, KEY)]
    members = [
        b"$18\r\n%b\r\n" % numbers[start : start + NUMBER_BYTES]
        for start in range(0, len(numbers), NUMBER_BYTES)
    ]
    return b"*%d\r\n" % (count + len(words)) + b"".join(words + members)


def member_count(made: bytes) -> int:
    """Of a command."""
    return int(made[1 : made.index(b"\r")]) - 2


async def _connect(connection: socket.socket, path: Path, service: Service) -> None:
    async with asyncio.timeout(READY_S_MAX):
        while True:
            try:
                connection.connect(str(path))
            except OSError:
                service.require_alive()
                await asyncio.sleep(RETRY_S)
            else:
                return
