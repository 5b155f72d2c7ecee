"""Seeds: worlds one after the other, until one breaks, and what they went through."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.edge.serve import GARBAGE_THRESHOLDS
from tests.simulation.plants import planted
from tests.simulation.world import Outcome, World


@dataclass(slots=True)
class Found:
    """What came of them. `broken` None: every sentence held in every world."""

    count: int = 0
    broken: Outcome | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def sentence(self) -> str:
        """What to say of the one that broke, and how to see it again."""
        assert self.broken is not None
        seed = self.broken.seed
        return f"seed {seed}: {self.broken.violation}; chakong simulate-world --seed {seed}"


def run(seeds: Iterable[int], *, plant: str = "", seen: Callable[[], None] = lambda: None) -> Found:
    """Worlds of these seeds; `seen` after each."""
    found = Found()
    with planted(plant), garbage_collected_rarely():
        for seed in seeds:
            outcome = World(seed).run()
            found.count += 1
            found.counts += outcome.counts
            seen()
            if outcome.violation:
                found.broken = outcome
                break
    return found


@contextmanager
def garbage_collected_rarely() -> Iterator[None]:
    """As a gateway has it: a tenth of a world's time goes into looking for cycles otherwise."""
    before = gc.get_threshold()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
