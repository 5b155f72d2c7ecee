"""Config: file, environment and defaults; every mistake at once, and no secret shown."""

import os
import tomllib
from pathlib import Path

import pytest

from runtime.certificates import write_set
from runtime.clock import now_ns
from runtime.config import PREFIX, Config, ConfigError, describe, load_config
from runtime.settings import Journal, Listen, Projection

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
    assert fields == ["listen.cert", "listen.key", "listen.ca"]


@pytest.mark.parametrize("text", ["listen = [", "listen = 3", 'endpoints = "x"', "[[line]]\n"])
def test_file_of_another_shape_is_a_mistake_and_no_crash(tmp_path: Path, text: str) -> None:
    assert faults_of(written(tmp_path, text))


def test_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "gone.toml")
    assert "No such file" in fault


def test_a_file_too_deep_to_read_is_a_mistake(tmp_path: Path) -> None:
    (fault,) = faults_of(written(tmp_path, "a = " + "[" * 100_000))
    assert "must be a TOML file" in fault


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
    assert faults_of(None) == [
        "CHAKONG_ENDPOINTS__ADDRESSES: '{' given; must be a JSON object",
        "line.streams: '0' given; must be greater than or equal to 1",
    ]


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, PLAINTEXT + '[journal]\npath = "state/j.db"\n', "etc/chakong.toml")
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
