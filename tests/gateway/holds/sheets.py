"""Sheets: a ledger's snapshot as bytes, and a ledger from it."""

from collections.abc import Sequence
from unittest.mock import patch

from chakong.journal.v1 import snapshot_pb2
from gateway.holds import Ledger, Limits, snapshot
from tests.gateway.holds.world import directory, law


def written(ledger: Ledger, seq: int = 0, sheet_bytes: int = 1 << 20) -> list[bytes]:
    """All of it at once."""
    with patch.object(snapshot, "SHEET_BYTES", sheet_bytes):
        return [sheet.SerializeToString() for sheet in ledger.snapshot(seq, 0) if sheet is not None]


def restored(sheets: Sequence[bytes], limits: Limits) -> Ledger:
    ledger = Ledger(law(), directory(), limits)
    ledger.restore(map(snapshot_pb2.Sheet.FromString, sheets))
    return ledger


def replayed(frames: Sequence[bytes], limits: Limits, ledger: Ledger | None = None, first: int = 1) -> Ledger:
    """After these steps, on top of what the ledger has."""
    ledger = ledger or Ledger(law(), directory(), limits)
    for seq, body in enumerate(frames, first):
        ledger.replay(body, seq)
    return ledger
