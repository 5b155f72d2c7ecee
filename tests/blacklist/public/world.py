"""World of the person's side: a list in a database, what is loaded of it, and a look-up over both."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from blacklist.model import Subject
from blacklist.public.limiter import Limiter, per_second
from blacklist.public.looking import Looking, Pace, Reads, Sources
from blacklist.screening._identity import Hasher
from blacklist.screening._snapshot import Base, Snapshot
from blacklist.screening.folding import folding
from tests.blacklist.build import LAW, NOON_NS
from tests.blacklist.house import COURT, SUPERIOR
from tests.blacklist.store.world import World

KEY = b"k" * 16


@dataclass
class Loaded:
    """As Current has it."""

    snapshot: Snapshot | None
    as_of_ns: int = NOON_NS


def loaded(world: World) -> Loaded:
    """What the store has now."""
    hasher = Hasher(KEY, folding())
    version, rows = world.entries.entries()
    return Loaded(Snapshot(Base.of_entries(hasher, rows), hasher, version))


def looking(
    engine: Engine,
    *,
    reader: Reads | None = None,
    current: Callable[[], Loaded | None] | None = None,
    now_ns: Callable[[], int] = lambda: NOON_NS,
    per_s: int = 1_000,
    at_once_max: int = 8,
) -> Looking:
    """Over the list as it is now, unless told otherwise. Answers come after a millisecond."""
    world = World(engine)
    ours = loaded(world)
    rate = per_second(per_s)
    sources = Sources(current or (lambda: ours), reader or world.reader, LAW, {COURT: SUPERIOR})
    return Looking(sources, Pace(Limiter(rate, rate, rate, KEY), KEY, 1, at_once_max), now_ns)


def stranger(whom: Subject, name: str = "李四") -> Subject:
    """Of this number, with another name."""
    return Subject(whom.id_type, whom.id_number, name)
