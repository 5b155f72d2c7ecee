"""The look-up over real HTTP: what is answered, refused and cut, with TLS and behind a proxy."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from blacklist.model import Subject
from blacklist.public import port as module
from blacklist.public.exchange import BODY_BYTES_MAX
from blacklist.public.port import PublicPort
from chakong.blacklist.v1 import public_pb2
from runtime.certificates import write_set
from runtime.clock import now_ns
from runtime.errors import CallError, FullError, StartError, UnavailableError
from runtime.settings_public import Public
from tests.blacklist.build import person
from tests.blacklist.house import until
from tests.patience import DEADLINE_S

PROXY = {"address_header": "X-Forwarded-For", "proxies": ["127.0.0.1"]}
QUESTION = {"id_type": "resident_id", "id_number": person().id_number, "name": "张三0"}


class Answers:
    """In the place of what looks up: whom it was asked about, and from where."""

    def __init__(self) -> None:
        self.asked: list[tuple[Subject, bytes]] = []
        self.error: CallError | None = None

    async def look_up(self, whom: Subject, address: bytes) -> public_pb2.LookUpResponse:
        self.asked.append((whom, address))
        if self.error:
            raise self.error
        return public_pb2.LookUpResponse(version=5)


class Door:
    """An open port, and who asks at it."""

    def __init__(self, port: PublicPort, answers: Answers, draining: asyncio.Event) -> None:
        self.port = port
        self.answers = answers
        self.draining = draining

    async def send(self, sent: bytes, tls: ssl.SSLContext | None = None) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body of the answer to these bytes."""
        host = "localhost" if tls else None
        async with asyncio.timeout(DEADLINE_S):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self.port.port, ssl=tls, server_hostname=host
            )
            with closing(writer):
                writer.write(sent)
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, json.loads(body)

    async def ask(
        self, question: Any = None, *headers: str, **changes: Any
    ) -> tuple[int, dict[str, str], Any]:
        """A question as it should be asked, unless changed."""
        tls = changes.pop("tls", None)
        body = json.dumps(QUESTION if question is None else question).encode()
        return await self.send(request(body, *headers, **changes), tls)


def request(
    body: bytes,
    *headers: str,
    method: str = "POST",
    path: str = "/v1/look-up",
    kind: str = "application/json",
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: a", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


@asynccontextmanager
async def door(**given: Any) -> AsyncIterator[Door]:
    settings = Public.model_validate({"address": "127.0.0.1:0", "plaintext": True} | given)
    answers, draining = Answers(), asyncio.Event()
    looking: Any = answers
    port = PublicPort(settings, looking, now_ns, draining)
    running = asyncio.create_task(port.run())
    try:
        yield Door(port, answers, draining)
    finally:
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        port.close()


async def test_question_is_answered_and_kept_by_nobody() -> None:
    async with door() as ours:
        status, headers, body = await ours.ask()
        assert (status, body) == (200, {"version": "5", "as_of_ns": "0", "listings": []})
        assert headers["cache-control"] == "no-store"
        assert ours.answers.asked == [(Subject(1, person().id_number, "张三0"), b"\x7f\0\0\1")]
        assert ours.port.taken_count == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"method": "GET"}, 405),
        ({"method": "PUT"}, 405),
        ({"path": "/"}, 404),
        ({"path": "/v1/look-up?id_number=1"}, 404),
        ({"kind": "text/plain"}, 415),
    ],
)
async def test_only_a_post_of_json_is_answered(changes: dict[str, str], status: int) -> None:
    async with door() as ours:
        found, headers, body = await ours.ask(**changes)
        assert found == status
        assert body["error"]["message"]
        assert (headers.get("allow") == "post") is (status == 405)
        assert ours.answers.asked == []


async def test_faults_name_their_fields_and_never_the_number() -> None:
    async with door() as ours:
        wrong = QUESTION | {"id_number": "110105194912310021"}
        status, _, body = await ours.ask(wrong)
        assert status == 400
        assert [one["field"] for one in body["error"]["fields"]] == ["id_number"]
        assert "1949" not in json.dumps(body)
        status, _, body = await ours.ask({})
        assert [one["field"] for one in body["error"]["fields"]] == ["id_type", "id_number", "name"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (FullError("x", retry_ms=1_200), 429),
        (UnavailableError("x", retry_ms=900), 503),
        (CallError("x"), 500),
    ],
)
async def test_what_cannot_be_answered_now_says_so_and_when(error: CallError, status: int) -> None:
    async with door() as ours:
        ours.answers.error = error
        found, headers, body = await ours.ask()
        assert (found, body["error"]["code"]) == (status, error.status.name)
        assert headers.get("retry-after") == {429: "2", 503: "1"}.get(status)


async def test_nothing_new_is_answered_while_it_stops() -> None:
    async with door() as ours:
        ours.draining.set()
        assert (await ours.ask())[0] == 503


async def test_body_beyond_its_limit_is_refused_and_the_answer_is_seen() -> None:
    async with door() as ours:
        status, _, body = await ours.send(request(b"x" * (BODY_BYTES_MAX * 40)))
        assert status == 413
        assert str(BODY_BYTES_MAX) in body["error"]["message"]


async def ends(reader: asyncio.StreamReader) -> None:
    """Return when the other side has ended it, without a word."""
    async with asyncio.timeout(DEADLINE_S):
        with suppress(ConnectionError):
            assert await reader.read() == b""


async def test_slow_client_is_cut() -> None:
    async with door(request_s=0.2) as ours:
        reader, writer = await asyncio.open_connection("127.0.0.1", ours.port.port)
        writer.write(request(b"{}")[:-1])
        await ends(reader)
        writer.close()
        await until(lambda: ours.port.cut_count == 1)
        assert ours.port.open_count == 0


async def test_client_that_never_shakes_hands_is_cut(tmp_path: Path) -> None:
    async with door(request_s=0.2, **certificates(tmp_path)) as ours:
        reader, writer = await asyncio.open_connection("127.0.0.1", ours.port.port)
        await ends(reader)
        writer.close()
        await until(lambda: ours.port.cut_count == 1)


async def test_connections_beyond_the_limit_wait_their_turn() -> None:
    async with door(connections_max=1) as ours:
        _, writer = await asyncio.open_connection("127.0.0.1", ours.port.port)
        await until(lambda: ours.port.open_count == 1)
        waiting = asyncio.create_task(ours.ask())
        done, _ = await asyncio.wait((waiting,), timeout=0.05)
        assert not done
        assert ours.port.taken_count == 1
        writer.close()
        assert (await waiting)[0] == 200


async def test_one_network_keeps_nobody_else_out() -> None:
    async with door(connections_max=16) as ours:
        silent = [await asyncio.open_connection("127.0.0.1", ours.port.port) for _ in range(3)]
        await until(lambda: ours.port.turned_away_count == 1)
        assert ours.port.open_count == 2
        for _, writer in silent:
            writer.close()
        await until(lambda: ours.port.open_count == 0)
        assert (await ours.ask())[0] == 200


async def test_proxy_has_all_connections() -> None:
    async with door(connections_max=3, **PROXY) as ours:
        silent = [await asyncio.open_connection("127.0.0.1", ours.port.port) for _ in range(3)]
        await until(lambda: ours.port.open_count == 3)
        assert ours.port.turned_away_count == 0
        for _, writer in silent:
            writer.close()


async def test_client_that_reads_to_the_end_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINGER_S", 10 * DEADLINE_S)
    async with door() as ours:
        reader, writer = await asyncio.open_connection("127.0.0.1", ours.port.port)
        with closing(writer):
            writer.write(request(json.dumps(QUESTION).encode()))
            async with asyncio.timeout(DEADLINE_S / 2):
                assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


def certificates(folder: Path) -> dict[str, Any]:
    write_set(folder, [], now_ns(), force=True)
    return {"plaintext": False, "cert": folder / "server.pem", "key": folder / "server.key"}


async def test_tls_is_spoken_and_plaintext_refused(tmp_path: Path) -> None:
    async with door(**certificates(tmp_path)) as ours:
        trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        assert (await ours.ask(tls=trusting))[0] == 200
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await ours.ask()
        assert (await ours.ask(tls=trusting))[0] == 200


async def test_address_behind_a_proxy_is_the_one_that_it_says_last() -> None:
    async with door(**PROXY) as ours:
        headers = ("X-Forwarded-For: 198.51.100.9, 192.0.2.1", "X-Forwarded-For: 198.51.100.8, 192.0.2.7")
        assert (await ours.ask(None, *headers))[0] == 200
        assert ours.answers.asked[0][1] == ip_address("192.0.2.7").packed
        for wrong in ((), ("X-Forwarded-For: unknown",), ("X-Forwarded-For: 192.0.2.7,",)):
            assert (await ours.ask(None, *wrong))[0] == 400
        assert len(ours.answers.asked) == 1


async def test_nobody_but_a_proxy_is_believed() -> None:
    async with door(**(PROXY | {"proxies": ["192.0.2.1"]})) as ours:
        assert (await ours.ask(None, "X-Forwarded-For: 192.0.2.7"))[0] == 403
        assert ours.answers.asked == []


async def test_port_that_is_taken_is_a_fault_of_the_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Public(address=f"127.0.0.1:{taken.getsockname()[1]}", plaintext=True)
        looking: Any = Answers()
        with pytest.raises(StartError, match=r"public\.address"):
            PublicPort(settings, looking, now_ns, asyncio.Event())
