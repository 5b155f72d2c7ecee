"""Identity: a person or organisation as hashes of type, number and name."""

from typing import final

from blacklist.screening._names import Folding

@final
class Hasher:
    """Hashes with one key and one folding."""

    folding: Folding

    def __init__(self, key: bytes, folding: Folding) -> None:
        """ValueError unless the key has 16 bytes."""

    def identity(self, id_type: int, number: bytes, name: bytes) -> tuple[int, int, int]:
        """Hash of the number, hash of the name, and what is wrong (0: nothing; else both hashes are 0)."""
