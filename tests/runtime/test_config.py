"""Config: file, environment and defaults; every mistake at once, and no secret shown."""

import os
import tomllib
from pathlib import Path

import pytest

from runtime.certificates import write_set
from runtime.clock import now_ns
from runtime.config import (
    PREFIX,
    SHOWN_CHARACTERS_MAX,
    Config,
    ConfigError,
    describe,
    load_config,
    quiet_grpc,
)
from runtime.settings import Blacklist, Journal, Listen, Projection

PLAINTEXT = "[listen]\nplaintext = true\n"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable and no file of the machine takes part."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def written(tmp_path: Path, text: str, name: str = "given.toml") -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path | None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return list(caught.value.faults)


def test_defaults_hold_where_nothing_is_given(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, PLAINTEXT))
    assert config.listen.address == "127.0.0.1:7443"
    assert config.metrics.address == "127.0.0.1:9464"
    assert (config.line.reply_timeout_s, config.line.open_at_once, config.line.streams) == (60.0, 64, 1)
    assert config.limits.message_bytes_max == 4 * 1024 * 1024


def test_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAKONG_LINE__STREAMS", "3")
    config = load_config(written(tmp_path, PLAINTEXT + "[line]\nstreams = 2\nopen_at_once = 7\n"))
    assert (config.line.streams, config.line.open_at_once) == (3, 7)


def test_file_is_found_by_variable_and_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, PLAINTEXT + "[line]\nstreams = 2\n", "chakong.toml")
    assert load_config().line.streams == 2
    other = written(tmp_path, PLAINTEXT + "[line]\nstreams = 5\n", "other.toml")
    monkeypatch.setenv("CHAKONG_CONFIG", str(other))
    assert load_config().line.streams == 5


def test_every_mistake_is_reported_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAKONG_LINE__SPEED", "9")
    monkeypatch.setenv("CHAKONG_COLOUR", "red")
    path = written(
        tmp_path,
        'nonsense = 1\n[listen]\naddress = "0.0.0.0:1"\nplaintext = true\n[line]\nstreams = "many"\n'
        '[endpoints]\nplaintext = true\n[endpoints.addresses]\n"union-11" = "10.0.0.1:1"\n"union-13" = "x"\n'
        '"union-99" = "127.0.0.1:1"\n[log]\nlevel = "loud"\n',
    )
    faults = faults_of(path)
    fields = sorted(fault.split(":")[0] for fault in faults)
    assert fields == [
        "CHAKONG_COLOUR",
        "endpoints.addresses.union-11",
        "endpoints.addresses.union-13",
        "endpoints.addresses.union-99",
        "line.speed",
        "line.streams",
        "listen.plaintext",
        "log.level",
        "nonsense",
    ]
    assert "log.level: 'loud' given; must be 'debug', 'info', 'warning' or 'error'" in faults


def test_missing_certificates_are_mistakes() -> None:
    fields = [fault.split(":")[0] for fault in faults_of(None)]
    assert fields == ["chakong.toml", "listen.cert", "listen.key", "listen.ca"]


def test_a_file_that_was_not_found_is_named_before_all_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = f"chakong.toml: not found in {tmp_path}; give --config FILE or set CHAKONG_CONFIG"
    assert faults_of(None)[0] == said
    monkeypatch.setenv("CHAKONG_LISTEN__PLAINTEXT", "true")
    assert load_config().listen.plaintext
    monkeypatch.setenv("CHAKONG_LISTEN__PLAINTEXT", "false")
    assert said not in faults_of(written(tmp_path, ""))


@pytest.mark.parametrize("text", ["listen = [", "listen = 3", 'endpoints = "x"', "[[line]]\n"])
def test_file_of_another_shape_is_a_mistake_and_no_crash(tmp_path: Path, text: str) -> None:
    assert faults_of(written(tmp_path, text))


def test_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "gone.toml")
    assert "No such file" in fault


def test_a_file_too_deep_to_read_is_a_mistake(tmp_path: Path) -> None:
    (fault,) = faults_of(written(tmp_path, "a = " + "[" * 100_000))
    assert ": not TOML: " in fault


def test_a_file_that_is_not_toml_is_the_only_mistake(tmp_path: Path) -> None:
    path = written(tmp_path, "[listen]\naddress = nowhere\n")
    assert faults_of(path) == [f"{path}: not TOML: Invalid value (at line 2, column 11)"]


def test_a_misspelt_key_comes_first_with_the_one_that_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAKONG_COLOUR", "red")
    text = "[endpoints]\nplaintxt = true\nzzz = 1\n[lisen]\nx = 1\n"
    faults = faults_of(written(tmp_path, text))
    assert faults[:4] == [
        "endpoints.plaintxt: unknown key; did you mean plaintext?",
        "endpoints.zzz: unknown key",
        "lisen: unknown key; did you mean listen?",
        "CHAKONG_COLOUR: unknown variable; must be CHAKONG_<SECTION>__<KEY>",
    ]
    assert [fault.split(":")[0] for fault in faults[4:7]] == ["listen.cert", "listen.key", "listen.ca"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////nowhere/at/all", "must be a file in a folder that exists"),
        ("sqlite:///:memory:", "no file given"),
        ("postgresql+nix://u:geheim@h/db", "nix"),
        ("postgresql+asyncnix", "URL"),
        ("mysql://u:geheim@h/db", "must begin with"),
    ],
)
def test_a_projection_that_the_start_would_refuse_is_a_mistake(tmp_path: Path, url: str, said: str) -> None:
    (fault,) = faults_of(written(tmp_path, PLAINTEXT + f'[projection]\nurl = "{url}"\n'))
    assert fault.startswith("projection.url: ")
    assert said in fault
    assert "geheim" not in fault


@pytest.mark.parametrize("path", ["nowhere/journal", "file"])
def test_a_journal_that_cannot_be_made_is_a_mistake(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    (fault,) = faults_of(written(tmp_path, PLAINTEXT + f'[journal]\npath = "{path}"\n'))
    # The end of a long path is not shown.
    shown = repr(str(tmp_path / path))[:SHOWN_CHARACTERS_MAX]
    assert fault.startswith(f"journal.path: {shown} given; must be a folder in one that exists")


def test_a_journal_without_a_name_is_made_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, PLAINTEXT, "etc/chakong.toml")
    beside = tmp_path / "etc" / "chakong.journal"
    assert load_config(path).journal.path == beside
    monkeypatch.setenv("CHAKONG_CONFIG", str(path))
    assert load_config().journal.path == beside
    monkeypatch.setenv("CHAKONG_JOURNAL__PATH", "elsewhere")
    assert load_config().journal.path == Path("elsewhere")


def test_grpc_is_quiet_unless_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRPC_VERBOSITY", "debug")
    quiet_grpc()
    assert os.environ["GRPC_VERBOSITY"] == "debug"
    monkeypatch.delenv("GRPC_VERBOSITY")
    quiet_grpc()
    assert os.environ["GRPC_VERBOSITY"] == "NONE"


def test_addresses_that_are_no_table_are_a_mistake_beside_a_file_of_them(tmp_path: Path) -> None:
    written(tmp_path, '{"union-11": "127.0.0.1:1"}', "endpoints.json")
    text = PLAINTEXT + '[endpoints]\nfile = "endpoints.json"\nplaintext = true\naddresses = "x"\n'
    assert faults_of(written(tmp_path, text)) == [
        "endpoints.addresses: 'x' given; must be a valid dictionary"
    ]


def test_certificates_are_looked_into_beside_all_other_mistakes(tmp_path: Path) -> None:
    write_set(tmp_path, ["京0105"], now_ns())
    text = '[listen]\ncert = "server.pem"\nkey = "gateway.key"\nca = "ca.key"\n[line]\nstreams = 0\n'
    fields = [fault.split(":")[0] for fault in faults_of(written(tmp_path, text))]
    assert fields == ["listen.ca", "listen.key", "line.streams"]


def test_table_in_the_environment_must_be_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAKONG_LISTEN__PLAINTEXT", "true")
    monkeypatch.setenv("CHAKONG_ENDPOINTS__ADDRESSES", "{")
    monkeypatch.setenv("CHAKONG_LINE__STREAMS", "0")
    assert faults_of(written(tmp_path, "")) == [
        "CHAKONG_ENDPOINTS__ADDRESSES: '{' given; must be a JSON object",
        "line.streams: '0' given; must be greater than or equal to 1",
    ]


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, PLAINTEXT + '[journal]\npath = "state/j.db"\n', "etc/chakong.toml")
    (tmp_path / "etc" / "state").mkdir()
    config = load_config(path)
    assert config.journal.path == tmp_path / "etc" / "state" / "j.db"
    assert config.projection.url == f"sqlite:///{tmp_path}/etc/state/j.db.projection"


def test_endpoints_file_is_read_and_single_addresses_go_before_it(tmp_path: Path) -> None:
    written(tmp_path, '{"union-11": "127.0.0.1:1", "union-13": "127.0.0.1:2"}', "endpoints.json")
    text = '[endpoints]\nfile = "endpoints.json"\nplaintext = true\n'
    text += '[endpoints.addresses]\n"union-13" = "127.0.0.1:9"\n'
    config = load_config(written(tmp_path, PLAINTEXT + text))
    assert config.endpoints.addresses == {"union-11": "127.0.0.1:1", "union-13": "127.0.0.1:9"}


@pytest.mark.parametrize("content", ["[]", "{", '{"union-11": 7}', '{"union-11": "x"}'])
def test_bad_endpoints_file_is_a_mistake(tmp_path: Path, content: str) -> None:
    written(tmp_path, content, "endpoints.json")
    text = PLAINTEXT + '[endpoints]\nfile = "endpoints.json"\nplaintext = true\n'
    assert any(fault.startswith("endpoints.") for fault in faults_of(written(tmp_path, text)))


def test_password_of_the_database_is_never_shown(tmp_path: Path) -> None:
    config = Config(listen=Listen(plaintext=True), projection=Projection(url="postgresql://u:geheim@h/db"))
    assert "geheim" not in describe(config)
    assert "u:***@h/db" in describe(config)
    bad = written(tmp_path, PLAINTEXT + '[projection]\nurl = "mysql://u:geheim@h/db"\n')
    assert "geheim" not in "".join(faults_of(bad))


def test_a_list_that_the_start_would_refuse_is_a_mistake_and_shows_no_password(tmp_path: Path) -> None:
    bad = written(tmp_path, PLAINTEXT + '[blacklist]\nurl = "postgresql+nix://u:geheim@h/db"\n')
    (fault,) = faults_of(bad)
    assert fault.startswith("blacklist.url: ")
    assert "geheim" not in fault
    config = Config(listen=Listen(plaintext=True), blacklist=Blacklist(url="postgresql://u:geheim@h/db"))
    assert "geheim" not in describe(config)


def test_description_is_toml_that_loads_again(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, PLAINTEXT + '[journal]\npath = "j"\n[line]\nstreams = 4\n'))
    text = describe(config)
    assert tomllib.loads(text)["line"]["streams"] == 4
    assert load_config(written(tmp_path, text, "again.toml")) == config


def test_config_made_directly_ignores_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAKONG_LINE__STREAMS", "3")
    config = Config(listen=Listen(plaintext=True), journal=Journal(path=Path("/x/j")))
    assert config.line.streams == 1
    assert config.projection.url == "sqlite:////x/j.projection"
    assert config.blacklist.url == "sqlite:////x/j.blacklist"
