"""Words: docstrings first, names that say something, nothing left to do later."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tidy.house import FOLDERS, nodes, sources, text, tree, words

FORBIDDEN = frozenset({"data", "info", "manager", "helper", "helpers", "util", "utils"})
# Path -> why its name stays.
NAMED_SO = {"runtime/data/__init__.py": "a folder of files; the layout names it so"}
LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
SKIPPING = frozenset(
    {"skip", "skipif", "xfail", "importorskip", "SkipTest", "skipTest", "skipIf", "skipUnless"}
)


def opens_with_docstring(path: Path) -> bool:
    if path.suffix in (".py", ".pyi"):
        # An empty __init__ says nothing and needs not to.
        return bool(ast.get_docstring(tree(path))) or not text(path).strip()
    return text(path).lstrip().startswith('"""')


def defined(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in nodes(module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.lineno, node.name


def skips(module: ast.Module) -> Iterator[int]:
    for node in nodes(module):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in SKIPPING:
            yield getattr(node, "lineno", 0)


def test_every_module_opens_with_a_docstring() -> None:
    assert [
        str(path) for path in sources(".py", ".pyi", ".pyx", ".pxd") if not opens_with_docstring(path)
    ] == []


def test_names_say_something() -> None:
    found = [
        (str(path), line, name)
        for path in sources(".py")
        for line, name in defined(tree(path))
        if words(name) & FORBIDDEN and path.parts[0] != "tests"
    ]
    found += [
        (str(path), 0, part)
        for path in sources(".py", ".pyx", ".pxd")
        if str(path) not in NAMED_SO and path.parts[0] != "tests"
        for part in (*path.parts[:-1], path.stem)
        if words(part) & FORBIDDEN
    ]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    found = [
        (str(path), line)
        for path in sources(".py", ".pyi", ".pyx", ".pxd")
        for line, content in enumerate(text(path).splitlines(), 1)
        if LATER.search(content)
    ]
    assert found == []


def test_no_test_is_left_out() -> None:
    found = [
        (str(path), line) for path in sources(".py") if path.parts[0] == "tests" for line in skips(tree(path))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("load_data", {"load", "data"}),
        ("ConnectionManager", {"connection", "manager"}),
        ("HTTPInfo", {"http", "info"}),
        ("metadata", {"metadata"}),
        ("_helper2", {"helper", "2"}),
    ],
)
def test_words_of_a_name(identifier: str, expected: set[str]) -> None:
    assert words(identifier) == expected


def test_skipped_test_is_seen() -> None:
    assert list(skips(ast.parse("@pytest.mark.skip\ndef test_x(): ...")))
    assert not list(skips(ast.parse("skip_field(reader)")))


def test_folders_of_the_house_are_all_looked_at() -> None:
    assert {path.parts[0] for path in sources(".py")} >= set(FOLDERS) & {
        path.name for path in Path(__file__).parents[2].iterdir() if path.is_dir()
    }
