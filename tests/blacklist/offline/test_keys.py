"""Keys: one for each unit and snapshot, and nothing of them in what is printed."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from blacklist.offline.keys import (
    KeyFileError,
    SetKey,
    identity_key,
    read_private_key,
    read_public_key,
    set_key,
)
from tests.blacklist.offline.sets import KEY, PRIVATE_KEY, PUBLIC_KEY, SECRET

PEM = serialization.Encoding.PEM
PLAIN = serialization.NoEncryption()
PKCS8 = serialization.PrivateFormat.PKCS8
PUBLIC = serialization.PublicFormat.SubjectPublicKeyInfo
ID = b"0123456789abcdef"


def test_every_unit_and_every_snapshot_has_a_key_of_its_own() -> None:
    keys = [set_key(SECRET, unit, ID[:15] + end) for unit in ("railway", "mps") for end in (b"a", b"b")]
    assert len({key.outer for key in keys}) == 4
    assert {key.identity for key in keys} == {identity_key(SECRET)}
    assert identity_key(SECRET) not in {key.outer for key in keys}


def test_same_key_is_made_again() -> None:
    assert set_key(SECRET, "railway", ID) == KEY
    assert SetKey.of_bytes(KEY.encoded) == KEY


def test_unit_and_id_cannot_be_shifted_against_each_other() -> None:
    assert set_key(SECRET, "ab", ID) != set_key(SECRET, "b", ID[1:] + b"a")


def test_key_is_not_in_its_repr() -> None:
    assert repr(KEY.outer) not in repr(KEY)
    assert str(KEY.identity) not in str(KEY)


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(KeyFileError, match="31 bytes given, 32 expected"):
        SetKey.of_bytes(b"0" * 31)
    with pytest.raises(ValueError, match="secret: 31 bytes given, at least 32"):
        identity_key(b"0" * 31)
    with pytest.raises(ValueError, match="snapshot_id: 3 bytes given, 16"):
        set_key(SECRET, "railway", b"abc")


def test_key_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "private").write_bytes(PRIVATE_KEY.private_bytes(PEM, PKCS8, PLAIN))
    (tmp_path / "public").write_bytes(PUBLIC_KEY.public_bytes(PEM, PUBLIC))
    assert read_private_key(tmp_path / "private").public_key() == PUBLIC_KEY
    assert read_public_key(tmp_path / "public") == PUBLIC_KEY


def test_other_files_are_refused(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "private").write_bytes(other.private_bytes(PEM, PKCS8, PLAIN))
    (tmp_path / "public").write_bytes(other.public_key().public_bytes(PEM, PUBLIC))
    (tmp_path / "noise").write_bytes(b"-----BEGIN NOTHING-----")
    for name in ("private", "noise"):
        with pytest.raises(KeyFileError, match=name):
            read_private_key(tmp_path / name)
    for name in ("public", "noise"):
        with pytest.raises(KeyFileError, match=name):
            read_public_key(tmp_path / name)
