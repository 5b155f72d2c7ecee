"""Snapshot: the directory as the bytes that Engine.set_directory takes.

The layout is that of gateway/_core.pyi: little-endian, packed, a header, 8 bytes an institution, 12 an
endpoint. It checks nothing; what does not fit a field cannot come out of files.py.
"""

import struct
from collections.abc import Sequence

import numpy as np

from gateway.directory.model import CAPABILITY_BITS, Endpoint, Institution

MAGIC = b"CKDIR001"
HEADER = struct.Struct("<8sIIQ")
INSTITUTION = np.dtype([("endpoint", "<u2"), ("can", "u1"), ("province", "u1"), ("items", "<u4")])
ENDPOINT = np.dtype([("max_batch_entries", "<u4"), ("max_batch_bytes", "<u4"), ("reserved", "<u4")])


def pack(institutions: Sequence[Institution], endpoints: Sequence[Endpoint], version: int) -> bytes:
    """The snapshot of these institutions and endpoints, both in the order of their indexes."""
    institution_rows = np.array(
        [(one.endpoint, _can(one), int(one.province or "0"), _items(one)) for one in institutions],
        dtype=INSTITUTION,
    )
    endpoint_rows = np.array(
        [(one.max_batch_entries, one.max_batch_bytes, 0) for one in endpoints], dtype=ENDPOINT
    )
    header = HEADER.pack(MAGIC, len(institutions), len(endpoints), version)
    return header + institution_rows.tobytes() + endpoint_rows.tobytes()


def _can(institution: Institution) -> int:
    return sum(CAPABILITY_BITS[capability] for capability in institution.can)


def _items(institution: Institution) -> int:
    return sum(1 << (code - 1) for code in institution.items)
