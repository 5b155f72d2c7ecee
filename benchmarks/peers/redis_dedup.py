"""Redis as a dedup store: SET NX of a keyed digest for each order id, pipelined over a Unix socket.

Fair: a real server without persistence, no TCP; commands are written by hand as bytes and replies counted,
which costs a fraction of what a client library does. They are made before the clock starts, as ours are.

It leaves out, which makes it faster: durability, expiry after 400 days, content hashes, the network, and
everything that is not "was this order id here before".
"""

import asyncio
import shutil
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

from benchmarks.service import Service

# Of 1,000 to 30,000 the best.
PIPELINE_COUNT = 3_000
READY_S_MAX = 20.0
RETRY_S = 0.01
REPLY_S_MAX = 60.0
STOP_S_MAX = 10.0
CHECKED_COUNT = 1_000
KEY = b"benchmark of 16b"
HEAD = b"*4\r\n$3\r\nSET\r\n$16\r\n"
MIDDLE = b"\r\n$8\r\n"
TAIL = b"\r\n$2\r\nNX\r\n"
# Both replies have the same size.
NEW, KNOWN = b"+OK\r\n", b"$-1\r\n"


async def redis_dedup(
    key_count: int, out: Path, *, live_entries: int = 0, pipeline_count: int = PIPELINE_COUNT
) -> float | None:
    """New keys per second, beside so many that were there. Without redis-server None, and the reason printed.

    RuntimeError when a new key is said to be known, or a known one to be new.
    """
    program = shutil.which("redis-server")
    if program is None:
        print("redis_dedup: redis-server is not installed")
        return None
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    # Sockets have short names: not in `out`.
    with tempfile.TemporaryDirectory(prefix="chakong-") as folder:
        path = Path(folder) / "redis"
        command = (program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no")
        async with Service(
            "redis", (*command, "--dir", folder), out / "peers-redis.log", STOP_S_MAX
        ) as service:
            await _until_listening(service, path)
            return await asyncio.to_thread(_measured, path, key_count, live_entries, pipeline_count)


async def _until_listening(service: Service, path: Path) -> None:
    async with asyncio.timeout(READY_S_MAX):
        while True:
            try:
                _, writer = await asyncio.open_unix_connection(path)
            except OSError:
                service.require_alive()
                await asyncio.sleep(RETRY_S)
            else:
                writer.close()
                return await writer.wait_closed()


def _measured(path: Path, key_count: int, live_entries: int, pipeline_count: int) -> float:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(REPLY_S_MAX)
        connection.connect(str(path))
        _require(live_entries, set_new(connection, 0, live_entries, pipeline_count))
        # Ours are made before the clock starts, too.
        made = list(pipelines(live_entries, key_count, pipeline_count))
        started = time.perf_counter()
        new_count = put(connection, made)
        seconds = time.perf_counter() - started
        _require(key_count, new_count)
        _require(0, set_new(connection, live_entries, min(key_count, CHECKED_COUNT), pipeline_count))
        return key_count / seconds


def set_new(connection: socket.socket, first: int, count: int, pipeline_count: int) -> int:
    """Set the keys of so many order ids from `first` on; how many were new."""
    return put(connection, pipelines(first, count, pipeline_count))


def put(connection: socket.socket, made: Iterable[tuple[int, bytes]]) -> int:
    """Send pipelines, one while the replies to the one before come; how many keys were new."""
    new_count = waiting_count = 0
    for size, pipeline in made:
        new_count += _read(connection, waiting_count)
        connection.sendall(pipeline)
        waiting_count = size
    return new_count + _read(connection, waiting_count)


def pipelines(first: int, count: int, pipeline_count: int) -> Iterator[tuple[int, bytes]]:
    """Commands of the order ids o-`first` on, and how many are in each pipeline."""
    for start in range(first, first + count, pipeline_count):
        numbers = range(start, min(start + pipeline_count, first + count))
        commands = [
            b"%b%b%b%b%b"
            % (
                HEAD,
                blake2b(b"o-%d" % number, digest_size=16, key=KEY).digest(),
                MIDDLE,
                number.to_bytes(8, "little"),
                TAIL,
            )
            for number in numbers
        ]
        yield len(commands), b"".join(commands)


def _read(connection: socket.socket, count: int) -> int:
    """So many replies; how many said that the key was new."""
    replies = bytearray()
    while len(replies) < count * len(NEW):
        received = connection.recv(1 << 20)
        if not received:
            raise RuntimeError("redis: the connection ended")
        replies += received
    new_count = replies.count(NEW)
    if len(replies) != count * len(NEW) or new_count + replies.count(KNOWN) != count:
        raise RuntimeError(f"redis: {count} replies expected, others came")
    return new_count


def _require(expected: int, new_count: int) -> None:
    if new_count != expected:
        raise RuntimeError(f"redis: {new_count} keys were new, {expected} expected")
