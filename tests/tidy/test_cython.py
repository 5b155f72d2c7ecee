"""Cython: cdef functions state their exception clause, classes are final, each .pyx has its .pxd."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.tidy.house import sources, statements, text

NOT_A_FUNCTION = re.compile(r"\s*(?:public\s+|api\s+)*(class|struct|union|enum|packed|extern|fused)\b")
CLAUSE = re.compile(r"\s*(noexcept nogil|except\s*[?*+]?\s*(-?\w+)?(\s+nogil)?)\s*(:.*)?$")
# Functions that return Python objects raise by returning NULL, and take no clause.
OBJECTS = frozenset(
    {"object", "bytes", "bytearray", "str", "list", "dict", "set", "frozenset", "tuple", "type"}
)
# Type names of gateway/core and simulator are C structs; names of cdef classes are found in the files.
CLASS = re.compile(r"^\s*cdef\s+class\s+(\w+)")


@cache
def classes() -> frozenset[str]:
    found = (CLASS.match(statement) for path in sources(".pyx", ".pxd") for _, statement in statements(path))
    return frozenset(match.group(1) for match in found if match)


def without_clause(statement: str) -> bool:
    """Whether this statement declares or defines a cdef function that says nothing about exceptions."""
    match = re.match(r"\s*(?:cdef|cpdef)\s+(.*)", statement)
    if not match or NOT_A_FUNCTION.match(match.group(1)):
        return False
    head, bracket, tail = match.group(1).partition("(")
    if not bracket or "=" in head:
        return False
    declared = head.replace("inline", "").split()
    returned = " ".join(declared[:-1]) if declared else ""
    if (returned in OBJECTS or returned in classes() or not returned) and "*" not in head:
        return False
    depth = 1
    for position, sign in enumerate(tail):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0:
            return not CLAUSE.fullmatch(tail[position + 1 :])
    return True


def offences() -> Iterator[tuple[str, int, str]]:
    for path in sources(".pyx", ".pxd"):
        for line, statement in statements(path):
            if without_clause(statement):
                yield str(path), line, statement.strip()


def test_every_cdef_function_states_its_exception_clause() -> None:
    assert sources(".pyx")
    assert list(offences()) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("cdef int f(int a) noexcept nogil", False),
        ("cdef inline uint8_t* f(int (*g)(int) noexcept nogil) except NULL nogil:", False),
        ("cdef int f(int a) except -1:", False),
        ("cdef void f(int a) except *:", False),
        ("cdef bytes f(int a):", False),
        ("cdef int f(int a):", True),
        ("cdef int f(int a) nogil:", True),
        ("cdef int f(int a) noexcept:", True),
        ("cdef inline void f() nogil: return", True),
        ("cdef bytes* f(int a):", True),
        ("cpdef int f(int a):", True),
        ("cdef int a = f(3)", False),
        ("cdef struct Slice:", False),
        ("cdef class Engine:", False),
        ("def f(int a):", False),
    ],
)
def test_missing_clause_is_seen(statement: str, expected: bool) -> None:
    assert without_clause(statement) is expected


def test_every_pyx_has_its_pxd() -> None:
    alone = [str(path) for path in sources(".pyx") if path.with_suffix(".pxd") not in sources(".pxd")]
    assert alone == []


def test_constants_are_enums() -> None:
    found = [
        (str(path), line)
        for path in sources(".pyx", ".pxd")
        for line, statement in statements(path)
        if re.match(r"\s*DEF\s", statement)
    ]
    assert found == []


def test_classes_are_final() -> None:
    loose = []
    for path in sources(".pyx"):
        before = ""
        for line, statement in statements(path):
            if CLASS.match(statement) and before.strip() not in ("@cython.final", "@final"):
                loose.append((str(path), line, statement.strip()))
            before = statement
    assert loose == []


def test_pure_c_functions_hold_no_assert() -> None:
    """An assert in a noexcept function would be printed and lost."""
    lost = []
    for path in sources(".pyx", ".pxd"):
        is_inside, indent = False, 0
        for line, statement in statements(path):
            depth = len(statement) - len(statement.lstrip())
            if is_inside and depth <= indent:
                is_inside = False
            if re.match(r"\s*(cdef|cpdef)\s.*\bnoexcept\b.*:$", statement):
                is_inside, indent = True, depth
            elif is_inside and re.match(r"\s*assert\b", statement):
                lost.append((str(path), line))
    assert lost == []


def test_no_file_is_included() -> None:
    assert [
        str(path) for path in sources(".pyx", ".pxd") if re.search(r"^\s*include ", text(path), re.M)
    ] == []
