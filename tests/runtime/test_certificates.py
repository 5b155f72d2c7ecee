"""Certificates: modes, overwriting, and a real mutual TLS call that shows who calls."""

import stat
from pathlib import Path

import grpc
import grpc.aio
import pytest
from cryptography import x509

from runtime.certificates import INSTITUTION_HOST, add_client, file_faults, write_set
from runtime.clock import now_ns
from runtime.identity import Identity, Role, caller

CALL_DEADLINE_S = 120.0
METHOD = "/test.Echo/WhoAmI"


async def who_am_i(folder: Path, client: str | None, server: str = "server", name: str = "") -> str:
    """The identity that a TLS server sees when this client calls it."""

    async def answer(_request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        return caller(context, plaintext=False).uri.encode()

    service = grpc.method_handlers_generic_handler(
        "test.Echo", {"WhoAmI": grpc.unary_unary_rpc_method_handler(answer)}
    )
    ca = (folder / "ca.pem").read_bytes()
    pair = ((folder / f"{server}.key").read_bytes(), (folder / f"{server}.pem").read_bytes())
    running = grpc.aio.server()
    running.add_generic_rpc_handlers((service,))
    port = running.add_secure_port(
        "127.0.0.1:0", grpc.ssl_server_credentials([pair], root_certificates=ca, require_client_auth=True)
    )
    await running.start()
    key = (folder / f"{client}.key").read_bytes() if client else None
    cert = (folder / f"{client}.pem").read_bytes() if client else None
    options = [("grpc.ssl_target_name_override", name)] if name else []
    try:
        credentials = grpc.ssl_channel_credentials(ca, key, cert)
        async with grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials, options) as channel:
            reply: bytes = await channel.unary_unary(METHOD, bytes, bytes)(b"", timeout=CALL_DEADLINE_S)
            return reply.decode()
    finally:
        await running.stop(None)


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    written = write_set(tmp_path / "certs", ["京0105"], now_ns())
    keys = [path for path in written if path.suffix == ".key"]
    assert {path.stem for path in keys} == {
        "ca",
        "server",
        "institution",
        "gateway",
        "tracker",
        "blacklist",
        "operator",
        "court-京0105",
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}


def test_nothing_is_overwritten_unless_forced(tmp_path: Path) -> None:
    write_set(tmp_path, ["a"], now_ns())
    before = (tmp_path / "ca.key").read_bytes()
    with pytest.raises(FileExistsError) as caught:
        write_set(tmp_path, ["b"], now_ns())
    said = "14 files exist, ca.pem among them; --force overwrites them, the CA too"
    assert str(caught.value) == f"{tmp_path}: {said}"
    assert (tmp_path / "ca.key").read_bytes() == before
    assert not (tmp_path / "court-b.pem").exists()
    write_set(tmp_path, ["a"], now_ns(), force=True)
    assert (tmp_path / "ca.key").read_bytes() != before


def test_certificate_names_the_court_and_its_time(tmp_path: Path) -> None:
    write_set(tmp_path, ["京0105"], 1_800_000_000 * 1_000_000_000)
    certificate = x509.load_pem_x509_certificate((tmp_path / "court-京0105.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["chakong://court/%E4%BA%AC0105"]
    assert certificate.not_valid_before_utc.timestamp() == 1_800_000_000 - 300


async def test_mutual_tls_shows_the_court_of_the_certificate(tmp_path: Path) -> None:
    write_set(tmp_path, ["京0105"], now_ns())
    assert await who_am_i(tmp_path, "court-京0105") == Identity(Role.COURT, "京0105", "京0105").uri
    assert await who_am_i(tmp_path, "operator") == "chakong://operator/operator"


async def test_institution_shows_the_common_name_of_development(tmp_path: Path) -> None:
    write_set(tmp_path, [], now_ns())
    seen = await who_am_i(tmp_path, "gateway", server="institution", name=INSTITUTION_HOST)
    assert seen == "chakong://service/gateway"


async def test_call_without_a_certificate_does_not_get_through(tmp_path: Path) -> None:
    write_set(tmp_path, ["a"], now_ns())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await who_am_i(tmp_path, None)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_server_certificate_is_no_client_certificate(tmp_path: Path) -> None:
    write_set(tmp_path, ["a"], now_ns())
    with pytest.raises(grpc.aio.AioRpcError):
        await who_am_i(tmp_path, "server")


def test_what_is_wrong_in_each_file_is_named(tmp_path: Path) -> None:
    write_set(tmp_path, [], now_ns())
    files = {name: tmp_path / name for name in ("ca.pem", "server.pem", "server.key", "gateway.key", "gone")}
    assert not file_faults({"cert": files["server.pem"], "key": files["server.key"], "ca": files["ca.pem"]})
    wrong = {"cert": files["server.key"], "key": files["ca.pem"], "ca": files["gone"]}
    assert [fault.split(" given; ")[1] for fault in file_faults(wrong)] == [
        "must hold certificates as PEM",
        "must hold a private key without a password as PEM",
        "must be a readable file (No such file or directory)",
    ]
    (mismatch,) = file_faults({"cert": files["server.pem"], "key": files["gateway.key"]})
    assert mismatch.startswith("key: ")
    assert "must be the key of" in mismatch


async def test_one_more_client_is_let_in_as_who_it_is(tmp_path: Path) -> None:
    write_set(tmp_path, ["京0105"], now_ns())
    officer = Identity(Role.OFFICER, "京0105", "0105045")
    add_client(tmp_path, "officer", officer, now_ns())
    assert await who_am_i(tmp_path, "officer") == officer.uri
    assert stat.S_IMODE((tmp_path / "officer.key").stat().st_mode) == 0o600


def test_without_a_ca_nobody_is_added(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        add_client(tmp_path, "officer", Identity(Role.OFFICER, "京0105", "0105045"), now_ns())
    assert not list(tmp_path.iterdir())
