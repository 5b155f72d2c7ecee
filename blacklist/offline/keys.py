"""Keys: what hashes a unit's set, and what signs it.

All keys of sets follow from one secret of the deployment: the first half hashes identities the same way
everywhere, the second half is one unit's and one snapshot's. So a set that got lost cannot be joined with
another, and no key has to be stored. Nothing here keeps a key.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HALF_BYTES: Final = 16
SECRET_BYTES_MIN: Final = 32
SNAPSHOT_ID_BYTES: Final = 16
CHECK_BYTES: Final = 8
_IDENTITY: Final = b"chakong blacklist identity"
_SET: Final = b"chakong blacklist set"


class KeyFileError(ValueError):
    """The file holds no such key; it quotes nothing of it."""


@dataclass(frozen=True, slots=True, repr=False)
class SetKey:
    """Of one unit and one snapshot. It has no repr: it must not get into a log."""

    identity: bytes
    outer: bytes

    @classmethod
    def of_bytes(cls, encoded: bytes) -> "SetKey":
        """ValueError unless it has 32 bytes."""
        if len(encoded) != 2 * HALF_BYTES:
            raise KeyFileError(f"key: {len(encoded)} bytes given, {2 * HALF_BYTES} expected")
        return cls(encoded[:HALF_BYTES], encoded[HALF_BYTES:])

    @property
    def encoded(self) -> bytes:
        """32 bytes."""
        return self.identity + self.outer

    @property
    def check(self) -> bytes:
        """What a snapshot says of its key: with another one it would find nobody."""
        return hashlib.sha256(self.encoded).digest()[:CHECK_BYTES]


def identity_key(secret: bytes) -> bytes:
    """What the service's own snapshot in memory hashes with."""
    return _derived(secret, _IDENTITY)


def set_key(secret: bytes, unit: str, snapshot_id: bytes) -> SetKey:
    """The key to a snapshot for a unit. ValueError for a secret that is too short, or another size of id."""
    if len(snapshot_id) != SNAPSHOT_ID_BYTES:
        raise ValueError(f"snapshot_id: {len(snapshot_id)} bytes given, {SNAPSHOT_ID_BYTES} expected")
    return SetKey(identity_key(secret), _derived(secret, _SET + snapshot_id + unit.encode()))


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """From PEM (PKCS 8). KeyFileError, OSError."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError(f"{path}: no private key in PEM without password") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path}: another kind of key given, Ed25519 expected")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """From PEM. KeyFileError, OSError."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError(f"{path}: no public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(f"{path}: another kind of key given, Ed25519 expected")
    return key


def _derived(secret: bytes, purpose: bytes) -> bytes:
    if len(secret) < SECRET_BYTES_MIN:
        raise ValueError(f"secret: {len(secret)} bytes given, at least {SECRET_BYTES_MIN} expected")
    return HKDF(SHA256(), HALF_BYTES, None, purpose).derive(secret)
