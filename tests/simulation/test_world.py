"""A world is the same each time its seed is run, and replaces gRPC, SQL, files and the clock, and nothing
else."""

import gc
import inspect
import sys
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest

from gateway.directory import Directory
from gateway.edge.dispatch import Dispatch
from gateway.edge.handout import Handout
from gateway.edge.journal import Journal
from gateway.edge.line import Line
from gateway.edge.projection import Projection
from gateway.edge.pump import Pump
from gateway.edge.serve import Gateway, Outside
from gateway.edge.server import Server
from gateway.edge.store import Store
from gateway.holds import Ledger
from runtime import clock
from tests.simulation.archive import Archive
from tests.simulation.memory_journal import MemoryJournal
from tests.simulation.office import Entrance, Replaced
from tests.simulation.town import directory
from tests.simulation.world import World

SEEDS = (0, 1, 2, 3, 5, 8, 13)
PROJECT = ("gateway", "runtime", "simulator", "adapters", "chakong")
TURNS_LOOKED_AT = (40, 150, 250)
# Whose code stands where gRPC, the files, the tables and time would; and who waits for its answers.
REPLACING = {"channel", "network", "office", "memory_journal", "archive", "virtual_loop"}
CALLING = {"world", "courts", "watcher"}


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


def reached_from(gateway: Gateway) -> tuple[set[type], set[str]]:
    """The classes of everything that a gateway holds on to, through whatever it holds on to; and the modules
    of this simulation that any of it is of. Behind those nothing is looked at."""
    classes: set[type] = set()
    modules: set[str] = set()
    seen: set[int] = set()
    waiting: list[Any] = [gateway]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, (type, ModuleType, CodeType, FrameType)):
            continue
        seen.add(id(one))
        is_function = isinstance(one, FunctionType)
        module = one.__module__ if is_function else type(one).__module__
        classes.add(type(one))
        if module.startswith("tests."):
            modules.add(module.rpartition(".")[2])
        elif is_function:
            waiting += (*(one.__closure__ or ()), one.__defaults__)
        else:
            waiting += gc.get_referents(one)
    return classes, modules


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_is_the_same_story(seed: int) -> None:
    first, second = World(seed, tells=True).run(), World(seed, tells=True).run()
    assert first.story == second.story
    assert first.trace_hash == second.trace_hash
    assert first.counts == second.counts


def test_another_seed_is_another_story() -> None:
    assert len({World(seed).run().trace_hash for seed in SEEDS}) == len(SEEDS)


def test_nothing_of_the_project_is_replaced_but_the_clock() -> None:
    World(2).run()  # whatever is loaded or made on first use is there now
    before = project_attributes()
    seen: list[dict[tuple[str, str], int]] = []

    class Looking(World):
        def _after_turn(self) -> None:
            super()._after_turn()
            if self._turns in TURNS_LOOKED_AT:
                seen.append(project_attributes())

    Looking(2).run()
    assert len(seen) == len(TURNS_LOOKED_AT)
    for during in seen:
        changed = {name for name in before if before[name] != during.get(name)}
        assert changed == {("runtime.clock", "_PROCESS_CLOCK")}
    assert project_attributes() == before


def test_a_gateway_is_made_of_its_own_parts_but_for_the_replacements() -> None:
    classes: set[type] = set()
    modules: set[str] = set()

    class Looking(World):
        def _after_turn(self) -> None:
            super()._after_turn()
            if self._turns in TURNS_LOOKED_AT and self.office is not None:
                found = reached_from(self.office.gateway)
                classes.update(found[0])
                modules.update(found[1])

    Looking(2).run()
    assert modules - CALLING == REPLACING
    # It was looked at: these are all reached.
    assert {Gateway, Pump, Dispatch, Line, Ledger, Handout} <= classes
    assert {one.__name__ for one in classes} >= {"Engine", "ControlLine", "Desk", "Watch", "GrpcControlCall"}


def test_what_a_gateway_may_be_given_is_all_that_is_given() -> None:
    """Everything that its outside can replace is replaced, and there is no other way in."""
    ours = {name for name, _ in inspect.getmembers(Outside, inspect.isfunction)}
    assert ours == {"chance", "dials", "projection", "store", "server"}
    assert ours <= vars(Replaced).keys()
    parameters = inspect.signature(Gateway).parameters
    # Beside it are other services; here there are none.
    assert list(parameters) == ["config", "journal", "engine_factory", "directory", "outside", "beside"]


def test_replacements_have_the_face_of_what_they_replace() -> None:
    """A method that the gateway would call on the real one and that is missing here would be noticed late."""
    for real, ours in ((Journal, MemoryJournal), (Store, Archive), (Projection, Archive), (Server, Entrance)):
        methods = {name for name, _ in inspect.getmembers(real, inspect.isfunction) if name[0] != "_"}
        missing = methods - {name for name, _ in inspect.getmembers(ours)}
        # Only `chakong audit` and tests read all order ids.
        assert missing <= {"orders"}


def test_the_directory_is_a_part_of_the_one_that_is_installed() -> None:
    installed = {one.key: one for one in Directory.load().institutions}
    for institution in directory().institutions:
        known = installed[institution.key]
        assert (institution.can, institution.items, institution.zh) == (known.can, known.items, known.zh)


def test_the_clock_is_put_back() -> None:
    before = clock._PROCESS_CLOCK
    World(0).run()
    assert clock._PROCESS_CLOCK is before
