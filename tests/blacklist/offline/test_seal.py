"""Sealed files: opened as they were made, or not at all."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from blacklist.offline.errors import OfflineError, TamperedError, TruncatedError
from blacklist.offline.seal import DELTA, SIGNATURE_BYTES, SNAPSHOT, seal, unseal
from chakong.blacklist.v1.offline_pb2 import DeltaHead
from tests.blacklist.offline.sets import PRIVATE_KEY, PUBLIC_KEY

BODY = b"a body of some bytes"
SEALED = seal(DELTA, DeltaHead(unit="railway", version=7), BODY, PRIVATE_KEY)


def test_file_is_opened_as_it_was_made() -> None:
    head, body = unseal(DELTA, DeltaHead(), SEALED, PUBLIC_KEY)
    assert (head.unit, head.version, body) == ("railway", 7, BODY)


def test_file_cut_anywhere_is_refused() -> None:
    for size in range(len(SEALED)):
        with pytest.raises(TruncatedError):
            unseal(DELTA, DeltaHead(), SEALED[:size], PUBLIC_KEY)


def test_file_with_any_bit_turned_is_refused() -> None:
    for place in range(len(SEALED)):
        wrong = bytearray(SEALED)
        wrong[place] ^= 1 << place % 8
        with pytest.raises(OfflineError):
            unseal(DELTA, DeltaHead(), bytes(wrong), PUBLIC_KEY)


def test_file_with_a_tail_is_refused() -> None:
    with pytest.raises(TamperedError, match="not the one that was signed"):
        unseal(DELTA, DeltaHead(), SEALED + b"x", PUBLIC_KEY)


def test_file_of_another_signer_is_refused() -> None:
    with pytest.raises(TamperedError, match="signature"):
        unseal(DELTA, DeltaHead(), SEALED, Ed25519PrivateKey.generate().public_key())


def test_file_of_another_kind_is_refused() -> None:
    with pytest.raises(TruncatedError, match="CKBLSET1"):
        unseal(SNAPSHOT, DeltaHead(), SEALED, PUBLIC_KEY)


def test_head_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    wrong = SEALED[:8] + (2**31).to_bytes(4, "little") + SEALED[12:]
    with pytest.raises(TamperedError, match="at most 4096"):
        unseal(DELTA, DeltaHead(), wrong, PUBLIC_KEY)


def test_format_of_another_time_is_refused() -> None:
    head = DeltaHead.FromString(SEALED[12 : -SIGNATURE_BYTES - len(BODY)])
    head.format = 2
    encoded = head.SerializeToString(deterministic=True)
    start = DELTA + len(encoded).to_bytes(4, "little") + encoded
    with pytest.raises(TamperedError, match="format: 2 given, 1 expected"):
        unseal(DELTA, DeltaHead(), start + PRIVATE_KEY.sign(start) + BODY, PUBLIC_KEY)
