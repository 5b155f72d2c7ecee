"""Purity: clock, randomness and environment are read at one place each; waiting loops live at the edge."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tidy.house import dotted, imported, nodes, sources, statements, tree

HOMES = {
    "clock": frozenset({"runtime/clock.py"}),
    "chance": frozenset({"runtime/chance.py"}),
    "environment": frozenset({"runtime/config.py"}),
}
# Besides the tests: who may, and why.
EXEMPT: dict[str, dict[str, str]] = {
    "clock": {"benchmarks/": "measures durations with a finer clock than that of the day"},
    "chance": {},
    "environment": {"setup.py": "is run by pip, before there is a runtime"},
}
# Everything else has a limit to its loops.
# Programs that talk to the world until it ends; the tests of these stand in for it.
ENDLESS_ALLOWED = (
    "gateway/edge/",
    "runtime/bulk",
    "tracker/rpc/",
    "tracker/store/desk",
    "tracker/store/catching_up",
    "tracker/store/series",
    "tracker/serve",
    "runtime/steady",
    "runtime/turns",
    "blacklist/serve",
    "blacklist/public/compose",
    "blacklist/public/port",
    "simulator/server",
    "benchmarks/",
    "tests/benchmarks/",
    "tests/whole/",
    "tests/gateway/edge/",
)

CLOCK_CALLS = re.compile(
    r"(^|\.)(time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|clock_gettime|clock_gettime_ns"
    r"|localtime|gmtime|process_time|thread_time)|datetime\.(now|utcnow|today)|date\.today)$"
    r"|(^|[._])(loop|get_running_loop\(\)|get_event_loop\(\))\.time$"
)
CLOCK_NAMES = re.compile(r"^(time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns)$")
CHANCE_CALLS = re.compile(
    r"(^|\.)(os\.(urandom|getrandom)|uuid\.uuid[14]|numpy\.random|np\.random|uuid4|uuid1|urandom)$"
)
CHANCE_MODULES = frozenset({"random", "secrets", "numpy.random"})
ENVIRONMENT = re.compile(r"(^|\.)(os\.(environ|environb|getenv|getenvb|putenv)|environ|getenv)$")


def expressions(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in nodes(module):
        if isinstance(node, (ast.Attribute, ast.Name)) and isinstance(node.ctx, ast.Load):
            yield node.lineno, dotted(node)


def reads_clock(module: ast.Module) -> list[int]:
    return [line for line, name in expressions(module) if CLOCK_CALLS.search(name) or CLOCK_NAMES.match(name)]


def reads_chance(module: ast.Module) -> list[int]:
    found = [line for line, name in expressions(module) if CHANCE_CALLS.search(name)]
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found += [node.lineno for alias in node.names if alias.name in CHANCE_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module in CHANCE_MODULES:
            found.append(node.lineno)
    return found


def reads_environment(module: ast.Module) -> list[int]:
    return [line for line, name in expressions(module) if ENVIRONMENT.search(name)]


READERS: dict[str, Callable[[ast.Module], list[int]]] = {
    "clock": reads_clock,
    "chance": reads_chance,
    "environment": reads_environment,
}


@pytest.mark.parametrize("what", READERS)
def test_is_read_at_its_home_alone(what: str) -> None:
    found = [
        (str(path), line)
        for path in sources(".py")
        if path.parts[0] != "tests"
        and str(path) not in HOMES[what]
        and not str(path).startswith(tuple(EXEMPT[what]))
        for line in READERS[what](tree(path))
    ]
    assert found == []


@pytest.mark.parametrize("what", READERS)
def test_home_is_where_it_is_read(what: str) -> None:
    for home in HOMES[what]:
        assert READERS[what](tree(Path(home)))


@pytest.mark.parametrize(
    ("what", "source"),
    [
        ("clock", "import time\ntime.monotonic()"),
        ("clock", "from time import time_ns\ntime_ns()"),
        ("clock", "clock = time.time"),
        ("clock", "datetime.datetime.now(UTC)"),
        ("clock", "asyncio.get_running_loop().time()"),
        ("clock", "self._loop.time()"),
        ("chance", "import random"),
        ("chance", "from secrets import token_bytes"),
        ("chance", "os.urandom(3)"),
        ("chance", "uuid.uuid4()"),
        ("chance", "np.random.default_rng(1)"),
        ("environment", "os.environ['A']"),
        ("environment", "os.getenv('A')"),
        ("environment", "from os import environ\nenviron['A']"),
    ],
)
def test_reading_is_seen(what: str, source: str) -> None:
    assert READERS[what](ast.parse(source))


@pytest.mark.parametrize(
    "source", ["clock.now_ns()", "record.time", "random_id = 3", "environment.show()", "x.timeout"]
)
def test_what_only_looks_like_reading_is_let_through(source: str) -> None:
    assert not any(reads(ast.parse(source)) for reads in READERS.values())


def test_compiled_code_reads_none_of_them() -> None:
    forbidden = re.compile(
        r"^(libc\.time|posix\.time|random|time|datetime|os|secrets|cpython\.datetime)(\.|$)"
    )
    calls = re.compile(r"\b(rand|srand|random|drand48|clock_gettime|gettimeofday|getenv)\s*\(")
    found = [
        (str(path), line, name)
        for path in sources(".pyx", ".pxd")
        if path.parts[0] != "benchmarks"
        for line, name in imported(path)
        if forbidden.match(name)
    ]
    found += [
        (str(path), line, statement.strip())
        for path in sources(".pyx", ".pxd")
        if path.parts[0] != "benchmarks"
        for line, statement in statements(path)
        if calls.search(statement)
    ]
    assert found == []


def is_endless(node: ast.AST) -> bool:
    return isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)


def test_endless_loops_live_at_the_edge() -> None:
    found = [
        (str(path), getattr(node, "lineno", 0))
        for path in sources(".py")
        if not str(path).startswith(ENDLESS_ALLOWED)
        for node in nodes(tree(path))
        if is_endless(node)
    ]
    found += [
        (str(path), line)
        for path in sources(".pyx", ".pxd")
        for line, statement in statements(path)
        if re.match(r"\s*while\s*\(?(True|1)\)?\s*:", statement)
    ]
    assert found == []
