"""Standing: the nodes of a case as they follow from its events, packed into a few bytes.

What a case's due nodes and tallies were made from stands in its row, so that the next event takes back just
that, and a recomputation reads whole columns. Pure; what is packed depends on no day of reading.
"""

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from tracker.store.names import Origin

OPEN: Final = 1
DONE: Final = 2
ENDED: Final = 3

# Flags of a node. PROVISIONAL: the holidays of its year are not known yet.
PROVISIONAL: Final = 1

# The same bytes for one node at a time, and for millions. Days are dates such as 20261122. `thing` counts
# lines of the row's `things`, 0 is the case itself.
RECORD: Final = np.dtype(
    [
        ("number", "<u1"),
        ("state", "<u1"),
        ("flags", "<u2"),
        ("thing", "<u2"),
        ("stopped_days", "<u2"),
        ("start", "<u4"),
        ("due", "<u4"),
        ("amber", "<u4"),
        ("red", "<u4"),
        ("done", "<u4"),
        ("origin_id", "<u4"),
        ("variant", "<u4"),
    ]
)
_ONE: Final = struct.Struct("<BBHHHIIIIIII")
if _ONE.size != RECORD.itemsize:
    raise AssertionError("standing: the two descriptions of a record differ")


NOWHERE: Final = Origin("", "", 0)


class Node(NamedTuple):
    """One node of a case, as it is kept. `variant` and `stopped_days`: what a recomputation needs besides."""

    number: int
    thing: str
    state: int
    start: int
    due: int = 0
    amber: int = 0
    red: int = 0
    done: int = 0
    flags: int = 0
    stopped_days: int = 0
    variant: int = 0
    origin: Origin = NOWHERE


class Packed(NamedTuple):
    """`records`, and the things that they count."""

    records: bytes
    things: str


class Kept(NamedTuple):
    """A node as it was read from its record: the origin by number."""

    number: int
    state: int
    flags: int
    thing: str
    start: int
    due: int
    amber: int
    red: int
    done: int
    origin_id: int
    stopped_days: int
    variant: int


def pack(nodes: Sequence[Kept]) -> Packed:
    """The other way round is `unpack`."""
    things = {"": 0}
    records = bytearray()
    for node in nodes:
        records += _ONE.pack(
            node.number,
            node.state,
            node.flags,
            things.setdefault(node.thing, len(things)),
            node.stopped_days,
            node.start,
            node.due,
            node.amber,
            node.red,
            node.done,
            node.origin_id,
            node.variant,
        )
    return Packed(bytes(records), "\n".join(list(things)[1:]))


def unpack(packed: Packed) -> list[Kept]:
    """The nodes of a case."""
    things = ["", *packed.things.split("\n")] if packed.things else [""]
    found = []
    for one in _ONE.iter_unpack(packed.records):
        number, state, flags, thing, stopped_days, start, due, amber, red, done, origin_id, variant = one
        found.append(
            Kept(
                number,
                state,
                flags,
                things[thing],
                start,
                due,
                amber,
                red,
                done,
                origin_id,
                stopped_days,
                variant,
            )
        )
    return found
