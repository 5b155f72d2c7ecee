"""Rows: an entry of the list as the store hands it to screening.

A plain sequence and no object: millions of them are read at every start. Names and numbers in it are hashed
and forgotten.
"""

from collections.abc import Sequence
from typing import Final

# Eight values: id type (1 resident id, 2 credit code, 3 passport), number (bytes), name (str), listing id
# (below 2**40), kinds (bits: LISTED, RESTRICTED, DERIVED), bound (0 to 3: whom it binds, and so by which
# measures), first day and last day that it counts (days since 1970; None: no end is set).
Row = tuple[int, bytes, str, int, int, int, int, int | None] | Sequence[object]

LISTED: Final = 1
RESTRICTED: Final = 2
DERIVED: Final = 4
BOUND_COUNT: Final = 4
