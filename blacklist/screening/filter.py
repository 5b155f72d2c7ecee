"""Filter: the first stage of every screening: says of nearly everybody who is not listed that he is not.

A binary fuse filter of pyfusefilter, nine bits an entry: no key that is in it is ever missed, and one of 256
others is let through. Its keys are hashes already, so they go in as they are, past the library's own hashing
of Python objects. Immutable once built. Compiled code asks it through `addresses`.
"""

import sys

from pyfusefilter import _xorfilter

KEY_BYTES = 8
KEYS_MIN = 2

_ffi, _lib = _xorfilter.ffi, _xorfilter.lib


class Filter:
    """Of 64-bit keys in the machine's order, each once. ValueError when the library finds no filter."""

    def __init__(self, keys: bytes) -> None:
        if len(keys) % KEY_BYTES:
            raise ValueError(f"keys: {len(keys)} bytes given, must be a multiple of {KEY_BYTES}")
        self.key_count = len(keys) // KEY_BYTES
        self._filter = _ffi.gc(_ffi.new("binary_fuse8_t *"), _lib.binary_fuse8_free)
        # The library builds none of fewer than two: some that nobody looks for are put in beside them.
        padding = [key for key in range(KEYS_MIN) if key.to_bytes(KEY_BYTES, sys.byteorder) != keys]
        padded = keys + b"".join(key.to_bytes(KEY_BYTES, sys.byteorder) for key in padding)
        given = keys if self.key_count >= KEYS_MIN else padded
        count = len(given) // KEY_BYTES
        if not _lib.binary_fuse8_allocate(count, self._filter):
            raise MemoryError
        if not _lib.binary_fuse8_populate(_ffi.from_buffer("uint64_t[]", given), count, self._filter):
            raise ValueError(f"keys: {self.key_count} given, no filter found; is one there twice?")

    @property
    def size_bytes(self) -> int:
        """What it holds in memory."""
        return int(_lib.binary_fuse8_size_in_bytes(self._filter))

    @property
    def addresses(self) -> tuple[int, int]:
        """Of the function that looks for a key, and of what it is to look in; good while this object
        lives."""
        contain = _ffi.addressof(_lib, "binary_fuse8_contain")
        return int(_ffi.cast("uintptr_t", contain)), int(_ffi.cast("uintptr_t", self._filter))

    @property
    def places(self) -> tuple[int, int, int, int, int]:
        """By what the library finds a key's cells: seed, segment length and mask, segments' length in all,
        and the address of the first cell; good while this object lives."""
        made = self._filter
        cells = int(_ffi.cast("uintptr_t", made.Fingerprints))
        return made.Seed, made.SegmentLength, made.SegmentLengthMask, made.SegmentCountLength, cells

    def __contains__(self, key: int) -> bool:
        return bool(_lib.binary_fuse8_contain(key, self._filter))
