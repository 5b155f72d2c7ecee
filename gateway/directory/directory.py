"""Directory: which institutions there are, what they can do, and which endpoint speaks for them.

Frozen and versioned: a change makes a new directory with a higher version, which is swapped in whole.
Indexes and their order never change. It knows nothing of connections; dispatch does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Self

from gateway.directory import files, snapshot
from gateway.directory.model import CAPABILITY_BITS, Endpoint, Institution
from runtime import data as installed
from runtime.data import EndpointRow, InstitutionRow


@dataclass(frozen=True, slots=True)
class Directory:
    """Institutions and endpoints by index. `version` rises with every change."""

    institutions: tuple[Institution, ...]
    endpoints: tuple[Endpoint, ...]
    version: int = 1

    @classmethod
    def load(cls) -> "Directory":
        """The directory installed with chakong, read once. DirectoryError when its files are wrong."""
        return _installed()

    @classmethod
    def of(cls, institution_rows: Sequence[InstitutionRow], endpoint_rows: Sequence[EndpointRow]) -> Self:
        """The directory of these rows. DirectoryError names every fault in them."""
        parts = files.build(institution_rows, endpoint_rows)
        return cls(parts.institutions, parts.endpoints)

    def snapshot(self) -> bytes:
        """The bytes that Engine.set_directory takes."""
        return snapshot.pack(self.institutions, self.endpoints, self.version)

    def endpoint_by_key(self) -> dict[str, Endpoint]:
        """Every endpoint by its key; a new dict at each call."""
        return {endpoint.key: endpoint for endpoint in self.endpoints}

    def with_capabilities(self, capabilities: Mapping[int, frozenset[str]]) -> Self:
        """A directory where these institutions (by index) can do this, one version on; itself if equal.

        LookupError for an index that is not there, ValueError for a capability that is none.
        """
        changed: dict[int, Institution] = {}
        for index, can in capabilities.items():
            if not 0 <= index < len(self.institutions):
                raise LookupError(f"institution: {index} given, 0 to {len(self.institutions) - 1}")
            unknown = sorted(can - CAPABILITY_BITS.keys())
            if unknown:
                raise ValueError(
                    f"can of institution {index}: {unknown} given, any of {sorted(CAPABILITY_BITS)}"
                )
            if can != self.institutions[index].can:
                changed[index] = replace(self.institutions[index], can=can)
        if not changed:
            return self
        institutions = tuple(changed.get(one.index, one) for one in self.institutions)
        return replace(self, institutions=institutions, version=self.version + 1)


@cache
def _installed() -> Directory:
    """Frozen through and through, so that everybody may have the same."""
    return Directory.of(installed.institutions(), installed.endpoints())
