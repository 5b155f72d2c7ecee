"""Port: where the public looks up, over HTTP: takes connections, reads a request each, has it answered.

Everything is bounded: connections, the size of a request, and the time it may take to shake hands, to come
and to be taken away. What is looked up stands in the body alone, never in a URL, and in no log.
"""

import asyncio
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

import grpc

from blacklist.public.body import read_body, write_answer, write_call_error, write_error
from blacklist.public.exchange import Exchange, HttpError, Request
from blacklist.public.limiter import network
from blacklist.public.looking import Looking
from blacklist.rpc.intake import Intake
from runtime.errors import CallError, FullError, InvalidError, StartError, UnavailableError
from runtime.settings import split_address

if TYPE_CHECKING:
    from runtime.settings_public import Public

PATH: Final = b"/v1/look-up"
JSON: Final = "application/json"
READ_BYTES: Final = 16_384
# What a client still sends while it is answered is passed over, or it would not see its answer.
LINGER_S: Final = 1.0
LINGER_READS: Final = 64
# When the system gives no connection for a moment.
ACCEPT_AGAIN_S: Final = 0.5
BACKLOG: Final = 128
# One network has at most this part of the connections: who opens many and says nothing keeps out few others.
NETWORKS_MIN: Final = 8
STATUS: Final[dict[type[CallError], int]] = {InvalidError: 400, FullError: 429, UnavailableError: 503}
INTERNAL: Final = 500
RETRY_MS: Final = 1_000

Answer = tuple[int, bytes, tuple[tuple[bytes, bytes], ...]]
Address = IPv4Address | IPv6Address

log = logging.getLogger(__name__)


class PublicPort:
    """Takes the port when it is made: StartError when it cannot be had."""

    def __init__(
        self, settings: "Public", looking: Looking, now_ns: Callable[[], int], draining: asyncio.Event
    ) -> None:
        self._settings = settings
        self._looking = looking
        self._now_ns = now_ns
        self._draining = draining
        self._intake = Intake()
        self._room = asyncio.Semaphore(settings.connections_max)
        self._tls = None if settings.plaintext else _tls(settings)
        self._listening = _listening(settings.address)
        self.port: int = self._listening.getsockname()[1]
        self.open_count = 0
        self.taken_count = 0
        self.cut_count = 0
        self.turned_away_count = 0
        # Open connections by network; behind a proxy all are the proxy's, and it has to share them out.
        self._by_network: Counter[bytes] = Counter()
        self._network_max = (
            settings.connections_max
            if settings.address_header
            else -(-settings.connections_max // NETWORKS_MIN)
        )

    async def run(self) -> None:
        """Serve until cancelled; open connections end with it."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._room.acquire()
                try:
                    accepted, peer = await loop.sock_accept(self._listening)
                except OSError as error:
                    self._room.release()
                    log.warning("no connection could be taken", extra={"error": type(error).__name__})
                    await asyncio.sleep(ACCEPT_AGAIN_S)
                    continue
                whose = network(ip_address(peer[0]))
                if self._by_network[whose] >= self._network_max:
                    self.turned_away_count += 1
                    self._room.release()
                    accepted.close()
                    continue
                self.open_count += 1
                self.taken_count += 1
                self._by_network[whose] += 1
                task = tasks.create_task(self._connected(accepted, str(peer[0])))
                task.add_done_callback(partial(self._gone, whose))

    def close(self) -> None:
        """Give the port back."""
        self._listening.close()

    async def _connected(self, accepted: socket.socket, peer: str) -> None:
        try:
            async with asyncio.timeout(self._settings.request_s):
                reader, writer = await self._streams(accepted)
                try:
                    await self._serve(reader, writer, peer)
                finally:
                    writer.transport.abort()
        except TimeoutError:
            self.cut_count += 1
        except OSError:
            pass  # it went away, or shook hands wrongly
        except Exception:
            log.exception("a look-up failed")

    def _gone(self, whose: bytes, _task: "asyncio.Task[None]") -> None:
        self.open_count -= 1
        self._by_network[whose] -= 1
        if not self._by_network[whose]:
            del self._by_network[whose]
        self._room.release()

    async def _streams(self, accepted: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(READ_BYTES, loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        try:
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, accepted, ssl=self._tls)
        except BaseException:
            accepted.close()
            raise
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str) -> None:
        exchange, is_whole = Exchange(), True
        try:
            request = None
            while request is None:
                request = exchange.take(await reader.read(READ_BYTES))
                if request is None and (told := exchange.go_on()):
                    writer.write(told)
            status, body, also = await self._answer(request, peer)
        except HttpError as error:
            status, body, also = error.status, _fault(error.message), ()
            is_whole = False
        writer.write(exchange.answer(status, body, self._now_ns(), also))
        await writer.drain()
        await (_end(writer) if is_whole else _linger(reader))

    async def _answer(self, request: Request, peer: str) -> Answer:
        if request.target != PATH:
            return 404, _fault(f"path: must be {PATH.decode()}", "NOT_FOUND"), ()
        if request.method != b"POST":
            return 405, _fault("method: must be POST", "UNIMPLEMENTED"), ((b"allow", b"POST"),)
        if [value.split(";")[0].strip().lower() for value in request.values("content-type")] != [JSON]:
            return 415, _fault(f"content-type: must be {JSON}"), ()
        if self._draining.is_set():
            return _refused(UnavailableError("the blacklist is stopping", retry_ms=RETRY_MS))
        address = self._address_of(request, ip_address(peer))
        try:
            whom = self._intake.asked(read_body(request.body))
            response = await self._looking.look_up(whom, network(address))
        except CallError as error:
            return _refused(error)
        return 200, write_answer(response), ()

    def _address_of(self, request: Request, peer: Address) -> Address:
        """Of who asks. HttpError where a proxy should have told and did not."""
        header = self._settings.address_header
        if not header:
            return peer
        if _plain(peer) not in self._settings.proxies:
            raise HttpError(403, "peer: must be one of public.proxies")
        # The last one is the proxy's own word; whatever is before it came with the request.
        given = ",".join(request.values(header)).rpartition(",")[2].strip()
        try:
            return ip_address(given)
        except ValueError:
            raise HttpError(400, f"{header}: must end with an IP address") from None


def _plain(peer: Address) -> Address:
    return (peer.ipv4_mapped or peer) if isinstance(peer, IPv6Address) else peer


def _refused(error: CallError) -> Answer:
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), INTERNAL)
    seconds = -(-error.retry_ms // 1_000)
    also = ((b"retry-after", b"%d" % seconds),) if seconds else ()
    return status, write_call_error(error), also


def _fault(message: str, code: str = grpc.StatusCode.INVALID_ARGUMENT.name) -> bytes:
    return write_error(code, message)


async def _end(writer: asyncio.StreamWriter) -> None:
    """What was written goes out, and the peer is told that it was all."""
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(LINGER_S):
            writer.close()
            await writer.wait_closed()


async def _linger(reader: asyncio.StreamReader) -> None:
    try:
        async with asyncio.timeout(LINGER_S):
            for _ in range(LINGER_READS):
                if not await reader.read(READ_BYTES):
                    break
    except TimeoutError:
        pass  # it has had the time to read its answer


def _tls(settings: "Public") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(str(settings.cert), str(settings.key))
    except OSError as error:
        raise StartError(f"public.cert: {error.strerror}") from None
    return context


def _listening(address: str) -> socket.socket:
    host, port = split_address(address)
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise StartError(f"public.address {address}: {error.strerror}") from None
    listening.setblocking(False)
    return listening
