"""House: which source files there are, and what each of them imports, defines and says.

Read-only. The rules are in the tests beside it; here is only how to look.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("gateway", "adapters", "runtime", "simulator", "conformance", "tracker", "blacklist")
FOLDERS = (*SERVICES, "benchmarks", "tests")

_IMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+c?import\s+(.*)|c?import\s+(.+))$")


@cache
def sources(*suffixes: str) -> tuple[Path, ...]:
    """Files of the house with these suffixes, relative to its root; setup.py is one of them."""
    found = [ROOT / "setup.py"] if ".py" in suffixes else []
    for folder in FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.suffix in suffixes and path.is_file()]
    return tuple(sorted(path.relative_to(ROOT) for path in found if "__pycache__" not in path.parts))


@cache
def text(path: Path) -> str:
    """What stands in a file."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(text(path), filename=str(path))


@cache
def nodes(parsed: ast.Module) -> tuple[ast.AST, ...]:
    """Everything in it, as `ast.walk` finds it; many tests look at all of it."""
    return tuple(ast.walk(parsed))


def forget_trees() -> None:
    """Let go of all parsed files."""
    nodes.cache_clear()
    tree.cache_clear()


def module(path: Path) -> str:
    """The dotted name that a file is imported by."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_within(name: str, package: str) -> bool:
    """Whether a dotted name is a package or lies in it."""
    return name == package or name.startswith(f"{package}.")


@cache
def imported(path: Path) -> tuple[tuple[int, str], ...]:
    """(line, dotted name) of everything that a .py, .pyi, .pyx or .pxd imports or cimports.

    `from a import b` gives "a.b" where that is a file or folder of the house, else "a".
    """
    if path.suffix in (".py", ".pyi"):
        return tuple(_imported_by_python(path))
    return tuple(_imported_by_cython(path))


def statements(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of each statement of a .pyx or .pxd, without comments, bracketed ones in one line."""
    start = depth = 0
    parts: list[str] = []
    quotes = ""
    for number, raw in enumerate(text(path).splitlines(), 1):
        line, quotes = _without_docstring(raw, quotes)
        line = re.sub(r"#.*", "", line).rstrip()
        if not parts and not line.strip():
            continue
        if not parts:
            start = number
        parts.append(line if not parts else line.strip())
        depth += sum(line.count(sign) for sign in "([{") - sum(line.count(sign) for sign in ")]}")
        if depth <= 0:
            yield start, " ".join(parts)
            parts, depth = [], 0


def names_in(node: ast.AST) -> Iterator[str]:
    """Identifiers that occur in an expression: names, attributes, keywords, and keys of dicts."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            yield one.id
        elif isinstance(one, ast.Attribute):
            yield one.attr
        elif isinstance(one, ast.keyword) and one.arg:
            yield one.arg
        elif isinstance(one, ast.Dict):
            yield from (
                key.value for key in one.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
            )


def dotted(node: ast.expr) -> str:
    """ "a.b.c" of an attribute chain; a call in it is written as "()"; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted(node.func)}()"
    return ""


def words(identifier: str) -> set[str]:
    """The words of an identifier in snake_case or CamelCase, in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", identifier)}


def _imported_by_python(path: Path) -> Iterator[tuple[int, str]]:
    for node in nodes(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((node.lineno, _target(base, alias.name)) for alias in node.names)


def _imported_by_cython(path: Path) -> Iterator[tuple[int, str]]:
    for number, statement in statements(path):
        match = _IMPORT.match(statement)
        if not match:
            continue
        base, names, plain = match.groups()
        found = [part.split(" as ")[0].strip(" ()") for part in (names or plain).split(",")]
        yield from ((number, _target(base, name) if base else name) for name in found if name)


@cache
def _target(base: str, name: str) -> str:
    place = ROOT.joinpath(*base.split("."), name)
    is_module = place.is_dir() or any(
        place.with_suffix(suffix).is_file() for suffix in (".py", ".pyx", ".pxd")
    )
    return f"{base}.{name}" if is_module and not base.startswith(".") else base


def _without_docstring(line: str, quotes: str) -> tuple[str, str]:
    """The line without what is inside triple quotes, and the quotes that are open after it."""
    kept = ""
    rest = line
    for _ in range(len(line) + 1):
        if quotes:
            _, closed, rest = rest.partition(quotes)
            if not closed:
                return kept, quotes
            quotes = ""
        match = re.search(r'"""|\'\'\'', rest)
        if not match:
            return kept + rest, ""
        kept += rest[: match.start()]
        quotes = match.group()
        rest = rest[match.end() :]
    return kept, quotes
