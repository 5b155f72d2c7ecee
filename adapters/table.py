"""Table: which adapter speaks which protocol of endpoints.jsonl.

A new protocol is a new file beside this one and a line here; the contract test takes it up from the table.
"""

from collections.abc import Mapping
from typing import Final

from adapters.contract import Adapter
from adapters.native import Native

ADAPTERS: Final[Mapping[str, Adapter]] = {"native": Native()}
