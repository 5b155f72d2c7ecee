"""`chakong simulate-world`: one seed, many seeds, a planted mistake, and a wrong name."""

import sys

import pytest
from typer.testing import CliRunner

from runtime.cli import app
from tests.simulation.world import World

RUNNER = CliRunner()


def test_one_seed_is_told_with_its_story() -> None:
    result = RUNNER.invoke(app, ["simulate-world", "--seed", "3", "--story"])
    assert result.exit_code == 0, result.output
    assert f"seed 3, story {World(3).run().trace_hash}: every sentence held" in result.output
    assert "start 0" in result.output


def test_many_seeds_say_what_they_covered() -> None:
    result = RUNNER.invoke(app, ["simulate-world", "--seed", "5", "--seeds", "8"])
    assert result.exit_code == 0, result.output
    assert "8 worlds" in result.output
    assert "seeds/s" in result.output
    assert "orders taken" in result.output


def test_a_mistake_ends_with_1_and_the_seed() -> None:
    result = RUNNER.invoke(app, ["simulate-world", "--seeds", "40", "--plant", "lost-resend"])
    assert result.exit_code == 1
    assert "no rest" in result.output
    assert "chakong simulate-world --seed " in result.output


@pytest.mark.parametrize("arguments", [["--plant", "none"], ["--seeds", "0"], ["--seed", "-1"]])
def test_wrong_calls_end_with_2(arguments: list[str]) -> None:
    assert RUNNER.invoke(app, ["simulate-world", *arguments]).exit_code == 2


def test_without_the_tests_it_says_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tests.simulation.command", None)
    result = RUNNER.invoke(app, ["simulate-world"])
    assert result.exit_code == 2
    assert "in a checkout of the project" in result.output
