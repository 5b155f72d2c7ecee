"""Staff: the books and clerks of all endpoints, over one population.

Here they are made and handed what they share; nothing is decided. Whoever plays the institutions without
gRPC starts here too.
"""

from collections.abc import Iterable
from dataclasses import replace

from simulator._population import Population
from simulator.books.books import Books, Opening
from simulator.books.clerk import Clerk
from simulator.books.law import Law
from simulator.books.misbehaviour import Misbehaviour
from simulator.books.orders import Ability
from simulator.books.owner import Owner, PopulationOwner
from simulator.books.room import Room
from simulator.layout import Endpoint, Layout
from simulator.mixing import roll


def clerks(
    layout: Layout,
    population: Population,
    misbehaviour: Misbehaviour | None = None,
    room: Room | None = None,
) -> dict[str, Clerk]:
    """By endpoint key. They share the room; each misbehaves in its own way."""
    law, owner, shared = Law.load(), PopulationOwner(population), room or Room()
    common = misbehaviour or Misbehaviour()
    return {
        endpoint.key: Clerk(
            books_of(layout, endpoint, law, owner, shared),
            replace(common, seed=roll(common.seed, endpoint.index)),
        )
        for endpoint in layout.endpoints
    }


def books_of(layout: Layout, endpoint: Endpoint, law: Law, owner: Owner | None, room: Room) -> Books:
    """What the institutions behind it can do is in the layout."""
    able = {index: layout.institutions[index].can for index in endpoint.institutions}
    abilities = {index: Ability("FREEZE" in can, "DEDUCT" in can) for index, can in able.items()}
    return Books(abilities, law, owner, room)


def open_all(layout: Layout, staff: dict[str, Clerk], openings: Iterable[Opening], now_ns: int) -> None:
    """Each at its institution's endpoint. ValueError for one that is there already, or nowhere."""
    for opening in openings:
        if not 0 <= opening.institution < len(layout.institutions):
            raise ValueError(f"institution: {opening.institution} given")
        endpoint = layout.endpoints[layout.institutions[opening.institution].endpoint]
        staff[endpoint.key].books.open(opening, now_ns)
