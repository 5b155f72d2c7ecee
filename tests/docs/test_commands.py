"""Commands: what the documents tell a reader to type, and their examples, in order, with real processes."""

import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.papers import blocks, documents, table
from tests.docs.playing import Playing

# Documents that are read one after the other, in one folder.
PLAYED = (
    ("README.md", "docs/courts.md", "docs/holds.md", "docs/tracker.md"),
    ("docs/institutions.md",),
    ("docs/operators.md",),
    ("docs/units.md",),
    ("docs/blacklist.md",),
)
SCRAPE_S_MAX = 120


@dataclass(frozen=True, slots=True)
class Scraped:
    """A metric as the running gateway has it: its type and the names of its labels."""

    kind: str
    labels: frozenset[str]


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Scraped]]:
    """The pages for courts are played; then /metrics is read, when calls were made and some were refused."""
    with Playing(tmp_path_factory.mktemp("courts")) as playing:
        for name in PLAYED[0]:
            playing.play(name)
        url = f"http://127.0.0.1:{playing.ports['9464']}/metrics"
        with urllib.request.urlopen(url, timeout=SCRAPE_S_MAX) as response:
            yield read_metrics(response.read().decode())


def read_metrics(exposition: str) -> dict[str, Scraped]:
    """The families of Prometheus' text format by the name of their samples."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", exposition, re.MULTILINE))
    labels: dict[str, set[str]] = {name: set() for name in kinds}
    for sample, names in re.findall(r"^(\w+)(?:\{(.*?)\})? \S+$", exposition, re.MULTILINE):
        family = sample if sample in kinds else re.sub(r"_(bucket|sum|count)$", "", sample)
        labels[family] |= set(re.findall(r'(\w+)="', names)) - {"le"}
    return {name: Scraped(kind, frozenset(labels[name])) for name, kind in kinds.items()}


def test_pages_for_courts_do_what_they_say_and_every_metric_is_documented(
    scraped: dict[str, Scraped],
) -> None:
    documented = {
        name: Scraped(kind, frozenset(labels.replace(",", " ").split()))
        for name, kind, labels, _ in table("docs/operators.md", "Metrics")
    }
    assert documented == scraped


@pytest.mark.parametrize("names", PLAYED[1:], ids=lambda names: names[0])
def test_page_does_what_it_says(names: tuple[str, ...], tmp_path: Path) -> None:
    with Playing(tmp_path) as playing:
        for name in names:
            playing.play(name)


def test_commands_of_the_scenarios_are_understood(tmp_path: Path) -> None:
    lines = [
        line.split("#")[0].strip()
        for block in blocks("docs/scenarios.md")
        for line in block.text.splitlines()
    ]
    commands = [line for line in lines if line.startswith("chakong simulate")]
    assert len(commands) >= 3
    with Playing(tmp_path) as playing:
        for command in commands:
            # It says what it would listen at, and ends.
            playing.run(
                f"{command.removesuffix(' --print-endpoints')} --print-endpoints", "docs/scenarios.md"
            )


def test_every_page_with_commands_is_played() -> None:
    with_commands = {name for name in documents() if any(block.language == "sh" for block in blocks(name))}
    assert with_commands == {name for names in PLAYED for name in names}


def test_every_example_is_a_file_or_a_command() -> None:
    found = [
        f"{name}:{block.line}"
        for name in documents()
        for block in blocks(name)
        if block.language in ("python", "toml") and not block.file_name
    ]
    assert found == []


def test_failing_command_is_seen(tmp_path: Path) -> None:
    with Playing(tmp_path) as playing, pytest.raises(AssertionError, match="ended with 3"):
        playing.run("true\nsh -c 'exit 3'\ntrue", "here")
