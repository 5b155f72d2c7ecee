"""Seeds: worlds one after the other, until one breaks, and what they went through."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.simulation.plants import planted
from tests.simulation.world import Outcome, World

WORLDS_PER_COLLECTION = 10


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
    with planted(plant), _garbage_collected_rarely():
        for seed in seeds:
            outcome = World(seed).run()
            found.count += 1
            found.counts += outcome.counts
            seen()
            if found.count % WORLDS_PER_COLLECTION == 0:
                gc.collect()
            if outcome.violation:
                found.broken = outcome
                break
    return found


@contextmanager
def _garbage_collected_rarely() -> Iterator[None]:
    """A tenth of a world's time goes into looking for cycles otherwise; `run` looks itself."""
    was_enabled = gc.isenabled()
    gc.collect()
    # What was there before is not looked at each time.
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
