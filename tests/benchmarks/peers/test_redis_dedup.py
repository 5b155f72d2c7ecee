"""Redis as a dedup store: the bytes sent and read, wrong replies, and a real server where there is one."""

import shutil
import socket
import threading
from pathlib import Path

import pytest

from benchmarks.peers import redis_dedup as peer


def test_commands_are_those_of_the_protocol() -> None:
    found = list(peer.pipelines(7, 5, 2))
    assert [count for count, _ in found] == [2, 2, 1]
    commands = b"".join(pipeline for _, pipeline in found)
    parts = commands.split(b"*4\r\n")[1:]
    assert len(parts) == 5
    assert len({part[len(b"$3\r\nSET\r\n$16\r\n") :][:16] for part in parts}) == 5
    for number, part in enumerate(parts, 7):
        assert part.startswith(b"$3\r\nSET\r\n$16\r\n")
        assert part[30:].endswith(b"\r\n$8\r\n" + number.to_bytes(8, "little") + b"\r\n$2\r\nNX\r\n")


def answered(replies: bytes, count: int) -> int:
    """What `set_new` makes of a server that says this."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)

        def say() -> None:
            theirs.recv(1 << 16)
            theirs.sendall(replies)
            theirs.close()

        said = threading.Thread(target=say)
        said.start()
        try:
            return peer.set_new(ours, 0, count, count)
        finally:
            said.join(5)


def test_new_and_known_keys_are_told_apart() -> None:
    assert answered(b"+OK\r\n$-1\r\n+OK\r\n", 3) == 2


@pytest.mark.parametrize("replies", [b"+OK\r\n-ER\r\n", b"+OK\r\n", b"+OK\r\n" * 3, b""])
def test_other_replies_are_no_figure(replies: bytes) -> None:
    with pytest.raises(RuntimeError, match="redis"):
        answered(replies, 2)


async def test_real_server_is_measured_or_its_absence_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys_per_second = await peer.redis_dedup(3_000, tmp_path, live_entries=500, pipeline_count=700)
    if shutil.which("redis-server"):
        assert keys_per_second is not None
        assert keys_per_second > 0
    else:
        assert keys_per_second is None
        assert "not installed" in capsys.readouterr().out


async def test_absence_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert await peer.redis_dedup(10, tmp_path) is None
    assert capsys.readouterr().out == "redis_dedup: redis-server is not installed\n"
