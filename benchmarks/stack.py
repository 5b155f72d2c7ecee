"""Stack: a simulator, a gateway and, where they are wanted, a tracker and a blacklist as processes of their
own, for demo, load and tests.

Everything it starts it stops, also when starting fails or the caller is interrupted; their output goes to
files. Courts and gateway speak mutual TLS with certificates made for this run. It sends no inquiry.
"""

import json
import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import count, islice
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.court import Court, Credentials
from benchmarks.service import Service
from runtime import data
from runtime.certificates import add_client, write_set
from runtime.clock import now_ns
from runtime.identity import Identity, Role
from simulator.address import addresses

READY_S_MAX = 60.0
# The gateway's own drain, and what a process may need on top of it.
DRAIN_S = 5.0
HOST = "127.0.0.1"
# Below those that the kernel gives out by itself.
PORTS = range(16_000, 32_000)
PORTS_APART = 389


@dataclass(frozen=True, slots=True)
class StackConfig:
    """`gateway`: sections of the gateway's configuration that differ from this module's, key by key.
    `simulator`: options of `chakong simulate` beside scenario, seed and port."""

    scenario: str
    out: Path
    seed: int = 1
    gateway: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    simulator: tuple[str, ...] = ()


class Stack:
    """Use as an async context: entered, both processes are ready."""

    def __init__(self, config: StackConfig) -> None:
        self._config = config
        self._exits = AsyncExitStack()
        self._folder = Path()
        self._services: dict[str, Service] = {}
        self.gateway_address = f"{HOST}:{free_port()}"
        self.tracker_address = f"{HOST}:{free_port()}"
        self.blacklist_address = f"{HOST}:{free_port()}"
        self._metrics_address = f"{HOST}:{free_port()}"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    @property
    def metrics_url(self) -> str:
        return f"http://{self._metrics_address}/metrics"

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of `gateway`, `simulator`, and of what else was started."""
        return {name: service.pid for name, service in self._services.items()}

    @property
    def certs(self) -> Path:
        """The folder that `chakong certs` filled; gone when the stack is."""
        return self._folder / "certs"

    def credentials(self, court: str) -> Credentials:
        """Files of a court's certificate, gone when the stack is."""
        return self._files(f"court-{court}")

    def court(self, court: str) -> Court:
        """A client that is this court."""
        return Court(self.gateway_address, self.credentials(court))

    async def start_tracker(self) -> None:
        """A tracker that follows this stack's gateway from its beginning; ready when this returns."""
        path = self._folder / "tracker.toml"
        path.write_text(self.tracker_toml(), encoding="utf-8")
        await self._serve("tracker", chakong("serve", "--only", "tracker", "--config", str(path)))

    def tracker_court(self, court: str) -> Court:
        """A client of the tracker that is this court."""
        return Court(self.tracker_address, self.credentials(court))

    async def start_blacklist(self) -> None:
        """A blacklist that follows this stack's tracker from its beginning; ready when this returns."""
        path = self._folder / "blacklist.toml"
        path.write_text(self.blacklist_toml(), encoding="utf-8")
        await self._serve("blacklist", chakong("serve", "--only", "blacklist", "--config", str(path)))

    def blacklist_court(self, court: str) -> Court:
        """A client of the blacklist that is this court."""
        return Court(self.blacklist_address, self.credentials(court))

    def blacklist_unit(self, key: str) -> Court:
        """A client of the blacklist that is this unit; the certificate is made now."""
        add_client(self.certs, f"unit-{key}", Identity(Role.UNIT, "", key), now_ns())
        return Court(self.blacklist_address, self._files(f"unit-{key}"))

    def blacklist_operator(self) -> Court:
        """A client of the blacklist that is the operator."""
        return Court(self.blacklist_address, self._files("operator"))

    def officer(self, court: str, officer_id: str) -> Court:
        """A client that is an officer of this court; the certificate is made now."""
        name = f"officer-{court}-{officer_id}"
        add_client(self.certs, name, Identity(Role.OFFICER, court, officer_id), now_ns())
        return Court(self.gateway_address, self._files(name))

    def operator(self) -> Court:
        """A client that is the operator."""
        return Court(self.gateway_address, self._files("operator"))

    def _files(self, name: str) -> Credentials:
        folder = self.certs
        return Credentials(folder / "ca.pem", folder / f"{name}.pem", folder / f"{name}.key")

    def require_alive(self) -> None:
        """RuntimeError names a process that has ended by itself, and its log."""
        for service in self._services.values():
            service.require_alive()

    async def _start(self) -> None:
        folder = self._exits.enter_context(tempfile.TemporaryDirectory(prefix="chakong-"))
        self._folder = Path(folder)
        self._config.out.mkdir(parents=True, exist_ok=True)
        self._write_certs()
        port = free_port()
        simulated = ["--scenario", self._config.scenario, "--seed", str(self._config.seed)]
        simulated += ["--port", str(port), *self._config.simulator]
        (self._folder / "endpoints.json").write_text(endpoints_json(port), encoding="utf-8")
        config_path = self._folder / "chakong.toml"
        config_path.write_text(self.gateway_toml(), encoding="utf-8")
        await self._serve("simulator", chakong("simulate", *simulated))
        await self._serve("gateway", chakong("serve", "--config", str(config_path)))

    def _write_certs(self) -> None:
        """As `chakong certs` does, without a process of its own."""
        write_set(self.certs, [row["code"] for row in data.courts()], now_ns())

    async def _serve(self, name: str, command: Sequence[str]) -> None:
        service = Service(name, command, self._config.out / f"{name}.log", stop_s_max=DRAIN_S + 10)
        self._services[name] = await self._exits.enter_async_context(service)
        await service.ready(READY_S_MAX)

    def gateway_toml(self) -> str:
        """The configuration that the gateway of this stack is started with."""
        sections: dict[str, dict[str, object]] = {
            "listen": self._listen(self.gateway_address),
            "tracker": {"enabled": False},
            "blacklist": {"enabled": False},
            "journal": {"path": str(self._folder / "journal")},
            "metrics": {"address": self._metrics_address},
            "endpoints": {"plaintext": True, "file": str(self._folder / "endpoints.json")},
        }
        for section, values in self._config.gateway.items():
            sections.setdefault(section, {}).update(values)
        return _sections(sections)

    def tracker_toml(self) -> str:
        """The configuration that the tracker is started with."""
        sections: dict[str, dict[str, object]] = {
            "listen": self._listen(self.tracker_address),
            "tracker": {"url": f"sqlite:///{self._folder / 'tracker.db'}"},
            "metrics": {"address": ""},
            "follow": self._follow(self.gateway_address, "tracker"),
        }
        return _sections(sections)

    def blacklist_toml(self) -> str:
        """The configuration that the blacklist is started with."""
        sections: dict[str, dict[str, object]] = {
            "listen": self._listen(self.blacklist_address),
            "blacklist": {"url": f"sqlite:///{self._folder / 'blacklist.db'}", "refresh_s": 0.1},
            "metrics": {"address": ""},
            "follow_tracker": self._follow(self.tracker_address, "blacklist"),
        }
        return _sections(sections)

    def _follow(self, address: str, name: str) -> dict[str, object]:
        files = self._files(name)
        given = {"cert": files.certificate, "key": files.key, "ca": files.ca}
        return {"address": address, **{key: str(path) for key, path in given.items()}}

    def _listen(self, address: str) -> dict[str, object]:
        certs = self.certs
        return {
            "address": address,
            "cert": str(certs / "server.pem"),
            "key": str(certs / "server.key"),
            "ca": str(certs / "ca.pem"),
            "drain_s": DRAIN_S,
        }


def chakong(*arguments: str) -> list[str]:
    """A command line of this installation's `chakong`."""
    return [sys.executable, "-c", "from runtime.cli import main; main()", *arguments]


def endpoints_json(port: int, shared_host: str = "") -> str:
    """What `chakong simulate --print-endpoints` prints for this port, without a process of its own."""
    return json.dumps(addresses([row["key"] for row in data.endpoints()], port, shared_host))


def free_port() -> int:
    """A TCP port that nobody listens on now, and another one at each call.

    Another process may take it before it is used; then starting fails. The kernel gives it to nobody who
    asks for any port, and two processes that call this begin at different places.
    """
    for port in islice(_ports(), len(PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise OSError(f"no free port in {PORTS}")


@cache
def _ports() -> Iterator[int]:
    """This process's way through all of them, again and again."""
    first = os.getpid() * PORTS_APART
    return (PORTS[(first + number) % len(PORTS)] for number in count())


def _sections(sections: Mapping[str, Mapping[str, object]]) -> str:
    return "\n".join(f"[{name}]\n{_toml(values)}" for name, values in sections.items())


def _toml(values: Mapping[str, object]) -> str:
    return "".join(f"{key} = {_toml_value(value)}\n" for key, value in values.items())


def _toml_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)
