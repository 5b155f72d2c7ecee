"""A world is the same each time its seed is run, and replaces three things and nothing else."""

import sys
from types import ModuleType

import pytest

from gateway.edge import control_call, control_line, controls, desk, holds_watch, journal, ordering
from gateway.holds import Ledger
from runtime import clock
from tests.simulation.memory_journal import MemoryJournal
from tests.simulation.network import SimulatedCall
from tests.simulation.office import Archive
from tests.simulation.world import World

SEEDS = (0, 1, 2, 3, 5, 8, 13)
PROJECT = ("gateway", "runtime", "simulator", "adapters", "chakong")


def project_attributes() -> dict[tuple[str, str], int]:
    """Every name in every loaded module of the project, and in its classes, and what it stands for."""
    found: dict[tuple[str, str], int] = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PROJECT and isinstance(module, ModuleType):
            for attribute, value in vars(module).items():
                found[name, attribute] = id(value)
                if isinstance(value, type) and value.__module__ == name:
                    found |= {(f"{name}.{attribute}", inner): id(one) for inner, one in vars(value).items()}
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_is_the_same_story(seed: int) -> None:
    first, second = World(seed, tells=True).run(), World(seed, tells=True).run()
    assert first.story == second.story
    assert first.trace_hash == second.trace_hash
    assert first.counts == second.counts


def test_another_seed_is_another_story() -> None:
    assert len({World(seed).run().trace_hash for seed in SEEDS}) == len(SEEDS)


def test_nothing_of_the_project_is_replaced_but_the_clock() -> None:
    """What a world passes into Controls are the calls and the journal, with the store of answers."""
    World(1).run()  # whatever is loaded or made on first use is there now
    before = project_attributes()
    seen: list[dict[tuple[str, str], int]] = []

    class Looking(World):
        def start(self) -> None:
            super().start()
            seen.append(project_attributes())

    Looking(1).run()
    assert seen
    for during in seen:
        changed = {name for name in before if before[name] != during.get(name)}
        assert changed == {("runtime.clock", "_PROCESS_CLOCK")}
    assert project_attributes() == before


def test_the_gateways_own_code_is_what_runs() -> None:
    seen: list[World] = []

    class Looking(World):
        def start(self) -> None:
            super().start()
            seen.append(self)

    world = Looking(2)
    kinds: list[dict[str, type]] = []

    def look() -> None:
        office = world.office
        assert office is not None
        line = next(iter(office.controls.lines.lines.values()))
        kinds.append({
            "controls": type(office.controls),
            "desk": type(office.controls.desk),
            "ledger": type(office.ledger),
            "watch": type(office.controls.watch),
            "line": type(line),
            "call": type(line._call),
            "ordering": type(office.handlers.ordering),
            "journal": type(office.controls._journal),
            "store": type(office.handlers.claims._store),
        })  # fmt: skip

    start = Looking.start

    def start_and_look(self: Looking) -> None:
        start(self)
        look()

    Looking.start = start_and_look  # type: ignore[method-assign]
    world.run()
    assert kinds[0] == {
        "controls": controls.Controls,
        "desk": desk.Desk,
        "ledger": Ledger,
        "watch": holds_watch.HoldsWatch,
        "line": control_line.ControlLine,
        "call": SimulatedCall,
        "ordering": ordering.Ordering,
        "journal": MemoryJournal,
        "store": Archive,
    }


def test_replacements_have_the_face_of_what_they_replace() -> None:
    """A method that the gateway would call on the real one and that is missing here would be noticed late."""
    for name in ("control", "follow", "poll", "list_holds", "close"):
        assert hasattr(control_call.GrpcControlCall, name)
        assert hasattr(SimulatedCall, name)
    for name in ("append", "read"):
        assert hasattr(journal.Journal, name)
        assert hasattr(MemoryJournal, name)


def test_the_clock_is_put_back() -> None:
    before = clock._PROCESS_CLOCK
    World(0).run()
    assert clock._PROCESS_CLOCK is before
