"""Connect: how a command of the command line reaches a gateway, and how it says that a call failed.

One channel for one command, with a certificate, or in plaintext on loopback with the identity named. It knows
no method.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import grpc
import typer
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from runtime.identity import PLAINTEXT_METADATA_KEY

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
TIMEOUT_S: Final = 60.0

AddressOption = Annotated[
    str, typer.Option("--address", metavar="HOST:PORT", help="Where the gateway or the service listens.")
]
CertOption = Annotated[
    Path | None, typer.Option("--cert", metavar="FILE", help="The caller's certificate (PEM).")
]
KeyOption = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Its private key (PEM).")]
CaOption = Annotated[
    Path | None,
    typer.Option("--ca", metavar="FILE", help="What the certificate there is checked against."),
]
IdentityOption = Annotated[
    str,
    typer.Option(
        "--identity",
        metavar="URI",
        help="Without certificates, to a plaintext gateway on this machine: who calls, chakong://operator/me",
    ),
]
ADDRESS: Final = "127.0.0.1:7443"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and where."""

    address: str
    cert: Path | None
    key: Path | None
    ca: Path | None
    identity: str

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with each call."""
        return ((PLAINTEXT_METADATA_KEY, self.identity),) if self.identity else ()


@contextmanager
def connected(caller: Caller) -> Iterator[grpc.Channel]:
    """A channel for one command; what fails on it ends the command with a line on standard error."""
    try:
        channel = _channel(caller)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", EXIT_USAGE)
    with channel:
        try:
            yield channel
        except grpc.RpcError as error:
            fail(told(error))


def told(error: Any) -> str:
    """One line: the status, the rule if one has a name, and the message."""
    status = rpc_status.from_call(error)
    rule = ""
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            rule = f" {info.reason}"
    return f"{error.code().name}{rule}: {error.details()}"


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """End the command with a line on standard error."""
    typer.echo(f"chakong: {message}", err=True)
    raise typer.Exit(code)


def _channel(caller: Caller) -> grpc.Channel:
    if caller.identity:
        return grpc.insecure_channel(caller.address)
    if caller.cert is None or caller.key is None or caller.ca is None:
        fail("--cert, --key and --ca are required, or --identity for a plaintext gateway", EXIT_USAGE)
    credentials = grpc.ssl_channel_credentials(
        caller.ca.read_bytes(), caller.key.read_bytes(), caller.cert.read_bytes()
    )
    return grpc.secure_channel(caller.address, credentials)
