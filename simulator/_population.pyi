"""Population: the catalogue and the layout, as the compiled code reads them."""

from typing import final

from simulator.layout import Layout

@final
class Population:
    def __init__(self, seed: int, layout: Layout) -> None:
        """Who owns what follows from `seed` (64 bits), the catalogue and the layout. ValueError for a seed,
        catalogue or layout beyond the limits."""
