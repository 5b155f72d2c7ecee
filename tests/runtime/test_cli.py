"""The command line: help, exit codes, and that each command reaches its service."""

import os
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner, Result

from runtime.cli import EXIT_USAGE, app
from runtime.config import GRPC_VARIABLE, PREFIX, Config

ROOT = Path(__file__).resolve().parents[2]
PLAINTEXT = "[listen]\nplaintext = true\n"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    # Set, so that it is put back afterwards whatever a command makes of it.
    monkeypatch.setenv(GRPC_VARIABLE, "ERROR")
    monkeypatch.chdir(tmp_path)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def put_module(monkeypatch: pytest.MonkeyPatch, name: str, **attributes: object) -> None:
    module = ModuleType(name)
    module.__dict__.update(attributes)
    monkeypatch.setitem(sys.modules, name, module)


def test_help_names_every_command() -> None:
    result = call("--help")
    assert result.exit_code == 0
    for command in ("serve", "simulate", "certs", "config", "audit", "bench"):
        assert command in result.output


def test_help_imports_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("gateway.edge.serve", "simulator.command", "gateway.edge.audit", "benchmarks.bench.day"):
        monkeypatch.setitem(sys.modules, name, None)
    for arguments in (
        ["--help"],
        ["serve", "--help"],
        ["certs", "--help"],
        ["audit", "verify", "--help"],
        ["bench", "day", "--help"],
    ):
        assert call(*arguments).exit_code == 0


def test_config_check_prints_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(PLAINTEXT)
    result = call("config", "check", "--config", str(path))
    assert result.exit_code == 0
    assert 'address = "127.0.0.1:7443"' in result.stdout


def test_config_check_prints_every_mistake_and_exits_2(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(PLAINTEXT + "colour = 1\n[line]\nstreams = 0\n")
    result = call("config", "check", "--config", str(path))
    assert result.exit_code == EXIT_USAGE
    assert result.stderr.splitlines() == [
        "listen.colour: unknown key",
        "line.streams: 0 given; must be greater than or equal to 1",
    ]


def test_certs_are_made_once(tmp_path: Path) -> None:
    out = str(tmp_path / "certs")
    result = call("certs", "--out", out, "--court", "京0105", "--unit", "railway")
    assert result.exit_code == 0
    assert (tmp_path / "certs" / "court-京0105.key").is_file()
    assert (tmp_path / "certs" / "unit-railway.key").is_file()
    again = call("certs", "--out", out, "--court", "京0105")
    assert again.exit_code == EXIT_USAGE
    said = "16 files exist, ca.pem among them; --force overwrites them, the CA too"
    assert again.stderr == f"{out}: {said}\n"
    assert call("certs", "--out", out, "--court", "京0105", "--force").exit_code == 0


def test_certs_without_courts_are_for_the_sample_courts(tmp_path: Path) -> None:
    assert call("certs", "--out", str(tmp_path)).exit_code == 0
    assert len(list(tmp_path.glob("court-*.pem"))) == 8


def test_certs_refuse_a_court_that_no_certificate_can_name(tmp_path: Path) -> None:
    result = call("certs", "--out", str(tmp_path), "--court", "")
    assert result.exit_code == EXIT_USAGE
    assert result.stderr == "--court, --unit, --officer: identity: a part is empty, 1 to 64 bytes expected\n"
    assert call("certs", "--out", str(tmp_path), "--court", "a/b").exit_code == EXIT_USAGE
    assert not list(tmp_path.iterdir())


def test_certs_are_added_under_the_ca_that_is_there(tmp_path: Path) -> None:
    out = tmp_path / "certs"
    assert call("certs", "--out", str(out), "--court", "京0105").exit_code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    named = ("--court", "沪0101", "--unit", "railway", "--officer", "京0105/0105001")
    added = call("certs", "--out", str(out), "--add", *named)
    assert added.exit_code == 0
    names = ["court-沪0101", "unit-railway", "officer-京0105-0105001"]
    assert added.stdout.split() == [f"{out}/{name}{end}" for name in names for end in (".pem", ".key")]
    assert before.items() < {path.name: path.read_bytes() for path in out.iterdir()}.items()
    again = call("certs", "--out", str(out), "--add", "--unit", "railway")
    assert again.exit_code == EXIT_USAGE
    assert again.stderr == f"{out}: 2 files exist, unit-railway.pem among them; --force overwrites them\n"
    assert call("certs", "--out", str(out), "--add", "--unit", "railway", "--force").exit_code == 0
    assert (out / "ca.pem").read_bytes() == before["ca.pem"]


def test_certs_of_officers_come_with_the_others_too(tmp_path: Path) -> None:
    result = call("certs", "--out", str(tmp_path), "--court", "京0105", "--officer", "京0105/0105001")
    assert result.exit_code == 0
    assert (tmp_path / "officer-京0105-0105001.key").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--add",), "--add: nobody is named; must be with --court, --unit or --officer"),
        (("--officer", "0105001"), "--officer: '0105001' given; must be COURT/ID"),
        (("--add", "--unit", "railway"), "ca.pem': No such file or directory"),
    ],
)
def test_certs_say_what_is_missing(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    result = call("certs", "--out", str(tmp_path), *arguments)
    assert result.exit_code == EXIT_USAGE
    assert said in result.stderr
    assert not list(tmp_path.iterdir())


def test_certs_say_that_a_file_is_no_folder(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_bytes(b"")
    result = call("certs", "--out", str(taken))
    assert result.exit_code == EXIT_USAGE
    assert result.stderr == f"--out: '{taken}' is a file, must be a folder\n"
    below = call("certs", "--out", str(taken / "below"))
    assert below.exit_code == EXIT_USAGE
    assert below.stderr.startswith("--out: '")


def test_serve_runs_the_gateway_with_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[int, list[object]]] = []
    alone: list[tuple[str, Config]] = []

    async def serve(config: Config, beside: list[object]) -> None:
        served.append((config.line.streams, beside))

    async def serve_tracker(config: Config) -> None:
        alone.append(("tracker", config))

    async def serve_blacklist(config: Config) -> None:
        alone.append(("blacklist", config))

    put_module(monkeypatch, "gateway.edge.serve", serve=serve)
    put_module(monkeypatch, "tracker.serve", serve=serve_tracker, Tracker="tracker")
    put_module(monkeypatch, "blacklist.serve", serve=serve_blacklist, Blacklist="blacklist")
    monkeypatch.setattr("runtime.logs.configure", lambda _level, _layout: None)
    path = tmp_path / "c.toml"
    path.write_text(PLAINTEXT + "[line]\nstreams = 2\n")
    for arguments in ((), ("--only", "gateway"), ("--only", "tracker"), ("--only", "blacklist")):
        assert call("serve", "--config", str(path), *arguments).exit_code == 0
    assert served == [(2, ["tracker", "blacklist"]), (2, [])]
    assert [name for name, _ in alone] == ["tracker", "blacklist"]
    for name, left in (("tracker", ["blacklist"]), ("blacklist", ["tracker"])):
        path.write_text(PLAINTEXT + f"[{name}]\nenabled = false\n")
        assert call("serve", "--config", str(path)).exit_code == 0
        assert served[-1][1] == left
    assert call("serve", "--config", str(path), "--only", "nothing").exit_code == EXIT_USAGE


def test_serve_knows_what_it_can_run_alone() -> None:
    result = call("serve", "--only", "simulator")
    assert (result.exit_code, "--only" in result.stderr) == (EXIT_USAGE, True)


def test_blacklist_hands_its_commands_on() -> None:
    result = call("blacklist", "--help")
    assert result.exit_code == 0
    assert all(name in result.output for name in ("import", "export", "stats", "check"))


def test_serve_with_a_wrong_configuration_exits_2() -> None:
    result = call("serve")
    assert result.exit_code == EXIT_USAGE
    assert "listen.cert" in result.stderr


@pytest.mark.parametrize("command", ["serve", "simulate"])
def test_grpc_is_quiet_before_it_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.delenv(GRPC_VARIABLE)
    seen: list[str] = []

    class Noting(ModuleType):
        def __getattr__(self, name: str) -> object:
            seen.append(os.environ[GRPC_VARIABLE])
            raise AttributeError(name)

    for name in ("gateway.edge.serve", "simulator.command"):
        monkeypatch.setitem(sys.modules, name, Noting(name))
    (tmp_path / "chakong.toml").write_text(PLAINTEXT)
    call(command)
    assert set(seen) == {"NONE"}


def test_version_is_that_of_the_package() -> None:
    result = call("--version")
    assert (result.exit_code, result.stdout) == (0, f"chakong {metadata.version('chakong')}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("serve",),
        ("certs",),
        ("config",),
        ("config", "check"),
        ("audit",),
        ("audit", "verify"),
        ("simulate",),
    ],
)
def test_help_has_no_type_behind_a_flag_and_no_second_name(arguments: tuple[str, ...]) -> None:
    result = CliRunner(env={"COLUMNS": "110", "TERMINAL_WIDTH": "110"}).invoke(app, [*arguments, "--help"])
    assert result.exit_code == 0
    assert "--help" in result.output
    assert "<bool>" not in result.output
    assert "--no-" not in result.output


def test_simulate_hands_its_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    def simulate(scenario: str = "calm", seed: int = 1) -> None:
        """Institutions that misbehave."""
        seen.append((scenario, seed))

    put_module(monkeypatch, "simulator.command", simulate=simulate)
    assert call("simulate", "--scenario", "storm", "--seed", "9").exit_code == 0
    assert seen == [("storm", 9)]
    help_text = call("simulate", "--help").output
    assert "--scenario" in help_text
    assert "Institutions that misbehave." in help_text


def test_audit_verify_takes_the_journal_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def verify(path: Path) -> int:
        seen.append(path)
        return 0

    put_module(monkeypatch, "gateway.edge.audit", verify=verify)
    path = tmp_path / "c.toml"
    path.write_text(PLAINTEXT + '[journal]\npath = "j"\n')
    assert call("audit", "verify", "--config", str(path)).exit_code == 0
    assert call("audit", "verify", "elsewhere").exit_code == 0
    assert seen == [tmp_path / "j", Path("elsewhere")]
    assert call("audit", "verify").exit_code == EXIT_USAGE


def test_audit_verify_exits_with_the_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for verdict in (0, 1):
        put_module(monkeypatch, "gateway.edge.audit", verify=lambda _path, verdict=verdict: verdict)
        assert call("audit", "verify", str(tmp_path / "j")).exit_code == verdict


def test_a_taken_port_ends_serve_with_one_line_of_ours_and_none_of_grpc(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        text = f'[listen]\nplaintext = true\naddress = "{address}"\n[metrics]\naddress = ""\n'
        (tmp_path / "chakong.toml").write_text(text + '[log]\nlevel = "error"\n')
        code = "from runtime.cli import main; main()"
        environment = {name: value for name, value in os.environ.items() if name != GRPC_VARIABLE}
        ended = subprocess.run(
            [sys.executable, "-c", code, "serve"],
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    said = f"chakong: listen.address {address}: cannot listen there; another process may have the port\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", said)


@pytest.mark.parametrize("code", [0, 1, 130])
def test_bench_day_ends_with_the_days_exit_code(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    put_module(monkeypatch, "benchmarks.bench.day", run_day=lambda console: (console.print("a day"), code)[1])
    result = call("bench", "day")
    assert (result.exit_code, result.output) == (code, "a day\n")


def test_bench_day_says_where_benchmarks_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("benchmarks.bench.day", "benchmarks.bench", "benchmarks"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr("sys.meta_path", [_Missing("benchmarks"), *sys.meta_path])
    result = call("bench", "day")
    assert result.exit_code == EXIT_USAGE
    assert "benchmarks: not installed here" in result.output


def test_bench_day_hides_no_other_missing_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "benchmarks.bench.day", raising=False)
    monkeypatch.setattr("sys.meta_path", [_Missing("benchmarks.bench.day", "uvloop"), *sys.meta_path])
    assert isinstance(call("bench", "day").exception, ModuleNotFoundError)


class _Missing:
    """An import of `name` fails as if `missing` were not there."""

    def __init__(self, name: str, missing: str = "") -> None:
        self._name, self._missing = name, missing or name

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == self._name:
            raise ModuleNotFoundError(f"No module named {self._missing!r}", name=self._missing)
