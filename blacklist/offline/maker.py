"""Maker: makes signed snapshots and deltas of a list for units.

Pure but for the signature: list, day and times are given. It keeps nothing, so a delta can be made for any
snapshot whose id is known. Who may have which is the caller's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from blacklist.offline import seal
from blacklist.offline._proofs import Proofs, delta_body
from blacklist.offline.keys import set_key
from blacklist.screening._snapshot import Binding, Snapshot
from blacklist.screening.rows import Row
from chakong.blacklist.v1 import offline_pb2

# A set counts the days that an entry has left up to six; beyond that it could not tell.
GOOD_FOR_S_MAX: Final = 6 * 86_400
NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Unit:
    """Whom a set is for: its key, and for each bound (0 to 3) the measures that bind it."""

    key: str
    measures: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a set is made: `as_of_ns` is when the list stood so, `day` the Beijing date in days since 1970."""

    as_of_ns: int
    day: int
    good_for_s: int

    def __post_init__(self) -> None:
        if not 0 < self.good_for_s <= GOOD_FOR_S_MAX:
            raise ValueError(f"good_for_s: {self.good_for_s} given, must be 1 to {GOOD_FOR_S_MAX}")

    @property
    def good_until_ns(self) -> int:
        """After this a set is stale."""
        return self.as_of_ns + self.good_for_s * NS


class Maker:
    """`secret` is the deployment's; the snapshots given must hash with `keys.identity_key` of it."""

    def __init__(self, secret: bytes, private_key: Ed25519PrivateKey) -> None:
        self._secret = secret
        self._private_key = private_key

    def snapshot(self, listed: Snapshot, unit: Unit, snapshot_id: bytes, moment: Moment) -> bytes:
        """The file of a snapshot. Seconds at millions of entries; call it in a thread."""
        key = set_key(self._secret, unit.key, snapshot_id)
        proofs = Proofs.of_snapshot(listed, Binding(unit.measures), key.outer, moment.day)
        head = offline_pb2.SnapshotHead(
            unit=unit.key,
            snapshot_id=snapshot_id,
            version=listed.version,
            as_of_ns=moment.as_of_ns,
            good_until_ns=moment.good_until_ns,
            day=moment.day,
            bucket_bits=proofs.bucket_bits,
            entry_count=proofs.entry_count,
            odd_count=proofs.odd_count,
            bounds=[offline_pb2.BoundMeasures(measures=sorted(numbers)) for numbers in unit.measures],
            key_check=key.check,
        )
        return seal.seal(seal.SNAPSHOT, head, proofs.body(), self._private_key)

    def delta(
        self,
        listed: Snapshot,
        unit: Unit,
        snapshot_id: bytes,
        from_version: int,
        rows: Iterable[Row],
        moment: Moment,
    ) -> bytes:
        """The file of a delta. `rows`: every row that was added or removed after `from_version`, at least;
        how their numbers stand now is taken from `listed`."""
        key = set_key(self._secret, unit.key, snapshot_id)
        body, number_count = delta_body(listed, Binding(unit.measures), key.outer, rows, moment.day)
        head = offline_pb2.DeltaHead(
            unit=unit.key,
            snapshot_id=snapshot_id,
            from_version=from_version,
            version=listed.version,
            as_of_ns=moment.as_of_ns,
            good_until_ns=moment.good_until_ns,
            number_count=number_count,
        )
        return seal.seal(seal.DELTA, head, body, self._private_key)

    def key(self, unit: str, snapshot_id: bytes) -> bytes:
        """What is delivered apart: 32 bytes."""
        return set_key(self._secret, unit, snapshot_id).encoded
