"""Certificates: a development CA and what it signs, for a gateway on one machine.

ECDSA P-256. Keys are written with mode 0600, and nothing is overwritten unless told so. It is not a CA
for production: there is no revocation, and the CA's key lies beside the rest.
"""

import ipaddress
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from runtime.identity import Identity, Role

VALID_DAYS = 397
# Peers whose clocks are a little behind must accept a certificate that was just made.
CLOCK_SKEW_MAX_S = 300
# One name for every institution's endpoint in development: set endpoints.server_name to it.
INSTITUTION_HOST = "institution.chakong.test"
HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_authority(now_ns: int) -> Signed:
    """A self-signed CA that may sign end certificates only."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder("chakong development CA", key, now_ns)
    builder = builder.issuer_name(_subject("chakong development CA"))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    return Signed(builder.sign(key, hashes.SHA256()), key)


def make_server(authority: Signed, name: str, hosts: Sequence[str], now_ns: int) -> Signed:
    """A server's certificate for these host names and addresses."""
    names = [_host_name(host) for host in hosts]
    return _end_certificate(authority, name, names, ExtendedKeyUsageOID.SERVER_AUTH, now_ns)


def make_client(authority: Signed, identity: Identity, now_ns: int) -> Signed:
    """A client's certificate that names this identity."""
    names = [x509.UniformResourceIdentifier(identity.uri)]
    return _end_certificate(authority, identity.name, names, ExtendedKeyUsageOID.CLIENT_AUTH, now_ns)


def write_set(
    folder: Path, courts: Sequence[str], now_ns: int, *, units: Sequence[str] = (), force: bool = False
) -> list[Path]:
    """Write a CA, server, institution, gateway, tracker, blacklist, operator and a client for each court and
    unit; the paths written.

    FileExistsError names what is already there, unless `force`.
    """
    authority = make_authority(now_ns)
    made = {
        "ca": authority,
        "server": make_server(authority, "chakong gateway", HOSTS, now_ns),
        "institution": make_server(authority, "chakong institution", (INSTITUTION_HOST, *HOSTS), now_ns),
        "gateway": make_client(authority, Identity(Role.SERVICE, "", "gateway"), now_ns),
        "tracker": make_client(authority, Identity(Role.SERVICE, "", "tracker"), now_ns),
        "blacklist": make_client(authority, Identity(Role.SERVICE, "", "blacklist"), now_ns),
        "operator": make_client(authority, Identity(Role.OPERATOR, "", "operator"), now_ns),
    }
    for court in courts:
        made[f"court-{court}"] = make_client(authority, Identity(Role.COURT, court, court), now_ns)
    for unit in units:
        made[f"unit-{unit}"] = make_client(authority, Identity(Role.UNIT, "", unit), now_ns)
    contents: dict[Path, bytes] = {}
    for name, signed in made.items():
        contents[folder / f"{name}.pem"] = signed.certificate.public_bytes(serialization.Encoding.PEM)
        contents[folder / f"{name}.key"] = _key_bytes(signed.key)
    if not force:
        _refuse_existing(folder, list(contents), "--force overwrites them, the CA too")
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        _write(path, content, mode=0o600 if path.suffix == ".key" else 0o644)
    return list(contents)


def add_client(folder: Path, name: str, identity: Identity, now_ns: int) -> None:
    """Write one more client's certificate and key, `name`.pem and `name`.key, signed by the CA that
    `write_set` wrote into this folder. OSError when it is not there."""
    certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{folder / 'ca.key'}: not such a key as write_set makes")
    signed = make_client(Signed(certificate, key), identity, now_ns)
    _write(folder / f"{name}.key", _key_bytes(signed.key), mode=0o600)
    _write(folder / f"{name}.pem", signed.certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)


def add_clients(
    folder: Path, clients: Mapping[str, Identity], now_ns: int, *, force: bool = False
) -> list[Path]:
    """The same for each file name; the paths written. FileExistsError names what is already there, unless
    `force`."""
    paths = [folder / f"{name}{ending}" for name in clients for ending in (".pem", ".key")]
    if not force:
        _refuse_existing(folder, paths, "--force overwrites them")
    for name, identity in clients.items():
        add_client(folder, name, identity, now_ns)
    return paths


def file_faults(paths: Mapping[str, Path]) -> list[str]:
    """What is wrong in the files of a certificate ("cert"), its key ("key") and a CA ("ca"), as far as given;
    each fault begins with that word."""
    faults: list[str] = []
    public_keys: dict[str, object] = {}
    for name, path in paths.items():
        try:
            content = path.read_bytes()
            if name == "key":
                public_keys[name] = serialization.load_pem_private_key(content, None).public_key()
            else:
                public_keys[name] = x509.load_pem_x509_certificates(content)[0].public_key()
        except OSError as error:
            faults.append(f"{name}: '{path}' given; must be a readable file ({error.strerror})")
        except (ValueError, TypeError, UnsupportedAlgorithm):
            wanted = "a private key without a password" if name == "key" else "certificates"
            faults.append(f"{name}: '{path}' given; must hold {wanted} as PEM")
    if {"cert", "key"} <= public_keys.keys() and public_keys["cert"] != public_keys["key"]:
        faults.append(f"key: '{paths['key']}' given; must be the key of '{paths['cert']}'")
    return faults


def _refuse_existing(folder: Path, paths: Sequence[Path], way_out: str) -> None:
    existing = [path.name for path in paths if path.exists()]
    if existing:
        there = f"{len(existing)} files exist" if len(existing) > 1 else "1 file exists"
        raise FileExistsError(f"{folder}: {there}, {existing[0]} among them; {way_out}")


def _end_certificate(
    authority: Signed,
    name: str,
    alternative_names: Sequence[x509.GeneralName],
    usage: x509.ObjectIdentifier,
    now_ns: int,
) -> Signed:
    key = ec.generate_private_key(ec.SECP256R1())
    signing_key = authority.key.public_key()
    builder = _builder(name, key, now_ns).issuer_name(authority.certificate.subject)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName(alternative_names), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key)
    builder = builder.add_extension(identifier, critical=False)
    return Signed(builder.sign(authority.key, hashes.SHA256()), key)


def _builder(name: str, key: ec.EllipticCurvePrivateKey, now_ns: int) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(seconds=CLOCK_SKEW_MAX_S))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Replace the file by one that never has a wider mode than wanted."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
