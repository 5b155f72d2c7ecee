"""Snapshot: the layout of _core.pyi, byte for byte."""

import struct

from gateway.directory import Directory
from gateway.directory.model import Endpoint, Institution
from gateway.directory.snapshot import pack


def test_layout_is_that_of_the_engine() -> None:
    can = frozenset({"INQUIRE", "DEDUCT"})
    bank = Institution(0, "k", "z", "city_bank", "33", 1, (1, 5), can)
    unit = Institution(1, "u", "z", "unit", "", 0, (25,), frozenset())
    endpoints = [
        Endpoint(0, "a", "direct", "z", "native", 4096, 1 << 20, 2, "always", (1,), "unit"),
        Endpoint(1, "b", "direct", "z", "native", 8192, 4096, 4, "always", (0,), "city_bank"),
    ]
    expected = struct.pack("<8sIIQ", b"CKDIR001", 2, 2, 9)
    expected += struct.pack("<HBBI", 1, 5, 33, 0b10001)
    expected += struct.pack("<HBBI", 0, 0, 0, 1 << 24)
    expected += struct.pack("<III", 4096, 1 << 20, 0)
    expected += struct.pack("<III", 8192, 4096, 0)
    assert pack([bank, unit], endpoints, 9) == expected


def test_installed_directory_has_the_size_of_its_rows() -> None:
    assert len(Directory.load().snapshot()) == 24 + 3_916 * 8 + 372 * 12
