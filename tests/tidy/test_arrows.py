"""Arrows: who may import whom. They run one way: core <- _core <- edge -> adapters, policy; runtime <- all.

A new package gets a line in MAY_IMPORT, a new file of gateway/core its place in CORE_ORDER.
"""

from pathlib import Path

import pytest

from tests.tidy.house import FOLDERS, imported, is_within, module, sources

# Each file may cimport those before it, and no other.
CORE_ORDER = (
    "bits",
    "hash",
    "slab",
    "wire",
    "person",
    "inquiry",
    "canonical",
    "codec",
    "table",
    "wheel",
    "orders",
    "directory",
    "ticket",
    "book",
    "log",
    "lane",
    "message",
    "line",
    "choice",
    "standing",
    "record",
    "reply",
    "tally",
    "ahead",
    "settle",
    "sweep",
    "world",
    "due",
    "route",
    "admission",
    "answer",
    "ending",
    "check",
    "face",
    "testing",
    "testing_queue",
)

# The longest name that fits an importer decides what it may import, besides itself.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "gateway": (),
    "gateway._core": ("gateway.core",),
    "gateway.core": (),
    "gateway.policy": ("gateway.directory.model",),
    "gateway.directory": ("runtime",),
    "gateway.holds": ("gateway.directory", "runtime", "chakong"),
    "gateway.edge": ("gateway", "adapters", "runtime", "chakong"),
    "gateway.client": ("runtime", "chakong"),
    "adapters": ("gateway.directory.model", "chakong"),
    "runtime": (),
    # Each command imports its service when it is called.
    "runtime.cli": (
        "gateway.edge.serve",
        "gateway.edge.audit",
        "gateway.client.holds",
        "tracker.serve",
        "tracker.command",
        "tracker.command_recompute",
        "blacklist.serve",
        "simulator.command",
        "conformance.command",
        "blacklist.command",
        "benchmarks.bench.day",
        "tests.simulation.command",
    ),
    "simulator": ("runtime", "chakong"),
    # Any institution may run it: it knows the contract and nothing of how either side is made.
    "conformance": ("runtime", "chakong"),
    "tracker": ("runtime", "chakong"),
    "blacklist": ("runtime", "chakong"),
    "benchmarks": ("gateway", "adapters", "runtime", "simulator", "tracker", "blacklist", "chakong"),
    "tests": (
        "gateway",
        "adapters",
        "runtime",
        "simulator",
        "conformance",
        "tracker",
        "blacklist",
        "benchmarks",
        "chakong",
        "setup",
    ),
    "setup": (),
}
# The package that a file may always import from: its own.
OWN = {"runtime.cli": "runtime"}
HOUSE = (*FOLDERS, "chakong", "setup")


def rule(importer: str) -> str:
    return max((name for name in MAY_IMPORT if is_within(importer, name)), key=len)


def is_allowed(importer: str, target: str) -> bool:
    if not any(is_within(target, folder) for folder in HOUSE):
        return True
    name = rule(importer)
    return any(is_within(target, package) for package in (OWN.get(name, name), *MAY_IMPORT[name]))


def core_file(path: Path) -> str | None:
    return path.stem if path.parts[:2] == ("gateway", "core") and path.stem != "__init__" else None


def test_no_import_runs_against_an_arrow() -> None:
    seen = [
        (str(path), line, target)
        for path in sources(".py", ".pyi", ".pyx", ".pxd")
        for line, target in imported(path)
        if not is_allowed(module(path), target)
    ]
    assert seen == []


def test_every_core_file_has_its_place() -> None:
    found = {core_file(path) for path in sources(".pyx", ".pxd")} - {None}
    assert found
    assert found - set(CORE_ORDER) == set()


def test_core_files_cimport_only_earlier_ones() -> None:
    backward = []
    for path in sources(".pyx", ".pxd"):
        name = core_file(path)
        if name not in CORE_ORDER:
            continue  # reported by the test above
        for line, target in imported(path):
            other = target.removeprefix("gateway.core.")
            if target.startswith("gateway.core.") and other not in (
                name,
                *CORE_ORDER[: CORE_ORDER.index(name)],
            ):
                backward.append((str(path), line, target))
    assert backward == []


def test_imports_are_absolute() -> None:
    relative = [
        (str(path), line, target)
        for path in sources(".py", ".pyi", ".pyx", ".pxd")
        for line, target in imported(path)
        if target.startswith(".")
    ]
    assert relative == []


@pytest.mark.parametrize(
    ("importer", "target", "expected"),
    [
        ("gateway.core.tally", "gateway._core", False),
        ("gateway.core.tally", "libc.stdint", True),
        ("gateway._core", "gateway.edge.pump", False),
        ("gateway.policy.breaker", "runtime.clock", False),
        ("gateway.edge.pump", "gateway._core", True),
        ("runtime.config", "gateway.edge.serve", False),
        ("runtime.cli", "gateway.edge.serve", True),
        ("runtime.cli", "gateway.edge.pump", False),
        ("simulator.server", "gateway.directory", False),
        ("simulator.server", "adapters.native", False),
        ("conformance.trial", "gateway.directory", False),
        ("conformance.trial", "simulator.books", False),
        ("tracker.rpc", "gateway.edge", False),
        ("benchmarks.demo", "tests.model", False),
        ("gateway.edge.pump", "tests.model.engine", False),
    ],
)
def test_rule_says(importer: str, target: str, expected: bool) -> None:
    assert is_allowed(importer, target) is expected
