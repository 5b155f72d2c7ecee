"""Owned: what one subject has of one item at one institution, as the books need it."""

from simulator._population import Population

def owned(
    population: Population, id_type: int, number: str, name: str, item: int, institution: int
) -> list[tuple[str, str, int, str, str, str, int]]:
    """Locator, kind, amount in fen, currency, holder's number and name, burden (burden.py) of each. A number
    or name beyond the contract's limits owns nothing."""
