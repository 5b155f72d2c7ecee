"""Connect: how a command of the command line reaches a gateway, and how it says that a call failed.

One channel for one command, with a certificate, or in plaintext on loopback with the identity named. What can
be told before the first call is told then; of a connection that failed it says what is worth looking at. It
knows no method.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn
from urllib.parse import quote

import grpc
import typer
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from runtime.certificates import file_faults
from runtime.identity import PLAINTEXT_METADATA_KEY
from runtime.settings import split_address

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
# Words of gRPC and of its TLS, and what a person can look at. The first that fits is told.
LOOK_AT: Final = (
    ("Connection refused", "nothing listens at --address; is it the right one, and is the gateway up?"),
    ("CERTIFICATE_VERIFY_FAILED", "the certificate there is not of --ca"),
    ("is not in peer certificate", "the certificate there is for other names than the host of --address"),
    ("WRONG_VERSION_NUMBER", "it speaks plaintext there: --identity goes there, not certificates"),
    (
        "Socket closed",
        "it listens and hung up: --cert is not of a CA that is believed there, or it wants TLS",
    ),
)


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
        """What goes with each call; an identity percent-encoded, as metadata must be ASCII."""
        return ((PLAINTEXT_METADATA_KEY, quote(self.identity, safe=":/%")),) if self.identity else ()


@contextmanager
def connected(caller: Caller) -> Iterator[grpc.Channel]:
    """A channel for one command; what fails on it ends the command with a line on standard error."""
    with _channel(caller) as channel:
        try:
            yield channel
        except grpc.RpcError as error:
            fail(told(error))


def told(error: Any) -> str:
    """The status, the rule if one has a name, and the message; of a connection that failed, in a second line
    what to look at."""
    status = rpc_status.from_call(error)
    rule = ""
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            rule = f" {info.reason}"
    line = f"{error.code().name}{rule}: {error.details()}"
    if error.code() is not grpc.StatusCode.UNAVAILABLE or status is not None:
        return line
    hints = [hint for words, hint in LOOK_AT if words in str(error.details())]
    return f"{line}\n{hints[0]}" if hints else line


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """End the command with a line on standard error."""
    typer.echo(f"chakong: {message}", err=True)
    raise typer.Exit(code)


def _channel(caller: Caller) -> grpc.Channel:
    """To the address. What is wrong with the options ends the command."""
    try:
        split_address(caller.address)
    except ValueError as error:
        fail(f"--address: '{caller.address}' given; {error}", EXIT_USAGE)
    if caller.identity:
        return grpc.insecure_channel(caller.address)
    if caller.cert is None or caller.key is None or caller.ca is None:
        fail("--cert, --key and --ca are required, or --identity for a plaintext gateway", EXIT_USAGE)
    faults = file_faults({"cert": caller.cert, "key": caller.key, "ca": caller.ca})
    if faults:
        fail("\n".join(f"--{fault}" for fault in faults), EXIT_USAGE)
    credentials = grpc.ssl_channel_credentials(
        caller.ca.read_bytes(), caller.key.read_bytes(), caller.cert.read_bytes()
    )
    return grpc.secure_channel(caller.address, credentials)
