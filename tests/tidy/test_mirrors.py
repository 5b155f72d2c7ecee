"""Mirrors: every source module has its test file by name: edge/pump.py -> tests/gateway/edge/test_pump.py.

A long one may be split: test_pump_cancel.py counts for pump.py, as long as there is no pump_cancel.py.
A leading underscore is left out (_core.pyx -> test_core.py). A package's __init__ needs one when it has code.
"""

import ast
from collections.abc import Collection
from pathlib import Path

from tests.tidy.house import ROOT, SERVICES, nodes, sources, tree

# Module -> why it has none.
WITHOUT_TEST = {
    "gateway/_core.pyi": "is documentation; _core.pyx has the test",
}
# Where one test file stands for several modules: folder of modules -> test, and why.
SHARED = {
    "conformance/checks": (
        "tests/conformance/test_twists.py",
        "a check is tested by endpoints that must fail it, and its table has them all",
    ),
    "conformance/check.py": ("tests/conformance/test_registry.py", "is what the registry lists"),
    "gateway/edge/migrations": (
        "tests/gateway/edge/test_store.py",
        "a migration is tested by what is stored after it",
    ),
    "tracker/store/migrations": (
        "tests/tracker/store/test_migrate.py",
        "a migration is tested by the tables that it makes",
    ),
    **{
        f"blacklist/store/{part}.py": (
            "tests/blacklist/store/test_proposer.py",
            "is a step of a transaction, which is tested as a whole",
        )
        for part in ("case_events", "proposals")
    },
    "blacklist/store/migrations": (
        "tests/blacklist/store/test_migrate.py",
        "a migration is tested by the tables that it makes",
    ),
    **{
        f"tracker/store/{part}.py": (
            "tests/tracker/store/test_writer.py",
            "is a step of a transaction, which is tested as a whole",
        )
        for part in ("draft", "judge", "moulds", "recording", "registering", "round", "work")
    },
    **{
        f"tracker/store/{part}.py": (
            "tests/tracker/store/test_recomputing.py",
            "is a step of a recomputation, which is tested as a whole",
        )
        for part in ("difference", "folded", "piece")
    },
    "tracker/rpc/service.py": ("tests/tracker/rpc/test_cases.py", "is the table of the calls"),
    "tracker/rpc/views.py": ("tests/tracker/rpc/test_cases.py", "is what the calls show"),
    "tracker/store/tables.py": ("tests/tracker/store/test_migrate.py", "is what the migrations make"),
    **{
        f"gateway/core/{shim}.{ending}": (
            f"tests/gateway/core/test_{user}.py",
            "what lets tests call the core",
        )
        for shim, user in (("testing", "codec"), ("testing_queue", "log"))
        for ending in ("pyx", "pxd")
    },
}


def mirrored(path: Path) -> Path:
    return Path("tests", *path.parent.parts, f"test_{stem(path)}.py")


def stem(path: Path) -> str:
    return path.stem.strip("_")


def needs_test(path: Path) -> bool:
    if path.parts[0] not in SERVICES or str(path) in WITHOUT_TEST or path.suffix == ".pyi":
        return False
    if path.name == "__init__.py":
        return any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in tree(path).body)
    return True


def has_test_file(path: Path, modules: Collection[Path], tests: Collection[Path]) -> bool:
    expected = next(
        (Path(test) for folder, (test, _) in SHARED.items() if path.is_relative_to(folder)), mirrored(path)
    )
    if expected in tests:
        return True
    neighbours = {stem(other) for other in modules if other.parent == path.parent}
    return any(
        test.parent == expected.parent
        and test.stem.startswith(f"{expected.stem}_")
        and test.stem.removeprefix("test_") not in neighbours
        for test in tests
    )


def test_every_module_has_its_test_file() -> None:
    modules = [path for path in sources(".py", ".pyx", ".pxd") if needs_test(path)]
    tests = [path for path in sources(".py") if path.parts[0] == "tests"]
    assert modules
    assert [str(path) for path in modules if not has_test_file(path, modules, tests)] == []


def test_file_of_a_neighbour_does_not_count() -> None:
    pump, pump_cancel = Path("gateway/edge/pump.py"), Path("gateway/edge/pump_cancel.py")
    tests = [Path("tests/gateway/edge/test_pump_cancel.py")]
    assert has_test_file(pump, [pump], tests)
    assert not has_test_file(pump, [pump, pump_cancel], tests)
    assert has_test_file(pump_cancel, [pump, pump_cancel], tests)


def test_every_exception_is_still_needed() -> None:
    assert [path for path in WITHOUT_TEST if not (ROOT / path).exists()] == []


def test_every_test_file_has_a_test() -> None:
    empty = [
        str(path)
        for path in sources(".py")
        if path.parts[0] == "tests" and path.name.startswith("test_") and not has_test(path)
    ]
    assert empty == []


def has_test(path: Path) -> bool:
    return any(
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and node.name.lower().startswith("test")
        for node in nodes(tree(path))
    )


def test_names_are_mirrored() -> None:
    assert mirrored(Path("gateway/edge/pump.py")) == Path("tests/gateway/edge/test_pump.py")
    assert mirrored(Path("gateway/_core.pyx")) == Path("tests/gateway/test_core.py")
    assert mirrored(Path("runtime/data/__init__.py")) == Path("tests/runtime/data/test_init.py")
