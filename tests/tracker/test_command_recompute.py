"""`chakong tracker recompute`: what would change, putting it in force, going on, and a file with mistakes."""

from pathlib import Path

from typer.testing import CliRunner, Result

from tests.tracker.store.filled import fill
from tests.tracker.store.knowing import YEAR, Knowing
from tests.tracker.store.test_recomputing import CLOSING, CLUE, HEADER, amended, differences
from tests.tracker.world import opened, sqlite_url
from tracker.command_recompute import app
from tracker.store import calendars, recomputing
from tracker.store.head import read_head, writing


def configured(folder: Path) -> Path:
    path = folder / "chakong.toml"
    path.write_text(
        f'[listen]\naddress = "127.0.0.1:0"\nplaintext = true\n[tracker]\nurl = "{sqlite_url(folder)}"\n',
        encoding="utf-8",
    )
    return path


def recompute(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["recompute", "--config", str(configured(folder)), *arguments])


def rules(folder: Path, text: str) -> str:
    path = folder / "new.toml"
    path.write_text(HEADER + text, encoding="utf-8")
    return str(path)


def test_a_new_law_is_tried_and_put_in_force(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as store:
        fill(store, with_events=True)
        file = rules(tmp_path, CLOSING + CLUE)
        result = recompute(tmp_path, "--rules", file, "--dry-run")
        assert result.exit_code == 0, result.output
        assert "36 cases looked at" in result.output
        assert "31 closing" in result.output
        assert "->" in result.output
        law = amended()[1]
        assert differences(store, law)
        result = recompute(tmp_path, "--rules", file)
        assert result.exit_code == 0, result.output
        assert f"law {law.version} is in force" in result.output
        assert differences(store, law) == []
        # Once more: nothing moves.
        again = recompute(tmp_path, "--dry-run").output
        assert "0 would move" in again
        assert "later" not in again


def test_what_was_interrupted_is_gone_on_with(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as store:
        fill(store)
        texts, law = amended()
        from tests.tracker.store.test_recomputing import law_of  # noqa: PLC0415
        from tests.tracker.world import NOW_NS  # noqa: PLC0415

        recomputing.Recomputing(store.engine, law_of(store), law).adopt(texts, NOW_NS)
        result = recompute(tmp_path, "--rules", rules(tmp_path, CLOSING + CLUE))
        assert "was in force already" in result.output
        assert differences(store, law) == []


def test_a_file_with_mistakes_is_refused_whole(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)):
        wrong = CLOSING.replace("months = 5", "months = -5") + CLUE.replace('kind = "duty"', 'kind = "wish"')
        result = recompute(tmp_path, "--rules", rules(tmp_path, wrong))
        assert result.exit_code == 2
        assert "node 31" in result.stderr
        assert "node 9" in result.stderr
        result = recompute(tmp_path, "--rules", str(tmp_path / "none.toml"))
        assert (result.exit_code, "none.toml: No such file" in result.stderr) == (2, True)
        (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
        result = recompute(tmp_path, "--rules", str(tmp_path / "binary.toml"))
        assert (result.exit_code, "is no text" in result.stderr) == (2, True)


def test_a_law_that_lacks_what_cases_have_is_refused_before_it_is_in_force(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as store:
        fill(store)
        file = tmp_path / "profiles.toml"
        profile = '[[profile]]\nname = "local-a"\n[[profile.override]]\nnode = 1\nlimit = { days = 2 }\n'
        file.write_text(profile, encoding="utf-8")
        for more in ((), ("--dry-run",)):
            result = recompute(tmp_path, "--rules", str(file), *more)
            assert (result.exit_code, "profile local-b: missing" in result.stderr) == (2, True)
        with store.engine.connect() as connection:
            assert read_head(connection).law_id == 1


def test_where_a_year_is_not_known_that_cases_are_counted_with_nothing_is_recomputed(
    tmp_path: Path, knowing: Knowing
) -> None:
    with opened(sqlite_url(tmp_path)) as store:
        fill(store)
        knowing.learn()
        with writing(store.engine) as connection:
            calendars.widen(connection)
        knowing.forget()
        for more in ((), ("--dry-run",)):
            result = recompute(tmp_path, *more)
            assert (
                result.exit_code,
                f"calendar.holidays: the cases are counted with the holidays of {YEAR}" in result.stderr,
            ) == (2, True)
        with store.engine.connect() as connection:
            assert read_head(connection).law_id == 1
