"""Connect: who calls and where, and every failure as one line on standard error."""

from pathlib import Path
from typing import Any, cast

import grpc
import pytest
import typer
from google.rpc import error_details_pb2

from gateway.edge.errors import RuleError, UnavailableError, rich
from runtime.certificates import write_set
from runtime.clock import now_ns
from runtime.connect import EXIT_FAILED, EXIT_USAGE, Caller, connected, told
from runtime.identity import PLAINTEXT_METADATA_KEY


class Failed(grpc.RpcError):
    """A call that ended with this status."""

    def __init__(self, code: grpc.StatusCode, details: str, status: Any = None) -> None:
        self._code, self._details, self._status = code, details, status

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details

    def trailing_metadata(self) -> Any:
        status = self._status
        return (("grpc-status-details-bin", status.SerializeToString()),) if status is not None else ()


def plaintext(address: str = "127.0.0.1:1") -> Caller:
    return Caller(address, None, None, None, "chakong://operator/me")


def test_a_failure_is_told_with_its_rule() -> None:
    error = RuleError("months: 40 given", rule="TERM_TOO_LONG")
    failed = Failed(error.status, error.message, rich(error))
    assert told(failed) == "FAILED_PRECONDITION TERM_TOO_LONG: months: 40 given"


def test_a_failure_without_details_is_told_as_it_is() -> None:
    assert told(Failed(grpc.StatusCode.UNAVAILABLE, "nobody there")) == "UNAVAILABLE: nobody there"
    status = rich(RuleError("x", retry_ms=5))
    assert not any(detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR) for detail in status.details)
    assert told(Failed(grpc.StatusCode.FAILED_PRECONDITION, "x", status)) == "FAILED_PRECONDITION: x"


def test_a_failed_call_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, connected(plaintext()):
        raise Failed(grpc.StatusCode.UNAVAILABLE, "nobody there")
    assert ended.value.exit_code == EXIT_FAILED
    assert capsys.readouterr().err == "chakong: UNAVAILABLE: nobody there\n"


@pytest.mark.parametrize(
    ("details", "hint"),
    [
        ("ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused", "nothing listens"),
        ("Tls handshake failed: CERTIFICATE_VERIFY_FAILED: unable to get local issuer", "not of --ca"),
        ("Peer name localhost is not in peer certificate", "other names"),
        ("Tls handshake failed: WRONG_VERSION_NUMBER", "--identity"),
        ("last error: UNAVAILABLE: ipv4:127.0.0.1:7443: Socket closed", "--cert"),
    ],
)
def test_of_a_connection_that_failed_it_is_told_what_to_look_at(details: str, hint: str) -> None:
    line, _, second = told(Failed(grpc.StatusCode.UNAVAILABLE, details)).partition("\n")
    assert line == f"UNAVAILABLE: {details}"
    assert hint in second


def test_a_gateway_that_says_unavailable_itself_gets_no_hint() -> None:
    status = rich(UnavailableError("stopping: Socket closed", retry_ms=5))
    failed = Failed(grpc.StatusCode.UNAVAILABLE, "stopping: Socket closed", status)
    assert "\n" not in told(failed)


@pytest.mark.parametrize("address", ["localhost", "localhost:", "localhost:74430", ":7443", "::1:7443"])
def test_an_address_without_a_port_is_named(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, connected(plaintext(address)):
        pass
    assert ended.value.exit_code == EXIT_USAGE
    assert f"--address: '{address}' given; must be host:port" in capsys.readouterr().err


def test_an_identity_goes_percent_encoded_whether_it_was_or_not() -> None:
    for written in ("chakong://court/京0105", "chakong://court/%E4%BA%AC0105"):
        caller = Caller("127.0.0.1:1", None, None, None, written)
        assert caller.metadata == ((PLAINTEXT_METADATA_KEY, "chakong://court/%E4%BA%AC0105"),)


def test_a_key_of_another_certificate_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_set(tmp_path, ["京0105"], now_ns())
    files = (tmp_path / "operator.pem", tmp_path / "gateway.key", tmp_path / "gateway.key")
    with pytest.raises(typer.Exit) as ended, connected(Caller("127.0.0.1:1", *files, "")):
        pass
    assert ended.value.exit_code == EXIT_USAGE
    printed = capsys.readouterr().err
    assert f"--key: '{files[1]}' given; must be the key of '{files[0]}'" in printed
    assert f"--ca: '{files[2]}' given; must hold certificates as PEM" in printed


def test_without_certificates_an_identity_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    caller = Caller("127.0.0.1:1", None, None, None, "")
    with pytest.raises(typer.Exit) as ended, connected(caller):
        pass
    assert ended.value.exit_code == EXIT_USAGE
    assert "--identity" in capsys.readouterr().err
    assert caller.metadata == ()
    assert plaintext().metadata == ((PLAINTEXT_METADATA_KEY, "chakong://operator/me"),)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "me.pem"
    with pytest.raises(typer.Exit) as ended, connected(Caller("127.0.0.1:1", missing, missing, missing, "")):
        pass
    assert ended.value.exit_code == EXIT_USAGE
    assert str(missing) in capsys.readouterr().err


def test_the_channel_is_closed_afterwards() -> None:
    with connected(plaintext()) as channel:
        assert channel is not None
    with pytest.raises(ValueError, match="closed"):
        cast("Any", channel).unary_unary("/x/Y")(b"")
