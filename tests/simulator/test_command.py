"""`chakong simulate` as a process."""

import asyncio
import json
import re
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from chakong.institution.v1 import test_bench_pb2, test_bench_pb2_grpc
from runtime.certificates import write_set
from runtime.clock import now_ns
from simulator.address import address_of
from simulator.books.misbehaviour import NAMES
from simulator.command import simulate
from simulator.layout import Layout
from simulator.scenarios import MIXTURES, Scenario
from simulator.server import METADATA_KEY, Binding, InstitutionServer
from tests.simulator.lines import WAIT_S, channel_to, describe

ROOT = Path(__file__).resolve().parents[2]
STOP_S = 120.0
TLS_FILES = {
    "--certificate": "institution.pem",
    "--key": "institution.key",
    "--client-authority": "ca.pem",
}


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command()(simulate)
    return app


@pytest.mark.parametrize("options", [(), ("--one-address",)])
async def test_it_says_when_it_is_ready_and_stops_when_told(layout: Layout, options: tuple[str, ...]) -> None:
    arguments = ("-m", "simulator", "--port", "0", "--scenario", "storm", *options)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=PIPE)
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 3 * WAIT_S)).decode()
        assert line.startswith("ready scenario=storm seed=1 endpoints=372 first=127.")
        address = line.rpartition("first=")[2].strip()
        response = await describe(address, layout.endpoints[0].key)
        assert [one.institution for one in response.capabilities] == list(layout.endpoints[0].institutions)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), STOP_S) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_it_opens_accounts_and_a_test_bench_when_told(layout: Layout, tmp_path: Path) -> None:
    bank = next(one for one in layout.institutions if "DEDUCT" in one.can and one.province)
    row = {
        "institution": bank.index,
        "item": 1,
        "locator": "62001",
        "id_type": 1,
        "id_number": "1",
        "name": "n",
    }
    (tmp_path / "accounts.json").write_text(json.dumps([row | {"kind": "margin", "balance_fen": 500}]))
    options = ("--test-bench", "--accounts", str(tmp_path / "accounts.json"))
    arguments = ("-m", "simulator", "--port", "0", "--one-address", *options)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=PIPE)
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 3 * WAIT_S)).decode()
        async with channel_to(line.rpartition("first=")[2].strip()) as channel:
            request = test_bench_pb2.CreditRequest(institution=bank.index, locator="62001", amount_fen=7)
            metadata = ((METADATA_KEY, layout.endpoints[bank.endpoint].key),)
            stub = test_bench_pb2_grpc.TestBenchStub(channel)
            response = await stub.Credit(request, metadata=metadata, timeout=WAIT_S)
        assert response.balance_fen == 507
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), STOP_S) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_taken_port_ends_it_with_a_message(layout: Layout) -> None:
    scenario = Scenario(MIXTURES["calm"], 1, layout)
    server = InstitutionServer(layout, scenario, now_ns, 1)
    await server.start(Binding(port=0, shared_host="127.0.0.1"))
    port = next(iter(server.addresses.values())).rpartition(":")[2]
    arguments = ("-m", "simulator", "--one-address", "--port", port)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )
    try:
        stdout, stderr = await asyncio.wait_for(process.communicate(), 3 * WAIT_S)
    finally:
        await server.stop()
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, stdout) == (1, b"")
    told = stderr.decode()
    assert f"simulate: address: cannot listen on 127.0.0.1:{port}; it is in use, or" in told
    assert "--port" in told


def test_an_address_that_would_not_be_used_is_refused(app: typer.Typer) -> None:
    outcome = CliRunner().invoke(app, ["--bind", "127.0.0.1", "--print-endpoints"])
    assert outcome.exit_code == 2
    assert "--one-address" in outcome.output


@pytest.mark.parametrize("option", ["--certificate", "--key", "--client-authority"])
def test_a_file_that_holds_no_certificate_is_named_with_its_option(
    app: typer.Typer, tmp_path: Path, option: str
) -> None:
    write_set(tmp_path, [], now_ns())
    junk = tmp_path / "junk"
    junk.write_bytes(b"junk")
    files = {name: str(tmp_path / f"{file}") for name, file in TLS_FILES.items()} | {option: str(junk)}
    options = [part for pair in files.items() for part in pair]
    outcome = CliRunner(env={"COLUMNS": "400", "TERMINAL_WIDTH": "400"}).invoke(app, options)
    assert outcome.exit_code == 2
    assert f"{option}: '{junk}' given; must hold" in outcome.output


def test_the_help_has_no_type_behind_a_flag_and_no_second_name(app: typer.Typer) -> None:
    lines = CliRunner(env={"COLUMNS": "110", "TERMINAL_WIDTH": "110"}).invoke(app, ["--help"]).output
    for flag in ("--one-address", "--print-endpoints", "--test-bench"):
        (line,) = (line for line in lines.splitlines() if line.startswith(f"│ {flag}"))
        assert "<bool>" not in line
    assert "--no-" not in lines
    assert re.search(r"--scenario +NAME ", lines)


def test_the_commands_of_the_page_of_scenarios_are_understood(app: typer.Typer, layout: Layout) -> None:
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    commands = [
        line.partition("#")[0].split() for line in page.splitlines() if line.startswith("chakong simulate")
    ]
    assert len(commands) == 5
    for _, _, *options in commands:
        outcome = CliRunner().invoke(app, [*options, "--print-endpoints"])
        assert outcome.exit_code == 0, outcome.output
        assert len(json.loads(outcome.stdout)) == len(layout.endpoints)


def test_the_page_of_scenarios_has_them_all() -> None:
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert rows[: len(MIXTURES)] == list(MIXTURES)
    assert sorted(rows[len(MIXTURES) :]) == sorted(NAMES)


def test_it_prints_where_the_endpoints_are(app: typer.Typer, layout: Layout) -> None:
    outcome = CliRunner().invoke(app, ["--print-endpoints", "--port", "7000"])
    assert json.loads(outcome.stdout) == {
        endpoint.key: address_of(endpoint.index, 7000) for endpoint in layout.endpoints
    }
    shared = CliRunner().invoke(
        app, ["--print-endpoints", "--port", "7000", "--one-address", "--bind", "127.9.9.9"]
    )
    assert set(json.loads(shared.stdout).values()) == {"127.9.9.9:7000"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scenario", "sunny"], "sunny given"),
        (["--certificate", __file__], "both or neither"),
        (["--client-authority", __file__], "needs --certificate"),
        (["--seed", "-1"], "--seed"),
        (["--books", "sulky"], "sulky given"),
        (["--books-rate", "1.5"], "--books-rate"),
        (["--books-late-s", "3601"], "--books-late-s"),
        (["--accounts", __file__], "--accounts"),
    ],
)
def test_wrong_options_are_named(app: typer.Typer, options: list[str], said: str) -> None:
    outcome = CliRunner().invoke(app, options)
    assert outcome.exit_code == 2
    assert said in outcome.output
