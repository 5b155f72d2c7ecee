"""`chakong case ...` against a tracker that serves: what is shown, and how it ends."""

import asyncio
import json
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToJson
from typer.testing import CliRunner, Result

from chakong.tracker.v1 import case_pb2
from runtime.identity import Identity, Role
from tests.tracker.calling import House, open_house
from tests.tracker.world import OURS, case_number, event, registration
from tracker import command
from tracker.command import app
from tracker.rpc import figures, intake, pages

COURT_URI = Identity(Role.COURT, OURS, OURS).uri


async def called(house: House, *arguments: str, given: str = "") -> Result:
    """`chakong case ...`, in a thread of its own."""
    connection = ["--address", f"127.0.0.1:{house.port}", "--identity", COURT_URI]
    return await asyncio.to_thread(CliRunner().invoke, app, [*connection, *arguments], input=given)


def line(message: object) -> str:
    return MessageToJson(message, indent=None)  # type: ignore[arg-type]


async def test_cases_are_registered_recorded_in_and_shown(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        person = registration(2)
        person.case.subjects.add(id_type=1, id_number="110105199001011234", name="张三丰")
        file = tmp_path / "cases.jsonl"
        file.write_text("\n".join([line(registration(1)), "", line(person)]), encoding="utf-8")
        result = await called(house, "register", str(file))
        assert (result.exit_code, result.output) == (0, "2 registered, 0 there already, 0 refused\n")
        made = event("distribution", 20261105)
        made.case_number = case_number(1)
        for told in ("1 recorded, 0 there already", "0 recorded, 1 there already"):
            result = await called(house, "record", given=line(made))
            assert (result.exit_code, result.output) == (0, f"{told}, 0 refused\n")
        result = await called(house, "show", case_number(1))
        assert result.exit_code == 0
        assert "online_inquiry" in result.output
        assert "20261112" in result.output
        assert "not before" in result.output
        result = await called(house, "show", "--known-on", "20200101", case_number(1))
        assert "was registered later" in result.output
        for arguments in (("show", case_number(2)), ("show", case_number(2), "--json"), ("due",)):
            result = await called(house, *arguments)
            assert result.exit_code == 0, result.output
            assert "张三丰" not in result.output
            assert "110105199001011234" not in result.output


async def test_a_file_of_events_is_recorded_in_bulk_and_one_that_is_refused_harms_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "WORKS_PER_MESSAGE", 2)
    async with open_house(tmp_path) as house:
        await called(house, "register", given="\n".join(line(registration(number)) for number in range(4)))
        made = [event("distribution", 20261105, case_number=case_number(number)) for number in range(5)]
        file = tmp_path / "events.jsonl"
        file.write_text("\n".join(map(line, made)), encoding="utf-8")
        result = await called(house, "record", str(file))
        assert (result.exit_code, result.stdout) == (1, "4 recorded, 0 there already, 1 refused\n")
        assert result.stderr == "line 5: case_number: there is no such case\n"
        calls = house.alone.service.calls.calls
        assert calls["RecordEvents"] == 1
        assert "RecordEvent" not in calls


async def test_a_refusal_names_the_line_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "WORKS_PER_MESSAGE", 2)
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        unknown = event("distribution", 20261105, case_number=case_number(2))
        # What Python takes for the end of a line stands within a text, and only there is it refused.
        known = event("distribution", 20261105, case_number=case_number(1), basis="a\u2028b")
        lines = [
            "",
            line(unknown),
            "  ",
            "",
            line(known).replace("\\u2028", "\u2028"),
            line(unknown),
            "",
            line(unknown),
        ]
        result = await called(house, "record", given="\r\n".join(lines))
        refused = [one.split(":")[0] for one in result.stderr.splitlines()]
        assert refused == ["line 2", "line 5", "line 6", "line 8"]
        result = await called(house, "record", given="\n\nnonsense\n")
        assert "line 3 cannot be read" in result.stderr


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ('{"kind": 1', ": no JSON at character 11, Expecting ',' delimiter"),
        ('{"caseNo": "曹明"}', ': no field named "caseNo"'),
        ('{"kind": {"曹明": 1}}', ": Failed to parse kind field"),
        ('{"kind": 1, "kind": 2}', ""),
    ],
)
async def test_a_line_that_cannot_be_read_is_told_with_the_reason_and_no_value(
    tmp_path: Path, given: str, why: str
) -> None:
    async with open_house(tmp_path) as house:
        result = await called(house, "record", given=given)
    assert result.stderr == f"chakong: -: line 1 cannot be read as chakong.tracker.v1.Event{why}\n"


async def test_a_file_that_is_no_text_is_named_and_a_mark_before_the_first_line_passed_over(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path) as house:
        file = tmp_path / "cases.jsonl"
        file.write_bytes(line(registration(1)).encode("utf-16"))
        result = await called(house, "register", str(file))
        assert (result.exit_code, "is no text in UTF-8" in result.stderr) == (2, True)
        file.write_text(line(registration(1)), encoding="utf-8-sig")
        assert (await called(house, "register", str(file))).exit_code == 0


async def test_the_lines_of_a_message_that_is_refused_whole_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "WORKS_PER_MESSAGE", 2)
    async with open_house(tmp_path) as house:
        cases = [line(registration(number)) for number in range(3)]
        monkeypatch.setattr(intake, "WORKS_MAX", 1)
        result = await called(house, "register", given="\n\n".join(cases))
        assert result.exit_code == 1
        assert "lines 1 to 3: registrations: must be at most 1, 2 given" in result.stderr


async def test_inquiries_are_shown_with_how_many_there_are_and_until_when_they_are_fresh(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        detail = case_pb2.Detail(inquiry="7", is_full=True, items=[1])
        made = event("online_inquiry", 20261105, detail=detail, case_number=case_number(1))
        assert (await called(house, "record", given=line(made))).exit_code == 0
        shown = (await called(house, "show", case_number(1))).output
        assert "open, 1 made" in shown
        assert "fresh until 20270205" in shown


async def test_a_case_in_pages_is_shown_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_BYTES_MAX", 1_000)
    async with open_house(tmp_path) as house:
        assert (await house.call("RegisterCase", registration(1))).next_page_token
        shown = json.loads((await called(house, "show", case_number(1), "--json")).output)
        assert [one["event_id"] for one in shown["history"]] == ["application_received", "filing"]
        assert {one["number"] for one in shown["nodes"]} >= {1, 2, 3, 31}
        assert "next_page_token" not in shown


async def test_what_is_due_is_listed(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        result = await called(house, "due", "--node", "2", "--json")
        (row,) = [json.loads(one) for one in result.output.splitlines()]
        assert (row["number"], row["due"]) == (2, 20261110)
        assert case_number(1) in (await called(house, "due", "--urgency", "overdue")).output
        assert (await called(house, "due", "--urgency", "soon")).exit_code == 2
        assert case_number(1) not in (await called(house, "due", "--handler", "nobody")).output


async def test_an_ending_that_is_not_ripe_ends_with_one(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        result = await called(house, "check", case_number(1))
        assert result.exit_code == 1
        assert "missing" in result.output


async def test_statistics_are_shown_with_and_without_small_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        assert "basic" in (await called(house, "statistics")).output
        assert "few" in (await called(house, "statistics", "--public")).output
        rows = (await called(house, "statistics", "--json")).output.splitlines()
        assert {json.loads(row)["node"] for row in rows} >= {1, 2, 3, 31}
        monkeypatch.setattr(figures, "FIGURES_DEFAULT", 1)
        assert (await called(house, "statistics", "--json")).output.splitlines() == rows


async def test_what_is_refused_ends_the_command(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        wrong = registration(1)
        wrong.events[1].kind = "nonsense"
        result = await called(house, "register", given=line(wrong))
        assert result.exit_code == 1
        assert "line 1: UNKNOWN_KIND" in result.stderr
        assert (await called(house, "show", "x")).exit_code == 1
        result = await called(house, "register", given='{"case": {"no_such_field": "张三丰"}}')
        assert result.exit_code == 2
        assert "张三丰" not in result.output + result.stderr
        assert (await called(house, "register", "/no/such/file")).exit_code == 2
