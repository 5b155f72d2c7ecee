"""Papers: the project's documents, taken apart: fenced blocks, links, tables.

Pure but for reading the files. It runs nothing; playing.py does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(r"^```(\w*) ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FILE_NAME = re.compile(r"# (\S+\.(?:py|toml))\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `word` stands behind the language: background or output."""

    language: str
    word: str
    text: str
    line: int

    @property
    def file_name(self) -> str:
        """A block whose first line is a comment with a file's name is what stands in that file."""
        match = _FILE_NAME.match(self.text)
        return match.group(1) if match else ""


def documents() -> list[str]:
    """Paths of all documents, relative to the project."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


@cache
def text(name: str) -> str:
    """What stands in a file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[Block]:
    """The fenced blocks of a document, in order."""
    content = text(name)
    return [
        Block(match[1], match[2], match[3], content.count("\n", 0, match.start()) + 1)
        for match in _BLOCK.finditer(content)
    ]


def prose(name: str) -> str:
    """A document without its fenced blocks."""
    return _BLOCK.sub("", text(name))


def links(name: str) -> list[str]:
    """Targets of the links of a document that lead to a place in the project."""
    return [target for target in _LINK.findall(prose(name)) if "://" not in target]


def anchors(name: str) -> set[str]:
    """What `#...` may follow a document's name: its headings as GitHub writes them."""
    headings = _HEADING.findall(prose(name))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table(name: str, heading: str) -> list[list[str]]:
    """Rows (cells without backticks) of the first table under a heading, its head left out."""
    after = re.split(rf"^#+ {re.escape(heading)}$", text(name), maxsplit=1, flags=re.MULTILINE)[1]
    return list(_rows(after))[2:]


def _rows(content: str) -> Iterator[list[str]]:
    started = False
    for line in content.splitlines():
        if line.startswith("|"):
            started = True
            yield [cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        elif started:
            return
