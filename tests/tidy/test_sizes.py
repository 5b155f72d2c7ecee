"""Sizes: no file over 400 lines, no function over 60."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.house import nodes, sources, text, tree

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

CYTHON_FUNCTION = re.compile(r"^(\s*)(?:cdef|cpdef|def)\s[^=]*\(")


def python_functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in nodes(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def cython_functions(path: Path) -> Iterator[tuple[str, int]]:
    """By indentation: from a def to the last line that is indented deeper (its own arguments included)."""
    lines = text(path).splitlines()
    for start, line in enumerate(lines):
        match = CYTHON_FUNCTION.match(line)
        if not match:
            continue
        indent = len(match.group(1))
        last = start
        for number in range(start + 1, len(lines)):
            stripped = lines[number].strip()
            if stripped and len(lines[number]) - len(lines[number].lstrip()) <= indent and stripped[0] != ")":
                break
            last = number if stripped else last
        yield f"{path}:{start + 1} {line.strip()}", last - start + 1


def test_files_stay_under_their_limit() -> None:
    lengths = {str(path): text(path).count("\n") for path in sources(".py", ".pyi", ".pyx", ".pxd")}
    assert lengths
    assert {path: count for path, count in lengths.items() if count > FILE_LINES_MAX} == {}


def test_functions_stay_under_their_limit() -> None:
    lengths = [found for path in sources(".py") for found in python_functions(path)]
    lengths += [found for path in sources(".pyx", ".pxd") for found in cython_functions(path)]
    assert lengths
    assert [found for found in lengths if found[1] > FUNCTION_LINES_MAX] == []


def test_length_of_a_cython_function_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "x.pyx"
    first = "cdef int f(\n    int a,\n) except -1:\n    return 1\n\n    # end\n"
    path.write_text(first + "cdef int g() except -1:\n    return 2\n")
    assert [count for _, count in cython_functions(path)] == [6, 2]
