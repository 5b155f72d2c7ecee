"""`chakong blacklist check`: what it says of a set, and of people, without naming any."""

from pathlib import Path

import pytest
import typer
from cryptography.hazmat.primitives import serialization
from typer.testing import CliRunner

from blacklist.offline import command
from tests.blacklist.offline.sets import (
    AS_OF_NS,
    KEY,
    MAKER,
    NS_PER_DAY,
    PUBLIC_KEY,
    SNAPSHOT_ID,
    UNIT,
    a_list,
    moment,
    sealed,
)
from tests.blacklist.screening.model import DERIVED, row

SUBJECTS = """resident_id,11010519491231002X,張 三
resident_id,11010519491231002x,李四
passport,E12345678,张三
resident_id,123,张三
nothing
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command's arguments; the clock stands at the moment the set was made."""
    (tmp_path / "set").write_bytes(sealed(row(), row(1, kinds=DERIVED, bound=2)))
    (tmp_path / "key").write_bytes(KEY.encoded)
    pem = PUBLIC_KEY.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public").write_bytes(pem)
    at(monkeypatch, 0)
    monkeypatch.chdir(tmp_path)
    return ["set", "--key", "key", "--public-key", "public", "--unit", "railway"]


def at(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr("runtime.clock.now_ns", lambda: AS_OF_NS + days * NS_PER_DAY + 5 * 10**9)


def run(arguments: list[str], stdin: str = "") -> tuple[int, str]:
    app = typer.Typer()
    app.command()(command.check)
    result = CliRunner().invoke(app, arguments, input=stdin)
    return result.exit_code, result.output


def test_good_set_is_told_with_version_and_age(files: list[str]) -> None:
    assert run(files) == (0, "unit railway, version 1, 5 s old, 2 entries, signature good\n")


def test_people_are_told_by_line(files: list[str]) -> None:
    code, output = run([*files, "--subjects", "-"], SUBJECTS)
    assert code == 1
    assert output.splitlines()[1:] == [
        "1 CONFIRM_LISTED measures 28",
        "2 CHECK_BY_HAND",
        "3 CLEAR",
        "4 NOT_SCREENED",
        "5 NOT_SCREENED: must be 3 columns, the first of resident_id, credit_code, passport",
    ]
    assert "三" not in output
    assert "11010519491231002" not in output


def test_people_are_read_from_a_file_too(files: list[str]) -> None:
    Path("people.csv").write_text(SUBJECTS.splitlines()[2] + "\n", encoding="utf-8")
    assert run([*files, "--subjects", "people.csv"])[0] == 0


def test_delta_is_laid_over(files: list[str]) -> None:
    delta = MAKER.delta(a_list(row(1), version=3), UNIT, SNAPSHOT_ID, 1, [row()], moment())
    Path("delta").write_bytes(delta)
    code, output = run([*files, "--delta", "delta", "--subjects", "-"], SUBJECTS.splitlines()[0])
    assert (code, output.splitlines()[1]) == (0, "1 CLEAR")
    assert "version 3" in output


def test_stale_set_is_refused_and_says_how_old(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 2)
    code, output = run([*files, "--subjects", "-"], SUBJECTS)
    assert code == 1
    assert output.splitlines() == [
        "unit railway, version 1, 172805 s old, 2 entries, signature good",
        "stale: 172805 s old, at most 86400 s expected",
    ]


def test_tampered_set_is_refused(files: list[str]) -> None:
    Path("set").write_bytes(Path("set").read_bytes()[:-1] + b"x")
    code, output = run(files)
    assert (code, output) == (1, "body: not the one that was signed\n")


@pytest.mark.parametrize("name", ["set", "key", "public"])
def test_missing_file_is_a_wrong_call(files: list[str], name: str) -> None:
    Path(name).unlink()
    code, output = run(files)
    assert (code, output) == (2, f"{name}: No such file or directory\n")


@pytest.mark.parametrize("name", ["key", "public"])
def test_file_that_is_no_key_is_a_wrong_call(files: list[str], name: str) -> None:
    Path(name).write_bytes(b"no key")
    code, _ = run(files)
    assert code == 2


def test_people_in_no_csv_are_a_wrong_call(files: list[str]) -> None:
    Path("people.csv").write_bytes(b"\xff\xfe")
    assert run([*files, "--subjects", "people.csv"])[0] == 2
    assert run([*files, "--subjects", "nowhere.csv"])[0] == 2
