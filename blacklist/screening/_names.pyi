"""Names: what of a name counts when two are compared."""

from typing import final

@final
class Folding:
    """What each character of the basic plane folds to."""

    def __init__(self, table: bytes) -> None:
        """65,536 numbers of 16 bits in the machine's order (folding.table). ValueError for another size, or a
        table that folds to surrogates."""

    def folded(self, name: bytes) -> bytes:
        """`name` is UTF-8, at most 256 bytes. ValueError otherwise; it quotes nothing of the name."""
