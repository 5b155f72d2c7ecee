"""The commands of holds, against a gateway that serves: what is shown, and how it ends."""

import asyncio
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.client.holds import app, reconcile
from gateway.edge import holding
from runtime.cli import app as chakong
from runtime.identity import Identity, Role
from runtime.options import Command
from tests.gateway.edge.banking import Office, open_office
from tests.gateway.holds.world import CASE, COURT, bank_indexes, person

COURT_URI = Identity(Role.COURT, COURT, COURT).uri
OPERATOR_URI = Identity(Role.OPERATOR, "", "me").uri


async def called(office: Office, *arguments: str, identity: str = COURT_URI) -> Result:
    """`chakong holds ...`, in a thread of its own."""
    connection = ["--address", f"127.0.0.1:{office.port}", "--identity", identity]
    return await asyncio.to_thread(CliRunner().invoke, app, [*connection, *arguments])


async def compared(office: Office, *arguments: str) -> Result:
    """`chakong reconcile ...`"""
    command = typer.Typer(add_completion=False)
    command.command(cls=Command)(reconcile)
    connection = ["--address", f"127.0.0.1:{office.port}", "--identity", OPERATOR_URI]
    return await asyncio.to_thread(CliRunner().invoke, command, [*connection, *arguments])


async def one_hold(office: Office) -> int:
    await office.claim(1_000_00)
    account = office.branches[0].bank.open(bank_indexes()[0], "6222", 700_00)
    receipt = await office.freeze(office.order("f1", account, 1_000_00))
    await office.until_effective(receipt.hold_id)
    return int(receipt.hold_id)


async def test_holds_are_listed_without_names_and_numbers(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        hold_id = await one_hold(office)
        listed = await called(office, "list")
        assert listed.exit_code == 0, listed.output
        assert "effective" in listed.output
        assert "700.00" in listed.output
        as_json = (("list", "--json"), ("claims", "--json"), ("show", str(hold_id)))
        others = [await called(office, *arguments) for arguments in (("claims",), *as_json)]
        for result in (listed, *others):
            assert result.exit_code == 0
            assert person().name not in result.output
            assert person().id_number not in result.output
        assert CASE not in (await called(office, "list", "--case", "another")).output


async def test_objects_come_a_line_each(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        hold_id = await one_hold(office)
        (line,) = (await called(office, "list", "--json")).output.splitlines()
        assert int(json.loads(line)["hold_id"]) == hold_id
        (line,) = (await called(office, "claims", "--json", "--state", "short")).output.splitlines()
        assert json.loads(line)["claim"]["claim_id"] == "c1"
        assert (await called(office, "claims", "--json", "--state", "met")).output == ""
        shown = json.loads((await called(office, "show", str(hold_id))).output)
        assert [control["outcome"] for control in shown["controls"]] == ["CONTROL_OUTCOME_DONE"]


async def test_more_than_a_page_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "PAGE_BYTES_MAX", 1)
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        for number in range(3):
            account = office.branches[0].bank.open(bank_indexes()[0], f"622{number}", 1)
            await office.freeze(office.order(f"f{number}", account, 1, available_fen=1))
        assert len((await called(office, "list", "--json")).output.splitlines()) == 3


async def test_what_is_refused_ends_the_command(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        shown = await called(office, "show", "77")
        assert shown.exit_code == 1
        assert "NOT_FOUND" in shown.output
        refused = await called(office, "list", identity=OPERATOR_URI)
        assert refused.exit_code == 1
        assert "PERMISSION_DENIED" in refused.output
        wrong = await called(office, "claims", "--state", "happy")
        assert wrong.exit_code == 2


async def test_reconcile_ends_with_one_when_books_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "SECOND_LOOK_S", 0.0)
    async with open_office(tmp_path) as office:
        hold_id = await one_hold(office)
        equal = await compared(office)
        assert (equal.exit_code, equal.output) == (0, "1 institution, 1 hold, no difference\n")
        office.branches[0].bank.holds[hold_id][0].until += 1
        differs = await compared(office, str(bank_indexes()[0]))
        assert differs.exit_code == 1
        assert "effective_until" in differs.output
        assert "1 institution, 1 hold, 1 difference" in differs.output


def test_both_are_commands_of_chakong() -> None:
    for name in ("holds", "reconcile"):
        shown = CliRunner().invoke(chakong, [name, "--help"])
        assert shown.exit_code == 0
        assert "--address" in shown.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--expiring", "-3"],
        ["list", "--expiring", "99999999999"],
        ["list", "--idle", "-3"],
        ["list", "--institution", "-1"],
        ["list", "--institution", "99999999999"],
        ["show", "0"],
        ["show", "9" * 23],
    ],
)
def test_a_number_out_of_range_is_told_with_the_range(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "Input should be" in result.output
