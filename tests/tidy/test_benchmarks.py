"""Benchmarks: every module of gateway/core has a file of its own, benchmarks/core/test_<module>.py."""

import ast
from pathlib import Path

import pytest

from tests.tidy.house import ROOT, sources, tree

CORE = Path("gateway/core")
BENCHMARKS = Path("benchmarks/core")
# Module -> why nobody measures it.
NOT_MEASURED = {
    "testing": "lets tests call the core",
    "testing_queue": "lets tests call the core",
}
# What a benchmark asks pytest for.
CLOCKS = frozenset({"benchmark", "measure"})


def core_modules() -> set[str]:
    return {path.stem for path in sources(".pyx", ".pxd") if path.parent == CORE}


def benchmark_files() -> dict[str, Path]:
    """By the module each is of."""
    return {
        path.stem.removeprefix("test_"): path
        for path in sources(".py")
        if path.parent == BENCHMARKS and path.stem.startswith("test_")
    }


def benchmarks_in(module: ast.Module) -> list[str]:
    return [
        node.name
        for node in module.body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and CLOCKS & {argument.arg for argument in node.args.args}
    ]


def test_every_module_of_the_core_has_its_benchmark() -> None:
    assert core_modules()
    assert core_modules() - set(NOT_MEASURED) - set(benchmark_files()) == set()


def test_every_benchmark_of_the_core_is_of_a_module() -> None:
    assert set(benchmark_files()) - core_modules() == set()


def test_every_benchmark_file_measures_something() -> None:
    idle = [str(path) for path in benchmark_files().values() if not benchmarks_in(tree(path))]
    assert idle == []


def test_every_module_without_a_benchmark_is_there() -> None:
    assert [name for name in NOT_MEASURED if not (ROOT / CORE / f"{name}.pyx").exists()] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def test_a(measure): ...", ["test_a"]),
        ("def test_a(benchmark, size): ...", ["test_a"]),
        ("def test_a(size): ...", []),
        ("def drawn(measure): ...", []),
    ],
)
def test_benchmark_is_what_asks_for_a_clock(text: str, expected: list[str]) -> None:
    assert benchmarks_in(ast.parse(text)) == expected
